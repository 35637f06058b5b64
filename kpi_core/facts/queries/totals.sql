-- What the aggregates without a day add up to, whose names begin with a prefix.
select aggregate, sum(value) as value
from daily
where day is null and substring(aggregate, 1, length($prefix)) = $prefix
group by aggregate
having sum(facts) <> 0
order by aggregate
