-- No mapping has the name any more.
delete from saved_mappings where name = $name;
