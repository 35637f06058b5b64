-- What stands per month before and after the import, of all that it says or changes.
insert into import_months
with changes as (
    select stage, activity, day, standing as change from import_cells
    union all
    select stage, activity, day, -facts from lost_cells
    union all
    select stage, null, day,
        case when news = 'unchanged' then 0 else value - coalesce(known_value, 0) end
    from incoming_numbers where stage is not null
),
changed as (
    select
        stage, activity, cast(date_trunc('month', day) as date) as month, sum(change) as change
    from changes
    where day is not null
    group by stage, activity, cast(date_trunc('month', day) as date)
),
rolled_up as (
    select t.stage, cast(date_trunc('month', r.day) as date) as month, sum(r.value) as value
    from rollup r
    join tallies t on t.tally = r.tally
    where t.kind = 'reached'
      and t.source is null
      and t.lead_conditions = 0
      and not (t.on_channel or t.on_campaign or t.on_owner or t.on_account)
    group by t.stage, cast(date_trunc('month', r.day) as date)
),
active as (
    select
        activity, cast(date_trunc('month', occurred_at) as date) as month, count(*) as value
    from event_rows
    where stands and activity in (select activity from import_cells)
    group by activity, cast(date_trunc('month', occurred_at) as date)
),
measured as (
    select measure, cast(date_trunc('month', day) as date) as month,
        sum(case when is_before then value end) as before,
        sum(case when is_after then value end) as after
    from (
        select k.measure, k.day, k.value, true as is_before, i.day is null as is_after
        from kept_numbers k
        left join incoming_numbers i
            on i.news = 'changed'
            and k.source = $source
            and i.day = k.day
            and i.measure = k.measure
            and i.channel is not distinct from k.channel
        union all
        select measure, day, value, false, true from incoming_numbers where news <> 'unchanged'
    ) n
    where measure in (select measure from incoming_numbers)
    group by measure, cast(date_trunc('month', day) as date)
)
select
    $import_id, c.stage, c.month, coalesce(r.value, 0), coalesce(r.value, 0) + c.change
from changed c
left join rolled_up r on r.stage = c.stage and r.month = c.month
where c.stage is not null
union all
select $import_id, c.activity, c.month, coalesce(a.value, 0) - c.change, coalesce(a.value, 0)
from changed c
left join active a on a.activity = c.activity and a.month = c.month
where c.activity is not null
union all
select $import_id, measure, month, coalesce(before, 0), coalesce(after, 0)
from measured
where (measure, month) in (
    select measure, cast(date_trunc('month', day) as date) from incoming_numbers
);
