"""Tables of a page of HTML, which many systems save under the name of a workbook."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.limits import MAX_COLUMNS, MAX_SHEET_CELLS

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MOST_ROWS = 10_000


def declared_encoding(start: bytes) -> str | None:
    """The encoding that the page says it is in."""
    found = _CHARSET.search(start)
    return found[1].decode() if found else None


def tables_of(page: str) -> list[list[Record]]:
    """The innermost tables, each as records of equal width.

    Of a page with more cells than can be held, one record that says so.
    """
    found: list[list[Record]] = []
    left = MAX_SHEET_CELLS
    for table in LexborHTMLParser(page).css("table"):
        rows, width = _rows(table, left)
        left -= len(rows) * width
        if left < 0:
            value = f"> {MAX_SHEET_CELLS:,}"
            return [[Record(1, [], 1, about_file(Code.TOO_MANY_CELLS, value=value))]]
        for cells in rows:
            cells += [""] * (width - len(cells))
        if rows:
            found.append([Record(at, cells, at) for at, cells in enumerate(rows, start=1)])
    return found


def _rows(table: LexborNode, most: int) -> tuple[list[list[str]], int]:
    """The rows and the width of the widest. Reading ends beyond so many cells."""
    rows: list[list[str]] = []
    width = 0
    if len(table.css("table")) > 1:
        return rows, width  # it is there for the layout
    spanning: dict[int, tuple[int, str]] = {}
    for row in table.css("tr"):
        rows.append(_cells(row, spanning))
        width = max(width, len(rows[-1]))
        if len(rows) * width > most:
            break
    return rows, width


def _cells(row: LexborNode, spanning: dict[int, tuple[int, str]]) -> list[str]:
    """A row's cells. One that spans rows stands in each; one that spans columns in the first."""
    cells: list[str] = []
    for cell in row.css("th, td"):
        _take_spanning(cells, spanning)
        text = _SPACES.sub(" ", cell.text(deep=True, separator="")).strip(" ")
        down, across = _span(cell, "rowspan", _MOST_ROWS), _span(cell, "colspan", MAX_COLUMNS)
        if down > 1:
            spanning[len(cells)] = (down - 1, text)
        cells += [text, *[""] * min(across - 1, MAX_COLUMNS - len(cells))]
    _take_spanning(cells, spanning)
    return cells


def _take_spanning(cells: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while (above := spanning.pop(len(cells), None)) is not None:
        left, text = above
        if left > 1:
            spanning[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: LexborNode, name: str, most: int) -> int:
    said = (cell.attributes.get(name) or "1").strip()
    return max(1, min(int(said), most)) if said.isdecimal() and len(said) < 9 else 1
