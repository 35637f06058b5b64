"""A file's bytes to a table, by a mapping to facts and issues, and into the store at once."""
