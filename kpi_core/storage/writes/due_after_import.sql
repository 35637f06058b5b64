-- The days on which anything may count otherwise than before the import, and what is counted.
create or replace temp table due_facts as
select coalesce(stage, activity) as name, day from import_cells where standing > 0
union
select coalesce(stage, activity), day from lost_cells
union
select coalesce(stage, activity), cast(occurred_at as date)
from known_events where lead_id in (select lead_id from touched)
union
select coalesce(stage, activity), day
from kept
where lead_id in (
    select lead_id from incoming_attributes
    where news <> 'unchanged' and lead_id in (select lead_id from batch_leads where not is_new)
)
union
select coalesce(stage, measure), day from incoming_numbers where news <> 'unchanged';

create or replace temp view undated_changes as
select stage, standing as change
from import_cells
where stage is not null and day is null
union all
select stage, -facts
from lost_cells
where stage is not null and day is null;
