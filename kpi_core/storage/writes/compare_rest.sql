-- The import's attributes and numbers, and how they differ from what stands.

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
    i.stage, i.measure, i.day, i.channel, i.value, k.value as known_value,
    case when k.day is null then 'new' when k.value = i.value then 'unchanged' else 'changed' end
        as news
from added_up i
left join kept_numbers k
    on k.source = $source
    and k.day = i.day
    and k.stage is not distinct from i.stage
    and k.measure is not distinct from i.measure
    and k.channel is not distinct from i.channel;
