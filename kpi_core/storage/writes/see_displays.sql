-- When screens were last there, and at which addresses.
update displays
set seen_at = $now, seen_from = there.address
from (select unnest($ids) as display_id, unnest($addresses) as address) as there
where displays.display_id = there.display_id;
