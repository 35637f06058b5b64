"""The rows of a table as facts, by a mapping."""
