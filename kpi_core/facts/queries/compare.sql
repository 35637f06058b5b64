-- How many facts each of the imports states that are new, changed and unchanged, and how many are
-- undated: one row for each that states any. Of the leads that are touched. A fact is a stage of a
-- lead, one renewal or one activity. Reads new_events, touched, current_rows and stages; `imports`
-- are their numbers.
with stated as (
    select
        e.import_id, e.key, e.stage,
        case when s.kind in ('repeating', 'activity')
            then coalesce(e.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment,
        max(case when e.occurred_at is null then 1 else 0 end) as undated
    from new_events e
    join touched t on t.key = e.key
    join stages s on s.stage = e.stage
    where not e.withdrawn and e.import_id in ({imports})
    group by
        e.import_id, e.key, e.stage,
        case when s.kind in ('repeating', 'activity')
            then coalesce(e.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end
),
resolved_facts as (
    select
        c.side, c.key, c.stage, c.occurred_at, c.amount, c.quality,
        case when s.kind in ('repeating', 'activity')
            then coalesce(c.occurred_at, timestamp '1900-01-01 00:00:00')
            else timestamp '1900-01-01 00:00:00'
        end as moment
    from current_rows c
    join stages s on s.stage = c.stage
),
judged as (
    select
        f.import_id, f.undated,
        case
            when b.key is null and a.key is null then 'unchanged'
            when b.key is null then 'new'
            when a.key is null then 'changed'
            when a.occurred_at is distinct from b.occurred_at
                or a.amount is distinct from b.amount
                or a.quality is distinct from b.quality then 'changed'
            else 'unchanged'
        end as news
    from stated f
    left join resolved_facts b
        on b.side = 0 and b.key = f.key and b.stage = f.stage and b.moment = f.moment
    left join resolved_facts a
        on a.side = 1 and a.key = f.key and a.stage = f.stage and a.moment = f.moment
)
select
    import_id,
    sum(case when news = 'new' then 1 else 0 end) as new,
    sum(case when news = 'changed' then 1 else 0 end) as changed,
    sum(case when news = 'unchanged' then 1 else 0 end) as unchanged,
    sum(undated) as undated
from judged
group by import_id
