"""A column of text as dates, numbers and names: decided for the column, read cell by cell."""
