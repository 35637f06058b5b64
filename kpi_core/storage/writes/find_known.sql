-- Leads of the batch of which something stands, and whether all of it is in one row of
-- `lead_rows`; and such rows that stand with all they say, as a hash.
create or replace temp table known_leads as
select lead_id, count(*) = 1 and max(is_event) = 0 as in_one_row
from (
    select lead_id, 0 as is_event from lead_rows
    where standing <> 0 and lead_id in (select lead_id from batch_leads)
    union all
    select lead_id, 1 from event_rows
    where stands and lead_id in (select lead_id from batch_leads)
) k
group by lead_id;

create or replace temp table known_rows as
select
    lead_id,
    hash(
        channel, campaign, owner, account, lead_at, marketing_qualified_at, sales_qualified_at,
        opportunity_at, won_at, lost_at, renewed_at, churned_at, undated, amount, amount_stages,
        quality, quality_stages
    ) as content
from lead_rows
where standing <> 0
  and standing = stages_said(
    lead_at, marketing_qualified_at, sales_qualified_at, opportunity_at, won_at, lost_at,
    renewed_at, churned_at, undated
)
  and lead_id in (select lead_id from known_leads where in_one_row);
