-- The rows of a file of leads of which nothing was known, one for each: all of them stand.
insert into lead_rows
select
    $import_id, line, $source, lead_id, channel, campaign, owner, account, lead_at,
    marketing_qualified_at, sales_qualified_at, opportunity_at, won_at, lost_at, renewed_at,
    churned_at, undated, amount, amount_stages, quality, quality_stages,
    stages_said(
        lead_at, marketing_qualified_at, sales_qualified_at, opportunity_at, won_at, lost_at,
        renewed_at, churned_at, undated
    ),
    null
from numbered_rows;
