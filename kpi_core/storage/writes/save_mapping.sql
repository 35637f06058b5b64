-- A mapping under its name, in the place of the one that had the name.
delete from saved_mappings where name = $name;

insert into saved_mappings values ($name, $document, $fingerprint, $saved_at, $saved_by);
