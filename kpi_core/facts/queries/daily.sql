-- What each aggregate adds up to per day, over all channels; of a cohort those who came so far by
-- a day.
select aggregate, day, sum(value) as value
from daily
where aggregate in ({aggregates})
  and day between $first and $last
  and part <= $known
group by aggregate, day
having sum(facts) <> 0
order by aggregate, day
