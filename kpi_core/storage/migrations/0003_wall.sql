-- The screens on walls, and what has been celebrated.
create table displays (
    display_id integer not null,
    name varchar not null,
    key_hash varchar not null,
    networks varchar not null,
    made_at timestamp not null,
    made_by varchar not null,
    seen_at timestamp,
    seen_from varchar,
    revoked_at timestamp
);

-- What happens once in the life of a store.
create table once (
    what varchar not null,
    done_at timestamp not null
);
