-- The number of the next token.
select coalesce(max(token_id), 0) + 1 from tokens;
