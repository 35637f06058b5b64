-- The rows of a file of leads with the numbers of their leads, and what each says, as a hash; and
-- the leads that have several.
create or replace temp view numbered_rows as
select b.*, l.lead_id
from batch_lead_rows b
join batch_leads l on l.lead = b.lead;

create or replace temp table row_contents as
select
    line, lead_id,
    hash(
        channel, campaign, owner, account, lead_at, marketing_qualified_at, sales_qualified_at,
        opportunity_at, won_at, lost_at, renewed_at, churned_at, undated, amount, amount_stages,
        quality, quality_stages
    ) as content
from numbered_rows;

create or replace temp table repeated_leads as
select lead_id
from row_contents
group by lead_id
having count(*) > 1;
