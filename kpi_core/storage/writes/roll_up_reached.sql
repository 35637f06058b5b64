-- Leads that reached a stage, their amounts or their quality.
insert into rollup
select $tally, day, channel, value
from (
    select day, channel, case $kind
        when 'amount' then sum(amount)
        when 'quality' then sum(quality)
        else cast(count(*) as double)
    end as value
    from picked
    group by day, channel
) p
where value is not null;
