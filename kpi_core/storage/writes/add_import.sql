-- The import's line in the ledger. A rejected row is counted once, whatever is wrong with it.
insert into imports
select
    $import_id, $source, $file_name, $content_hash, $mapping_name, $mapping, $row_total,
    $new_facts, $changed_facts, $unchanged_facts, $new_leads, $undated,
    count(distinct case when severity = 'rejected' then line end),
    count(case when severity = 'flagged' then 1 end),
    $data_through, $demo, $imported_at, $imported_by, null, null, $file_hash
from import_issues
where import_id = $import_id;
