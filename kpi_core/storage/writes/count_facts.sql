-- How many facts the import states of each stage and activity on each day, and how many of them
-- stand; and how many of older imports no longer do.
create or replace temp table import_cells as
select
    stage, activity, cast(occurred_at as date) as day, min(occurred_at) as earliest,
    count(*) as said, sum(case when stands then 1 else 0 end) as standing
from events
where import_id = $import_id
group by stage, activity, cast(occurred_at as date);

create or replace temp table lost_cells as
select stage, activity, day, count(*) as facts
from (
    select stage, activity, cast(occurred_at as date) as day from lost_events
    union all
    select stage, null, cast(occurred_at as date) from events_of('paired_rows') where stands
) l
group by stage, activity, day;
