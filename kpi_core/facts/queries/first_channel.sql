-- The channel of each lead's earliest event that has one, for leads with an event that has none.
-- Reads resolved.
with places as (
    select
        r.side, r.key, r.channel,
        row_number() over (
            partition by r.side, r.key
            order by r.occurred_at nulls last, s.position, s.name, r.channel
        ) as place
    from resolved r
    join stages s on s.stage = r.stage
    join (select distinct side, key from resolved where channel is null) n
        on n.side = r.side and n.key = r.key
    where r.channel is not null
)
select side, key, channel
from places
where place = 1
