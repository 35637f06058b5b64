-- The text of the mapping by which an import was read.
select mapping from imports where import_id = $import_id;
