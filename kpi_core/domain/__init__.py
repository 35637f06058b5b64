"""Pure values and functions of the method: no files, no clock, no store."""
