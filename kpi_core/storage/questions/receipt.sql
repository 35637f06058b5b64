-- What an import did when it was taken in, and how many issues it has.
select
    import_id, source, file_name, row_total, new_facts, changed_facts, unchanged_facts, new_leads,
    undated, rejected_rows, flagged, data_through,
    (select count(*) from import_issues where import_id = $import_id), file_hash
from imports
where import_id = $import_id;
