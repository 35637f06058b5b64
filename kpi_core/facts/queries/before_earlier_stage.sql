-- Dates that imports state, or contradicts, where the funnel has the stages the other way about:
-- one for each lead and stage, at the line of its import. Days are compared: two on one day do not
-- contradict. Reads current_rows, new_events and stages; `imports` are their numbers, `inversions`
-- compares the days on both sides of each position of the funnel.
with contradictory as (
    select c.key
    from current_rows c
    join stages s on s.stage = c.stage
    where c.side = 1 and c.occurred_at is not null and s.kind <> 'activity'
    group by c.key
    having {inversions}
),
dated as (
    select c.key, s.name as stage, s.position, cast(c.occurred_at as date) as day, c.stage as number
    from current_rows c
    join contradictory a on a.key = c.key
    join stages s on s.stage = c.stage
    where c.side = 1 and c.occurred_at is not null and s.kind <> 'activity'
),
lines as (
    select n.import_id, n.key, n.stage, min(n.line) as line
    from new_events n
    join contradictory c on c.key = n.key
    where n.import_id in ({imports}) and not n.withdrawn
    group by n.import_id, n.key, n.stage
),
of_leads as (
    select d.key, d.stage, d.position, d.day, l.import_id, l.line
    from dated d
    left join lines l on l.key = d.key and l.stage = d.number
),
pairs as (
    select
        a.stage, a.day, a.line, b.stage as earlier_stage, b.day as earlier_day,
        b.line as earlier_line, coalesce(a.import_id, b.import_id) as import_id,
        row_number() over (
            partition by a.key, a.stage
            order by
                coalesce(a.line, b.line) nulls last, b.day desc, b.position, b.stage, a.day, b.line
        ) as place
    from of_leads a
    join of_leads b on b.key = a.key and b.position < a.position and b.day > a.day
)
select
    import_id,
    coalesce(line, earlier_line) as line,
    case when line is not null then stage else earlier_stage end as stage,
    cast(day as varchar) || ' < ' || cast(earlier_day as varchar) as days
from pairs
where place = 1 and coalesce(line, earlier_line) is not null
order by 2, 3
