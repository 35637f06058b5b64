-- The leads of the import of which what stands has to be worked out fact by fact: those of which
-- the file says less than stands, or more than one thing, or that events are known of.
create or replace temp table open_leads as
select lead_id from lead_rows where import_id = $import_id and standing < 0
union
select lead_id from event_rows where import_id = $import_id and not stands
union
select lead_id
from event_rows
where import_id = $import_id
group by lead_id, stage, activity, case when activity is not null then occurred_at end
having count(*) > 1 or max(case when withdrawn then 1 else 0 end) = 1
union
select lead_id from batch_leads where several_channels
union
select lead_id
from lead_rows
where import_id = $import_id
  and lead_id in (select lead_id from event_rows where import_id = $import_id);

update lead_rows
set standing = 0
where import_id = $import_id
  and standing <> 0
  and lead_id in (select lead_id from open_leads);

update event_rows
set stands = false, inherited = null
where import_id = $import_id
  and (stands or inherited is not null)
  and lead_id in (select lead_id from open_leads);
