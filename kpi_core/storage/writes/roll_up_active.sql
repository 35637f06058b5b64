-- Entities, by the day of the activity that made them active in their business month.
insert into rollup
with ranked as (
    select day, channel, row_number() over (
        partition by lead_id, business_month(day, $closing_day)
        order by occurred_at, channel
    ) as place
    from picked
)
select $tally, day, channel, cast(count(*) as double)
from ranked
where place = $at_least
group by day, channel;
