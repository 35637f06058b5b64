-- The screens, oldest first.
select display_id, name, networks, made_at, made_by, seen_at, seen_from, revoked_at
from displays
order by display_id;
