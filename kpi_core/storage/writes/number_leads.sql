-- The numbers of the leads that the batch names, new ones after those there are. `channel` is the
-- one that all of a lead's events have that have any; `several_channels` where they differ.
create or replace temp table batch_leads as
with named as (
    select
        lead, min(line) as line, max(is_event) as has_events,
        min(channel) as first_channel, max(channel) as last_channel
    from (
        select lead, line, channel, 1 as is_event from batch_events
        union all
        select lead, line, null, 0 from batch_lead_rows where not $by_line
        union all
        select lead, line, null, 0 from batch_attributes where value is not null
    ) b
    group by lead
),
known as (
    select n.*, l.lead_id
    from named n
    left join leads l on l.source = $source and l.lead = n.lead
)
select
    lead,
    has_events = 1 as has_events,
    case when first_channel = last_channel then first_channel end as channel,
    coalesce(first_channel <> last_channel, false) as several_channels,
    lead_id is null as is_new,
    coalesce(lead_id, (select coalesce(max(lead_id), 0) from leads) + row_number() over (
        partition by lead_id is null order by line, lead
    )) as lead_id
from known;

insert into leads
select lead_id, $source, lead from batch_leads where is_new;
