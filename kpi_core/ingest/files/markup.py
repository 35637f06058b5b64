"""Tables of a page of HTML, which many systems save under the name of a workbook."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kpi_core.ingest.files.limits import MAX_COLUMNS
from kpi_core.ingest.files.records import Record

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MOST_ROWS = 10_000


def declared_encoding(start: bytes) -> str | None:
    """The encoding that the page says it is in."""
    found = _CHARSET.search(start)
    return found[1].decode() if found else None


def tables_of(page: str) -> list[list[Record]]:
    """The innermost tables, each as records of equal width."""
    tables = LexborHTMLParser(page).css("table")
    return [records for table in tables if (records := _records(table))]


def _records(table: LexborNode) -> list[Record]:
    if len(table.css("table")) > 1:
        return []  # it is there for the layout
    spanning: dict[int, tuple[int, str]] = {}
    rows = [_cells(row, spanning) for row in table.css("tr")]
    width = max(map(len, rows), default=0)
    return [
        Record(number, cells + [""] * (width - len(cells)), number)
        for number, cells in enumerate(rows, start=1)
    ]


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
