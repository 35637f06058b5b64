"""A file, however it was saved, as tables of text."""
