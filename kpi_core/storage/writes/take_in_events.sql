-- The events of a file of events, as they came. Those of new leads stand until they are looked at.
insert into event_rows
select
    $import_id, b.line, $source, n.lead_id, b.stage, b.activity, b.occurred_at, b.channel,
    b.campaign, b.owner, b.account, b.amount, b.quality, b.withdrawn, k.lead_id is null,
    case when b.channel is null then n.channel end
from batch_events b
join batch_leads n on n.lead = b.lead
left join known_leads k on k.lead_id = n.lead_id;
