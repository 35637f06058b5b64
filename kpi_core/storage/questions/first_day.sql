-- The oldest day on which any of the tallies has a value.
select min(day)
from rollup
where tally in (select unnest($tallies)) and value <> 0;
