"""A report as a sheet of paper, set by Typst."""
