-- What stands without an import that is marked undone: what the newest standing one says.
create or replace temp table touched as
select lead_id from events where import_id = $import_id
union
select lead_id from attributes where import_id = $import_id;

create or replace temp table known_events as
select k.*
from kept k
where k.lead_id in (select lead_id from touched);

create or replace temp table restored_events as
with ranked as (
    select e.*, row_number() over (
        partition by
            e.lead_id, e.stage, e.activity,
            case when e.activity is not null then e.occurred_at end
        order by e.import_id desc, e.occurred_at nulls last, e.line
    ) as place
    from events e
    where e.lead_id in (select lead_id from touched)
      and e.import_id not in (select import_id from imports where undone_at is not null)
)
select
    source, lead_id, stage, activity, occurred_at, channel, campaign, owner, account, amount,
    quality
from ranked
where place = 1;

create or replace temp view standing_events as
select * from restored_events;

update state set leads = leads
    - (select count(distinct lead_id) from known_events)
    + (select count(distinct lead_id) from standing_events);

delete from kept_attributes
using touched t where t.lead_id = kept_attributes.lead_id;

insert into kept_attributes
with ranked as (
    select a.*, row_number() over (
        partition by a.lead_id, a.name order by a.import_id desc, a.line desc, a.value
    ) as place
    from attributes a
    where a.lead_id in (select lead_id from touched)
      and a.import_id not in (select import_id from imports where undone_at is not null)
)
select lead_id, name, value from ranked where place = 1;

create or replace temp table touched_numbers as
select source, stage, cast(null as varchar) as measure, day, channel
from counts where import_id = $import_id
group by source, stage, day, channel
union all
select source, cast(null as varchar), measure, day, channel
from measures where import_id = $import_id
group by source, measure, day, channel;

create or replace temp table due_days as
select day from touched_numbers group by day;

create or replace temp table due_numbers as
select distinct coalesce(stage, measure) as name
from touched_numbers;

delete from kept_numbers
using touched_numbers t
where t.source = kept_numbers.source
  and t.day = kept_numbers.day
  and t.stage is not distinct from kept_numbers.stage
  and t.measure is not distinct from kept_numbers.measure
  and t.channel is not distinct from kept_numbers.channel;

insert into kept_numbers
with numbers as (
    select import_id, source, stage, cast(null as varchar) as measure, day, channel, leads as value
    from counts
    union all
    select import_id, source, cast(null as varchar), measure, day, channel, value from measures
),
added_up as (
    select
        n.source, n.stage, n.measure, n.day, n.channel, sum(n.value) as value,
        row_number() over (
            partition by n.source, n.stage, n.measure, n.day, n.channel
            order by n.import_id desc
        ) as place
    from numbers n
    join touched_numbers t
        on t.source = n.source
        and t.day = n.day
        and t.stage is not distinct from n.stage
        and t.measure is not distinct from n.measure
        and t.channel is not distinct from n.channel
    where n.import_id not in (select import_id from imports where undone_at is not null)
    group by n.import_id, n.source, n.stage, n.measure, n.day, n.channel
)
select source, stage, measure, day, channel, value from added_up where place = 1;
