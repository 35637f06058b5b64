"""How much a file may hold. An issue names the number that was exceeded."""

MAX_BYTES = 4 * 1024**3
"""Of a file as it lies there."""
MAX_EXPANDED = 2 * 1024**3
"""Of what is unpacked from one file, all members together."""
MAX_MEMBERS = 200
"""Files in a zip."""
MAX_NESTED = 2
"""A gz within a zip is two deep."""
MAX_COLUMNS = 10_000
"""A sheet of Excel has room for 16,384; a statement over so many takes minutes."""
MAX_CELL = 16 * 1024**2
"""Characters of one cell."""
MAX_SHEET_CELLS = 50_000_000
"""Cells of a workbook or of a page of HTML, all sheets or tables together: they are in memory."""
MAX_PAGE = 64 * 1024**2
"""Bytes of a page of HTML."""
LONGEST_READ = 200
"""Characters of the longest cell that is looked at for a date, a number or a person."""
