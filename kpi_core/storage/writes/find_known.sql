-- Leads of the batch of which something stands: whether all of it is in one row of `lead_rows`,
-- and then, where all that this row says stands, what it says, as a hash.
create or replace temp table known_leads as
select
    lead_id, count(*) = 1 and not bool_or(is_event) as in_one_row, max(content) as content
from (
    select
        lead_id, false as is_event,
        case
            when standing = stages_said(
                lead_at, marketing_qualified_at, sales_qualified_at, opportunity_at, won_at,
                lost_at, renewed_at, churned_at, undated
            )
            then hash(
                channel, campaign, owner, account, lead_at, marketing_qualified_at,
                sales_qualified_at, opportunity_at, won_at, lost_at, renewed_at, churned_at,
                undated, amount, amount_stages, quality, quality_stages
            )
        end as content
    from lead_rows
    where standing <> 0 and lead_id in (select lead_id from batch_leads where not is_new)
    union all
    select lead_id, true, null
    from event_rows
    where stands and lead_id in (select lead_id from batch_leads where not is_new)
) k
group by lead_id;
