-- Rows of the import that state anew all that stands of a lead, which is in one row: the new row
-- stands in the place of the `old` one. `moved` are the stages of which it says something else,
-- `added` those that did not stand. An undated stage does not state anew one with a date.
create or replace temp table paired_rows as
with pairs as (
    select
        o.*, n.line as new_line, n.undated as new_undated, n.amount as new_amount,
        n.quality as new_quality,
        stages_said(
            n.lead_at, n.marketing_qualified_at, n.sales_qualified_at, n.opportunity_at, n.won_at,
            n.lost_at, n.renewed_at, n.churned_at, 0
        ) as new_dated,
        stages_said(
            o.lead_at, o.marketing_qualified_at, o.sales_qualified_at, o.opportunity_at, o.won_at,
            o.lost_at, o.renewed_at, o.churned_at, 0
        ) & o.standing as old_dated,
        n.channel is not distinct from o.channel
            and n.campaign is not distinct from o.campaign
            and n.owner is not distinct from o.owner
            and n.account is not distinct from o.account as is_alike,
        case when n.lead_at is not distinct from o.lead_at then 0 else 1 end
            | case
                when n.marketing_qualified_at is not distinct from o.marketing_qualified_at then 0
                else 2
            end
            | case
                when n.sales_qualified_at is not distinct from o.sales_qualified_at then 0 else 4
            end
            | case when n.opportunity_at is not distinct from o.opportunity_at then 0 else 8 end
            | case when n.won_at is not distinct from o.won_at then 0 else 16 end
            | case when n.lost_at is not distinct from o.lost_at then 0 else 32 end
            | case when n.renewed_at is not distinct from o.renewed_at then 0 else 64 end
            | case when n.churned_at is not distinct from o.churned_at then 0 else 128 end
            as otherwise_dated,
        case when n.amount is null then 0 else n.amount_stages end as new_amounts,
        case when o.amount is null then 0 else o.amount_stages end as old_amounts,
        case when n.quality is null then 0 else n.quality_stages end as new_qualities,
        case when o.quality is null then 0 else o.quality_stages end as old_qualities
    from lead_rows n
    join lead_rows o
        on o.lead_id = n.lead_id and o.import_id <> $import_id and o.standing > 0
    where n.import_id = $import_id and n.standing = -2
),
compared as (
    select
        p.*, new_dated | new_undated as said,
        otherwise_dated
            | xor(new_amounts, old_amounts)
            | xor(new_qualities, old_qualities)
            | case when is_alike then 0 else 255 end
            | case
                when new_amount is not distinct from amount then 0 else new_amounts | old_amounts
            end
            | case
                when new_quality is not distinct from quality then 0
                else new_qualities | old_qualities
            end as otherwise
    from pairs p
)
select c.*, said & standing & otherwise as moved, said & ~standing as added
from compared c
where (standing & ~said) = 0 and (old_dated & ~new_dated) = 0;

update lead_rows
set standing = p.said
from paired_rows p
where lead_rows.import_id = $import_id and lead_rows.line = p.new_line;

update lead_rows
set standing = 0
from paired_rows p
where lead_rows.import_id = p.import_id and lead_rows.line = p.line;
