-- Leads that have come on to a further stage, by the day they reached the first.
insert into rollup
select $tally, day, channel, cast(count(*) as double)
from picked p
where exists (
    select 1 from kept k
    where k.lead_id = p.lead_id and k.stage = $to_stage
)
group by day, channel;
