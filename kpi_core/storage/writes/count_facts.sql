-- How many facts the import states of each stage and activity on each day, and how many of them
-- stand; and how many of older imports no longer do. Of rows of leads of which nothing was known
-- all stand.
create or replace temp view told_rows as
select
    cast(null as integer) as import_id, cast(null as varchar) as source,
    cast(null as bigint) as lead_id, b.*, 0 as standing, cast(null as varchar) as inherited
from batch_lead_rows b;

create or replace temp table import_cells as
select
    stage, activity, cast(occurred_at as date) as day, min(occurred_at) as earliest,
    sum(said) as said, sum(standing) as standing
from (
    select
        stage, cast(null as varchar) as activity, occurred_at, 1 as said,
        case when $all_new then 1 else 0 end as standing
    from events_of('told_rows')
    union all
    select stage, null, occurred_at, 0, 1
    from events_of('lead_rows')
    where import_id = $import_id and stands and not $all_new
    union all
    select stage, activity, occurred_at, 1, case when stands then 1 else 0 end
    from event_rows
    where import_id = $import_id
) f
group by stage, activity, cast(occurred_at as date);

create or replace temp table lost_cells as
select stage, activity, day, count(*) as facts
from (
    select stage, activity, cast(occurred_at as date) as day from lost_events
    union all
    select stage, null, cast(occurred_at as date) from events_of('paired_rows') where stands
) l
group by stage, activity, day;
