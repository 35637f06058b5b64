-- The facts of one import, as they came. `batch_…` are the frames of the batch.
create or replace temp table batch_leads as
with named as (
    select lead, min(line) as line, max(is_event) as has_events
    from (
        select lead, line, 1 as is_event from batch_events
        union all
        select lead, line, 0 from batch_attributes where value is not null
    ) b
    group by lead
)
select n.lead, n.line, n.has_events = 1 as has_events, l.lead_id
from named n
left join leads l on l.source = $source and l.lead = n.lead;

insert into leads
select
    (select coalesce(max(lead_id), 0) from leads) + row_number() over (order by line, lead),
    $source,
    lead
from batch_leads
where lead_id is null;

create or replace temp table numbered_leads as
select b.lead, b.has_events, l.lead_id
from batch_leads b
join leads l on l.source = $source and l.lead = b.lead;

insert into events
select
    $import_id, b.line, $source, n.lead_id, nullif(b.stage, ''), nullif(b.activity, ''),
    b.occurred_at, nullif(b.channel, ''), nullif(b.campaign, ''), nullif(b.owner, ''),
    nullif(b.account, ''),
    case when isnan(b.amount) then null else b.amount end,
    case when isnan(b.quality) then null else b.quality end
from batch_events b
join numbered_leads n on n.lead = b.lead;

insert into attributes
select $import_id, b.line, n.lead_id, b.name, b.value
from batch_attributes b
join numbered_leads n on n.lead = b.lead
where b.value is not null;

insert into counts
select $import_id, line, $source, stage, cast(day as date), nullif(channel, ''), "count"
from batch_counts
where not isnan("count");

insert into measures
select $import_id, line, $source, measure, cast(day as date), nullif(channel, ''), value
from batch_measures
where not isnan(value);
