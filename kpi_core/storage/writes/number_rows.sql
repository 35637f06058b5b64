-- The rows of a file of leads with the numbers of their leads; and the leads that have several.
create or replace temp view numbered_rows as
select b.*, l.lead_id
from batch_lead_rows b
join batch_leads l on l.lead = b.lead;

create or replace temp table row_contents as
select b.line, l.lead_id, b.content
from batch_contents b
join batch_leads l on l.lead = b.lead;

create or replace temp table repeated_leads as
select lead_id
from row_contents
group by lead_id
having count(*) > 1;
