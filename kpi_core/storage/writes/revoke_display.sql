-- The screen is switched off.
update displays
set revoked_at = $now
where display_id = $display_id;
