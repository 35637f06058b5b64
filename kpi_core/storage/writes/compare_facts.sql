-- One row per fact of the import, and how it differs from what stands: new, changed or unchanged.
create or replace temp table known_events as
select k.*
from kept k
where k.lead_id in (select lead_id from numbered_leads);

-- Of a lead's events of one stage the earliest counts, an undated one only where none has a date.
create or replace temp table incoming_events as
with ranked as (
    select *, row_number() over (
        partition by lead_id, stage, activity, case when activity is not null then occurred_at end
        order by occurred_at nulls last, line
    ) as place
    from events
    where import_id = $import_id
)
select
    i.line, i.source, i.lead_id, i.stage, i.activity, i.occurred_at, i.channel, i.campaign,
    i.owner, i.account, i.amount, i.quality,
    case
        when k.lead_id is null then 'new'
        when k.occurred_at is not distinct from i.occurred_at
            and k.own_channel is not distinct from i.channel
            and k.campaign is not distinct from i.campaign
            and k.owner is not distinct from i.owner
            and k.account is not distinct from i.account
            and k.amount is not distinct from i.amount
            and k.quality is not distinct from i.quality then 'unchanged'
        else 'changed'
    end as news
from ranked i
left join known_events k
    on k.lead_id = i.lead_id
    and k.stage is not distinct from i.stage
    and k.activity is not distinct from i.activity
    and (i.activity is null or k.occurred_at is not distinct from i.occurred_at)
where i.place = 1;

-- Of a lead's values of one attribute the last line counts.
create or replace temp table incoming_attributes as
with ranked as (
    select *, row_number() over (partition by lead_id, name order by line desc, value) as place
    from attributes
    where import_id = $import_id
)
select
    i.lead_id, i.name, i.value,
    case
        when k.lead_id is null then 'new' when k.value = i.value then 'unchanged' else 'changed'
    end as news
from ranked i
left join kept_attributes k on k.lead_id = i.lead_id and k.name = i.name
where i.place = 1;

-- Numbers of one day and channel add up within a file.
create or replace temp table incoming_numbers as
with added_up as (
    select stage, cast(null as varchar) as measure, day, channel, sum(leads) as value
    from counts where import_id = $import_id
    group by stage, day, channel
    union all
    select cast(null as varchar), measure, day, channel, sum(value)
    from measures where import_id = $import_id
    group by measure, day, channel
)
select
    i.stage, i.measure, i.day, i.channel, i.value,
    case when k.day is null then 'new' when k.value = i.value then 'unchanged' else 'changed' end
        as news
from added_up i
left join kept_numbers k
    on k.source = $source
    and k.day = i.day
    and k.stage is not distinct from i.stage
    and k.measure is not distinct from i.measure
    and k.channel is not distinct from i.channel;

-- What stands after the import of the leads that it names; `line` where the import says so.
create or replace temp table carried_events as
select k.*
from known_events k
where not exists (
    select 1 from incoming_events i
    where i.lead_id = k.lead_id
      and i.stage is not distinct from k.stage
      and i.activity is not distinct from k.activity
      and (i.activity is null or i.occurred_at is not distinct from k.occurred_at)
);

create or replace temp view standing_events as
select
    line, source, lead_id, stage, activity, occurred_at, channel, campaign, owner, account,
    amount, quality
from incoming_events
union all
select
    null, source, lead_id, stage, activity, occurred_at, own_channel, campaign, owner, account,
    amount, quality
from carried_events;
