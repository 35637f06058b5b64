-- When a token was last used.
update tokens set used_at = $now where token_id = $token_id;
