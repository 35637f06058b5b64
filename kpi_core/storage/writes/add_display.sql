-- A new screen.
insert into displays
values ($display_id, $name, $key_hash, $networks, $made_at, $made_by, null, null, null);
