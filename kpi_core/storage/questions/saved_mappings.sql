-- The saved mappings, by name.
select name, document, fingerprint, saved_at, saved_by
from saved_mappings
order by name;
