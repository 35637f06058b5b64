-- Rows of files of leads that said, word for word, what stood in one row of `lead_rows`: they are
-- kept by the place of that row, and have none of their own.
create table echoes (
    import_id integer not null,
    line bigint not null,
    of_import integer not null,
    of_line bigint not null
);
