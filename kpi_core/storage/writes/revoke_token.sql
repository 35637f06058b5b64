-- From now on nobody is let in by the token.
update tokens set revoked_at = $now, revoked_by = $who where token_id = $token_id;
