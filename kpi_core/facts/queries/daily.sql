-- What each aggregate adds up to per day, over all channels.
select aggregate, day, sum(value) as value
from daily
where aggregate in ({aggregates})
  and day between $first and $last
group by aggregate, day
having sum(facts) <> 0
order by aggregate, day
