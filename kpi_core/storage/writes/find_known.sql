-- Leads of which something stands that the batch does not merely echo, and whether all of it is
-- in one row of `lead_rows`.
create or replace temp table known_leads as
select lead_id, count(*) = 1 and not bool_or(is_event) as in_one_row
from (
    select lead_id, false as is_event
    from lead_rows
    where standing <> 0 and lead_id in (select lead_id from other_leads where not is_new)
    union all
    select lead_id, true
    from event_rows
    where stands and lead_id in (select lead_id from other_leads where not is_new)
) k
group by lead_id;
