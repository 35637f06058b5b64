-- What each tally adds up to per day, over all channels.
select tally, day, sum(value)
from rollup
where tally in (select unnest($tallies))
  and day between $first and $last
group by tally, day
order by tally, day;
