-- The ledger, newest import first.
select
    import_id, source, file_name, mapping_name, imported_at, imported_by, row_total, new_facts,
    changed_facts, unchanged_facts, rejected_rows, flagged, data_through, demo, undone_at,
    undone_by, file_hash
from imports
order by import_id desc;
