-- The key of hashed addresses, once for all.
insert into secret values ($key);
