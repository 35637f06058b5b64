-- The numbers that are current: of each source, stage or measure, day and breakdown the newest.
-- One that was broken down by other columns is replaced, unless the newer import adds to it.
-- Reads said_numbers and imports.
with said as (
    select
        n.side, n.source, n.is_stage, n.name, n.day, n.channel, n.value, n.line,
        i.sequence, i.breakdown, i.adds
    from said_numbers n
    join imports i on i.import_id = n.import_id
),
ranked as (
    select
        *,
        row_number() over (
            partition by side, source, is_stage, name, day, breakdown, channel
            order by sequence desc, line
        ) as place
    from said
),
newest as (
    select * from ranked where place = 1
)
select a.side, a.source, a.is_stage, a.name, a.day, a.channel, a.value
from newest a
where not exists (
    select 1
    from newest b
    where b.side = a.side
      and b.source = a.source
      and b.is_stage = a.is_stage
      and b.name = a.name
      and b.day = a.day
      and b.breakdown <> a.breakdown
      and b.sequence > a.sequence
      and not b.adds
)
