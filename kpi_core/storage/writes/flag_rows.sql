-- Dates of the import's rows of leads that lie before one of an earlier stage of the same row, of
-- leads of which nothing else stands. Days are compared: two on one day do not contradict.
create or replace temp table contradictory_rows as
with days as (
    select
        line, cast(lead_at as date) as d0, cast(marketing_qualified_at as date) as d1,
        cast(sales_qualified_at as date) as d2, cast(opportunity_at as date) as d3,
        cast(won_at as date) as d4, cast(lost_at as date) as d5, cast(renewed_at as date) as d6,
        cast(churned_at as date) as d7
    from numbered_rows
    where lead_id not in (select lead_id from open_leads)
),
earlier as (
    select
        d.*, d0 as e1, greatest(d0, d1) as e2, greatest(d0, d1, d2) as e3,
        greatest(d0, d1, d2, d3) as e4, greatest(d0, d1, d2, d3, d4, d5) as e6
    from days d
)
select *
from earlier
where d1 < e1 or d2 < e2 or d3 < e3 or d4 < e4 or d5 < e4 or d6 < e6 or d7 < e6;

insert into import_issues
with found as (
    select line, 'marketing_qualified' as stage, d1 as day, e1 as earlier_day
    from contradictory_rows where d1 < e1
    union all
    select line, 'sales_qualified', d2, e2 from contradictory_rows where d2 < e2
    union all
    select line, 'opportunity', d3, e3 from contradictory_rows where d3 < e3
    union all
    select line, 'won', d4, e4 from contradictory_rows where d4 < e4
    union all
    select line, 'lost', d5, e4 from contradictory_rows where d5 < e4
    union all
    select line, 'renewed', d6, e6 from contradictory_rows where d6 < e6
    union all
    select line, 'churned', d7, e6 from contradictory_rows where d7 < e6
)
select
    $import_id, 'before_earlier_stage', line, stage,
    cast(day as varchar) || ' < ' || cast(earlier_day as varchar), 'flagged'
from found;
