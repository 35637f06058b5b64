-- The marks of what stands, of the open leads: the import's facts take the place of older ones.
update event_rows
set stands = true
from incoming_events i
where i.bit is null
  and i.stands
  and event_rows.import_id = $import_id
  and event_rows.line = i.line
  and event_rows.lead_id = i.lead_id
  and event_rows.stage is not distinct from i.stage
  and event_rows.activity is not distinct from i.activity
  and event_rows.occurred_at is not distinct from i.occurred_at;

update lead_rows
set standing = m.standing
from (
    select line, lead_id, cast(sum(bit) as integer) as standing
    from incoming_events
    where bit is not null and stands
    group by line, lead_id
) m
where lead_rows.import_id = $import_id
  and lead_rows.line = m.line
  and lead_rows.lead_id = m.lead_id;

update event_rows
set stands = false
from lost_events l
where l.bit is null
  and event_rows.stands
  and event_rows.import_id = l.import_id
  and event_rows.line = l.line
  and event_rows.lead_id = l.lead_id
  and event_rows.stage is not distinct from l.stage
  and event_rows.activity is not distinct from l.activity
  and event_rows.occurred_at is not distinct from l.occurred_at;

update lead_rows
set standing = lead_rows.standing - m.lost
from (
    select import_id, line, lead_id, cast(sum(bit) as integer) as lost
    from lost_events
    where bit is not null
    group by import_id, line, lead_id
) m
where lead_rows.import_id = m.import_id
  and lead_rows.line = m.line
  and lead_rows.lead_id = m.lead_id;
