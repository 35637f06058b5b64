-- The events that count for a tally, on the days of `tally_days`.
create or replace temp table met_leads as
select a.lead_id
from met_values m
join kept_attributes a on a.name = m.attribute and a.value = m.value
where m.tally = $tally and not m.of_event and $lead_conditions > 0
group by a.lead_id
having count(*) = $lead_conditions;

create or replace temp table picked as
select
    k.lead_id, k.occurred_at, k.day, coalesce(k.channel, '') as channel,
    k.amount, k.quality
from kept k
where (k.stage = $stage or k.activity = $name)
  and k.day in (select day from tally_days)
  and k.source = coalesce($source, k.source)
  and ($lead_conditions = 0 or exists (
    select 1 from met_leads l where l.lead_id = k.lead_id
))
  and (not $on_channel or k.channel in (
    select value from met_values where tally = $tally and of_event and attribute = 'channel'
))
  and (not $on_campaign or k.campaign in (
    select value from met_values where tally = $tally and of_event and attribute = 'campaign'
))
  and (not $on_owner or k.owner in (
    select value from met_values where tally = $tally and of_event and attribute = 'owner'
))
  and (not $on_account or k.account in (
    select value from met_values where tally = $tally and of_event and attribute = 'account'
));
