-- What each tally adds up to per channel over a period.
select tally, channel, sum(value)
from rollup
where tally in (select unnest($tallies))
  and day between $first and $last
group by tally, channel
order by tally, channel;
