-- The due tallies that look at leads one by one: by their attributes, or at more than one event.
select
    t.tally, t.kind, t.stage, t.name, t.to_stage, t.at_least, t.closing_day, t.source,
    t.lead_conditions, t.on_channel, t.on_campaign, t.on_owner, t.on_account
from tallies t
join due_tallies u on u.tally = t.tally
where t.kind in ('converted', 'active')
   or (
    t.kind <> 'measure'
    and (t.lead_conditions > 0 or t.on_campaign or t.on_owner or t.on_account)
)
order by t.tally;
