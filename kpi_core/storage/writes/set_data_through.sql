-- Up to when the import tells everything, as somebody knows better.
update imports
set data_through = $moment
where import_id = $import_id;
