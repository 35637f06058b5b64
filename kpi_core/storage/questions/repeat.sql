-- The newest standing import of the same bytes and mapping.
select import_id, data_through
from imports
where undone_at is null and source = $source and content_hash = $content_hash
order by import_id desc
limit 1;
