-- The import no longer stands. Its facts stay where they are.
update imports
set undone_at = $now, undone_by = $who
where import_id = $import_id;
