-- What an import did when it was taken in.
select
    import_id, source, file_name, row_total, new_facts, changed_facts, unchanged_facts, new_leads,
    undated, rejected_rows, flagged, data_through
from imports
where import_id = $import_id;
