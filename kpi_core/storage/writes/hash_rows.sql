-- The rows of a file of leads, with all that each says of its lead as a hash.
create or replace temp view batch_contents as
select
    *,
    hash(
        channel, campaign, owner, account, lead_at, marketing_qualified_at, sales_qualified_at,
        opportunity_at, won_at, lost_at, renewed_at, churned_at, undated, amount, amount_stages,
        quality, quality_stages
    ) as content
from batch_lead_rows;
