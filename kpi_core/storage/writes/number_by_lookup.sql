-- The leads of a file of leads, a line each, of a source that is known: those that have a number
-- keep it, and new ones are numbered by their lines after the last there is.
create or replace temp table last_lead as
select coalesce(max(lead_id), 0) as lead_id from leads;

create or replace temp table batch_leads as
select
    b.lead, b.line,
    false as has_events,
    cast(null as varchar) as channel,
    false as several_channels,
    l.lead_id is null as is_new,
    coalesce(l.lead_id, n.lead_id + b.line) as lead_id,
    b.content
from batch_contents b
cross join last_lead n
left join leads l on l.source = $source and l.lead = b.lead;

insert into leads
select lead_id, $source, lead from batch_leads where is_new;

create or replace temp view numbered_rows as
select b.*, l.lead_id
from batch_lead_rows b
join batch_leads l on l.line = b.line;

create or replace temp table row_contents as
select line, lead_id, content from batch_leads;

create or replace temp table repeated_leads (lead_id bigint);
