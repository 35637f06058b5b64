-- The demo imports that are not undone, newest first.
select import_id
from imports
where undone_at is null and demo
order by import_id desc;
