-- What each aggregate adds up to per channel over a period.
select aggregate, channel, sum(value) as value
from daily
where aggregate in ({aggregates})
  and day between $first and $last
group by aggregate, channel
having sum(facts) <> 0
order by aggregate, channel
