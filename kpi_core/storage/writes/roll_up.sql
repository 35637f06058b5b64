-- What the due tallies add up to on the due days, by channel: those that need not look at leads
-- one by one. All of it is taken away first, the others' part too.
delete from rollup
where day in (select day from due_days)
  and tally in (
    select t.tally from tallies t join due_tallies u on u.tally = t.tally where t.kind <> 'active'
);

create or replace temp table due_cells as
select
    source, stage, day, channel,
    count(*) as leads, sum(amount) as amount, sum(quality) as quality
from kept
where stage is not null and day in (select day from due_days)
group by source, stage, day, channel;

-- Leads that reached a stage, their amounts, their quality; and numbers counted elsewhere, which
-- have a channel and no lead to ask anything else of.
insert into rollup
with numbers as (
    select 'reached' as kind, source, stage as name, day, channel, cast(leads as double) as value
    from due_cells
    union all
    select 'amount', source, stage, day, channel, amount from due_cells
    union all
    select 'quality', source, stage, day, channel, quality from due_cells
    union all
    select
        case when measure is null then 'reached' else 'measure' end,
        source, coalesce(measure, stage), day, channel, value
    from kept_numbers
    where day in (select day from due_days)
)
select t.tally, n.day, coalesce(n.channel, ''), sum(n.value)
from tallies t
join due_tallies u on u.tally = t.tally
join numbers n
    on n.kind = t.kind
    and n.name = coalesce(t.stage, t.name)
    and n.source = coalesce(t.source, n.source)
left join met_values c
    on c.tally = t.tally and c.of_event and c.attribute = 'channel' and c.value = n.channel
where n.value is not null
  and t.lead_conditions = 0
  and not (t.on_campaign or t.on_owner or t.on_account)
  and (not t.on_channel or c.value is not null)
group by t.tally, n.day, coalesce(n.channel, '');
