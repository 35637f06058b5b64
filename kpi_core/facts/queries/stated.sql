-- The facts that an import states: stages of a lead, renewals and activities, each once.
-- Reads new_events and stages.
select distinct
    e.key, e.stage,
    case when s.kind in ('repeating', 'activity') then e.occurred_at end as moment
from new_events e
join stages s on s.stage = e.stage
where not e.withdrawn and e.import_id = $import_id
