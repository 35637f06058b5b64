-- The leads of which one import states each stage once: what it says is what is current of them.
-- An earlier stage of a history after its outcome is no such case. Reads said_events, imports and
-- stages; stages that exclude each other share a bit.
select e.side, e.key
from said_events e
join imports i on i.import_id = e.import_id
join stages s on s.stage = e.stage
group by e.side, e.key
having min(e.import_id) = max(e.import_id)
   and sum(s.bit) = bit_or(s.bit)
   and (
    max(case when i.continues then 1 else 0 end) = 0
    or coalesce(
        max(case when s.kind = 'lead' then e.occurred_at end)
            <= min(case when s.kind = 'outcome' then coalesce(e.occurred_at, i.through) end),
        true
    )
   )
