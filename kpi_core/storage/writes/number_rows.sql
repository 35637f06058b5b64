-- The rows of a file of leads with the numbers of their leads; and the leads that have several.
create or replace temp view numbered_rows as
select b.*, l.lead_id
from batch_lead_rows b
join batch_leads l on l.lead = b.lead;

create or replace temp table repeated_leads as
select lead
from batch_lead_rows
group by lead
having count(*) > 1;
