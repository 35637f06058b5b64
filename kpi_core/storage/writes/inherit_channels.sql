-- An event without a channel of its own has its lead's: that of the earliest event that stands and
-- has one. Of the touched leads, of which `standing_events` has all that stands.
create or replace temp table lead_channels as
with ranked as (
    select e.lead_id, e.channel, row_number() over (
        partition by e.lead_id
        order by e.occurred_at nulls last, s.place nulls last, e.stage, e.activity, e.channel
    ) as place
    from standing_events e
    left join stages s on s.stage = e.stage
    where e.channel is not null and e.lead_id in (select lead_id from touched)
)
select t.lead_id, r.channel
from touched t
left join ranked r on r.lead_id = t.lead_id and r.place = 1;

update event_rows
set inherited = c.channel
from lead_channels c
where event_rows.lead_id = c.lead_id
  and event_rows.stands
  and event_rows.channel is null
  and event_rows.inherited is distinct from c.channel;

update lead_rows
set inherited = c.channel
from lead_channels c
where lead_rows.lead_id = c.lead_id
  and lead_rows.standing <> 0
  and lead_rows.channel is null
  and lead_rows.inherited is distinct from c.channel;
