-- Events of the import that are dated before, or after, one of the same lead that the funnel has
-- the other way about. Days are compared: two on one day do not contradict.
-- Of leads that have one row in a file of leads and no other, another script tells.
create or replace temp table told_events as
select lead_id, stage, occurred_at, line from standing_events
union all
select lead_id, stage, occurred_at, line
from event_rows
where import_id = $import_id
  and stands
  and lead_id not in (select lead_id from open_leads);

create or replace temp table contradictory_leads as
with days as (
    select e.lead_id, cast(e.occurred_at as date) as day, s.place
    from told_events e
    join stages s on s.stage = e.stage
    where e.occurred_at is not null
)
select lead_id
from days
group by lead_id
having min(case when place >= 1 then day end) < max(case when place < 1 then day end)
    or min(case when place >= 2 then day end) < max(case when place < 2 then day end)
    or min(case when place >= 3 then day end) < max(case when place < 3 then day end)
    or min(case when place >= 4 then day end) < max(case when place < 4 then day end)
    or min(case when place >= 5 then day end) < max(case when place < 5 then day end);

insert into import_issues
with dated as (
    select e.lead_id, e.stage, cast(e.occurred_at as date) as day, s.place, e.line
    from told_events e
    join stages s on s.stage = e.stage
    where e.occurred_at is not null
      and e.lead_id in (select lead_id from contradictory_leads)
),
pairs as (
    select
        l.lead_id, l.stage, l.day, l.line,
        e.stage as earlier_stage, e.day as earlier_day, e.line as earlier_line,
        row_number() over (
            partition by l.lead_id, l.stage
            order by coalesce(l.line, e.line) nulls last, e.day desc, e.place, e.stage
        ) as place
    from dated l
    join dated e on e.lead_id = l.lead_id and e.place < l.place and e.day > l.day
)
select
    $import_id,
    'before_earlier_stage',
    coalesce(line, earlier_line),
    case when line is not null then stage else earlier_stage end,
    cast(day as varchar) || ' < ' || cast(earlier_day as varchar),
    'flagged'
from pairs
where place = 1
  and coalesce(line, earlier_line) is not null;
