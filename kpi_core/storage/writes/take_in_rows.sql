-- The rows of a file of leads, as they came, but for the echoes. One of a new lead stands.
-- Until it is decided, one of a lead of which all that stands is in one row is marked -2, and
-- those of all others -1.
insert into lead_rows
select
    $import_id, b.line, $source, b.lead_id, b.channel, b.campaign, b.owner, b.account, b.lead_at,
    b.marketing_qualified_at, b.sales_qualified_at, b.opportunity_at, b.won_at, b.lost_at,
    b.renewed_at, b.churned_at, b.undated, b.amount, b.amount_stages, b.quality, b.quality_stages,
    case
        when r.lead_id is not null or o.has_events then -1
        when k.in_one_row then -2
        when k.lead_id is not null then -1
        else stages_said(
            b.lead_at, b.marketing_qualified_at, b.sales_qualified_at, b.opportunity_at, b.won_at,
            b.lost_at, b.renewed_at, b.churned_at, b.undated
        )
    end,
    null
from numbered_rows b
join other_leads o on o.lead_id = b.lead_id
left join repeated_leads r on r.lead_id = b.lead_id
left join known_leads k on k.lead_id = b.lead_id;
