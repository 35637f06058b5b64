-- The screen that a key was made for.
select display_id, name, networks, made_at, made_by, seen_at, seen_from, revoked_at
from displays
where key_hash = $key_hash;
