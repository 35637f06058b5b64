-- The key of hashed addresses, where there is one yet.
select key from secret;
