-- The oldest day on which any of the aggregates has a value.
select min(day) as first_day
from (
    select aggregate, day
    from daily
    where aggregate in ({aggregates}) and day is not null
    group by aggregate, day
    having sum(facts) <> 0
) d
