-- What an import says against what stood before: facts new, changed and unchanged, attributes that
-- differ, undated stages, leads unknown so far and leads of which nothing stands any more, and its
-- newest fact that is not in the future. Every fact of the import that stands is new, and every
-- other unchanged, but for those of open leads and of paired rows, which have been compared one by
-- one. A stage taken back of which nothing stood is no fact.
with parts as (
    select
        standing as new, 0 as changed, said - standing as unchanged,
        case when stage is not null and day is null then said else 0 end as undated
    from import_cells
    union all
    select
        0, 0, -1,
        case when stage is not null and occurred_at is null and not withdrawn then -1 else 0 end
    from said_events
    union all
    select
        case when news = 'new' then 1 else 0 end - case when stands then 1 else 0 end,
        case when news = 'changed' then 1 else 0 end,
        case when news = 'unchanged' and not withdrawn then 1 else 0 end
            + case when stands then 1 else 0 end,
        case when stage is not null and occurred_at is null and not withdrawn then 1 else 0 end
    from incoming_events
    union all
    select
        bit_count(added) - bit_count(said), bit_count(moved),
        bit_count(said) - bit_count(added) - bit_count(moved), 0
    from paired_rows
    union all
    select
        case when news = 'new' then 1 else 0 end, case when news = 'changed' then 1 else 0 end,
        case when news = 'unchanged' then 1 else 0 end, 0
    from incoming_numbers
),
facts as (
    select
        coalesce(sum(new), 0) as new, coalesce(sum(changed), 0) as changed,
        coalesce(sum(unchanged), 0) as unchanged, coalesce(sum(undated), 0) as undated
    from parts
),
new_leads as (
    select count(*) as leads
    from lead_rows
    where import_id = $import_id
      and standing <> 0
      and lead_id not in (select lead_id from open_leads)
    union all
    select -count(*) from paired_rows
    union all
    select count(*)
    from batch_leads
    where has_events
      and lead_id not in (select lead_id from known_leads)
      and lead_id not in (select lead_id from open_leads)
    union all
    select count(distinct lead_id)
    from standing_events
    where lead_id not in (select lead_id from known_events)
),
lost_leads as (
    select count(distinct lead_id) as leads
    from known_events
    where lead_id not in (select lead_id from standing_events)
),
days as (
    select day from import_cells where earliest <= $now
    union all
    select day from incoming_numbers where day <= cast($now as date)
)
select
    new, changed, unchanged,
    (select count(*) from incoming_attributes where news <> 'unchanged'),
    undated,
    (select sum(leads) from new_leads),
    (select leads from lost_leads),
    (select max(day) from days)
from facts;
