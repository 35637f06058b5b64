-- How many facts an import states that nothing was known of, and how many of them are current.
-- A fact is a stage of a lead, one renewal or one activity. Reads new_events, current_rows and
-- stages.
with stated as (
    select distinct
        e.key, e.stage,
        case when s.kind in ('repeating', 'activity')
            then coalesce(e.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment
    from new_events e
    join stages s on s.stage = e.stage
    where not e.withdrawn and e.import_id = $import_id
)
select count(*) as stated, count(c.key) as new
from stated f
left join (
    select
        r.key, r.stage,
        case when s.kind in ('repeating', 'activity')
            then coalesce(r.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment
    from current_rows r
    join stages s on s.stage = r.stage
    where r.side = 1
) c on c.key = f.key and c.stage = f.stage and c.moment = f.moment
