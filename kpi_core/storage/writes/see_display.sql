-- When a screen was last there, and from which address.
update displays
set seen_at = $now, seen_from = $address
where display_id = $display_id;
