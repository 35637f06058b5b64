-- The leads of which something is stated twice, or an earlier stage after the outcome: what is
-- current of them has to be worked out. Of all others, what is stated is current.
-- Reads said_events, imports and stages; stages that exclude each other share a bit.
select e.side, e.key
from said_events e
join imports i on i.import_id = e.import_id
join stages s on s.stage = e.stage
group by e.side, e.key
having count(*) <> bit_count(bit_or(s.bit))
    or coalesce(
        max(case when s.kind = 'lead' and i.continues then e.occurred_at end)
            > min(case when s.kind = 'outcome' then
                case when i.continues then coalesce(e.occurred_at, i.through) else i.through end
            end),
        false
    )
