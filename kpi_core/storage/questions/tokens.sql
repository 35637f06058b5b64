-- The tokens, newest first.
select token_id, name, scope, made_at, made_by, used_at, revoked_at, revoked_by
from tokens
order by token_id desc;
