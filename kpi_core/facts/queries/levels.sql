-- What is stated of each level up to a day, by day, channel and source.
select aggregate, day, channel, part as source, sum(value) as value
from daily
where aggregate in ({aggregates})
  and day <= $last
group by aggregate, day, channel, part
having sum(facts) <> 0
order by day, aggregate, channel, part
