-- What an import says against what stood before: facts new, changed and unchanged, attributes that
-- differ, undated stages, leads unknown so far and leads of which nothing stands any more, and its
-- newest fact that is not in the future. Of leads that are neither open nor have paired rows every
-- fact of the import that stands is new, and every other unchanged. A stage taken back of which
-- nothing stood is no fact.
with cells as (
    select
        sum(said) as said, sum(standing) as standing,
        sum(case when stage is not null and day is null then said end) as undated
    from import_cells
),
opened as (
    select
        count(*) as said,
        count(case when stage is not null and occurred_at is null and not withdrawn then 1 end)
            as undated
    from said_events
),
compared as (
    select
        count(case when stands then 1 end) as standing,
        count(case when news = 'new' then 1 end) as new_facts,
        count(case when news = 'changed' then 1 end) as changed,
        count(case when news = 'unchanged' and not withdrawn then 1 end) as unchanged,
        count(case when stage is not null and occurred_at is null and not withdrawn then 1 end)
            as undated
    from incoming_events
),
paired as (
    select
        count(*) as leads,
        coalesce(sum(bit_count(said)), 0) as said,
        coalesce(sum(bit_count(added)), 0) as new_facts,
        coalesce(sum(bit_count(moved)), 0) as changed
    from paired_rows
),
numbers as (
    select
        count(case when news = 'new' then 1 end) as new_facts,
        count(case when news = 'changed' then 1 end) as changed,
        count(case when news = 'unchanged' then 1 end) as unchanged
    from incoming_numbers
),
days as (
    select day from import_cells where earliest <= $now
    union all
    select day from incoming_numbers where day <= cast($now as date)
),
leads_before as (
    select count(distinct lead_id) as leads from known_events
),
leads_after as (
    select count(distinct lead_id) as leads from standing_events
),
still_known as (
    select count(distinct lead_id) as leads
    from standing_events where lead_id in (select lead_id from known_events)
),
fresh as (
    select count(*) as leads
    from lead_rows
    where import_id = $import_id
      and standing <> 0
      and lead_id not in (select lead_id from open_leads)
    union all
    select -leads from paired
    union all
    select count(*)
    from batch_leads
    where has_events
      and lead_id not in (select lead_id from known_leads)
      and lead_id not in (select lead_id from open_leads)
)
select
    coalesce(e.standing, 0) - c.standing - p.said + c.new_facts + p.new_facts + n.new_facts,
    c.changed + p.changed + n.changed,
    coalesce(e.said, 0) - o.said - (coalesce(e.standing, 0) - c.standing)
        + c.unchanged + p.said - p.new_facts - p.changed + n.unchanged,
    (select count(*) from incoming_attributes where news <> 'unchanged'),
    coalesce(e.undated, 0) - o.undated + c.undated,
    (select sum(leads) from fresh) + a.leads - s.leads,
    b.leads - s.leads,
    (select max(day) from days)
from cells e
cross join opened o
cross join compared c
cross join paired p
cross join numbers n
cross join leads_before b
cross join leads_after a
cross join still_known s;
