-- The screen that a key was made for.
select display_id
from displays
where key_hash = $key_hash;
