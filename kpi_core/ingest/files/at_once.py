"""Large sound text: proven to hold a plain table, then left in its file and scanned when needed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from kpi_core.ingest.files.header import LOOKED_AT
from kpi_core.ingest.files.leftovers import is_footer, total_of
from kpi_core.ingest.files.look import like_a_header
from kpi_core.ingest.files.quotes import quotes_are_sound
from kpi_core.ingest.files.records import Dialect, Record
from kpi_core.ingest.files.rows import (
    LazyRows,
    all_blank,
    all_equal,
    maybe_blank_first,
    maybe_total,
)
from kpi_core.ingest.files.source import Source
from kpi_core.ingest.files.survey import Survey
from kpi_core.ingest.files.tables import Found
from kpi_core.ingest.finding import Code, about_file
from kpi_core.storage.facts import Issue, Severity

FROM_BYTES = 2 << 20
_FIRST_LINES = 1 << 20
_TAIL = 1 << 16
_LAST_LINES = 60
_GAPS = 1000


@dataclass(frozen=True)
class Plain:
    """A text of which nothing unusual is known: evenly ended lines, each mark in its place.

    `start` is the byte it begins at, `first` the number of the record that begins there.
    """

    source: Source
    start: int
    first: int
    dialect: Dialect
    seen: Survey

    def sound(self) -> bool:
        """No line needs a closer look for what it is made of."""
        return (
            self.seen.plain
            and not self.dialect.spaced
            and not self.seen.long_lines
            and not self._ends_with_leftovers()
            and (
                not self.seen.quotes
                or quotes_are_sound(self.source.blocks(self.start), self.dialect.delimiter)
            )
        )

    def evenly_ended(self, lines: int) -> bool:
        """The first lines end as all others do."""
        first = self.source.read(0, _FIRST_LINES).split(b"\n")[:lines]
        return all(line.endswith(b"\r") for line in first) or not self.seen.pairs

    def _ends_with_leftovers(self) -> bool:
        size = self.source.size
        tail = self.source.read(max(self.start, size - _TAIL)).decode("utf-8", "ignore")
        lines = tail.splitlines()[-_LAST_LINES:]
        cut = ([cell.strip(' "') for cell in line.split(self.dialect.delimiter)] for line in lines)
        return any(total_of(cells) is not None or is_footer(cells) for cells in cut)


def read_at_once(
    text: Plain, found: Found, head: Sequence[Record], *, proven: bool = True
) -> Found | None:
    """The whole table, of which `found` is the beginning; None where it takes care to read it.

    Not `proven`, a table is assumed to have a row in each line: its reader spares a pass over
    the file, and has to see whether that was so.
    """
    table = found.table
    skipped = found.header_line or (head[found.header.at].number - 1)
    above = [record for record in head if record.number <= skipped]
    ordinary = (
        not table.refused
        and table.left_out.keys() <= {"blank", "repeated_headers"}
        and all(issue.code == Code.HEADER_REPEATED for issue in table.issues)
    )
    if not ordinary or len(table.header) < 2 or any(r.last_line != r.number for r in above):
        return None
    if not text.evenly_ended(skipped):
        return None
    source = text.source.on_disk()
    rows = LazyRows(
        source, len(table.header), skipped, text.dialect.delimiter, text.seen.quotes,
        first=tuple(table.head(LOOKED_AT)),
    )  # fmt: skip
    cells = next((record.cells for record in head if record.number == found.header_line), None)
    if not (proven or text.seen.quotes or table.issues or table.left_out):
        lines = text.seen.line_feeds + (text.source.read(text.source.size - 1) != b"\n")
        body = replace(rows, without_blank=True, header=tuple(cells or ()), all_told=True)
        return replace(found, table=replace(table, rows=lines - skipped, body=body, assumed=True))
    try:
        with duckdb.connect() as scratch:
            count, blank, totals, repeated = _proof(scratch, rows, cells)
            if totals or (blank and _may_begin_tables(scratch, rows, cells)):
                return None
    except duckdb.Error:
        return None
    left_out = {
        "blank": blank + sum(record.blank for record in above),
        "repeated_headers": len(repeated),
    }
    kept = replace(rows, without_blank=bool(blank), header=tuple(cells or ()) if repeated else ())
    whole = replace(
        table,
        rows=count - blank - len(repeated),
        issues=tuple(repeated),
        left_out={what: times for what, times in left_out.items() if times},
        body=kept,
    )
    return replace(found, table=whole)


def _proof(
    scratch: duckdb.DuckDBPyConnection, rows: LazyRows, header: Sequence[str] | None
) -> tuple[int, int, int, list[Issue]]:
    """How many records there are, blank ones, totals, and those that repeat the header.

    Raises where a record does not have as many cells as the header.
    """
    first = header[0] if header else ""
    counted = scratch.execute(
        f"select count(*), count(*) filter (where {maybe_blank_first()}), "
        f"count(*) filter (where {maybe_total(rows.width)}), "
        f"count(*) filter (where c0 = ?) from {rows.scan()}",
        [first],
    ).fetchone()
    count, maybe_blank, totals, maybe_header = counted or (0, 0, 0, 0)
    blank = 0
    if maybe_blank:
        sql = f"select count(*) from {rows.scan()} where {all_blank(rows.width)}"
        blank = (scratch.execute(sql).fetchone() or (0,))[0]
    repeated = []
    if header and (maybe_header or not first):
        lines = scratch.execute(
            f"select line from ({rows.numbered()}) where {all_equal(rows.width)} order by line",
            list(header),
        ).fetchall()
        repeated = [
            about_file(
                Code.HEADER_REPEATED, line=line, value=header[0].strip(), severity=Severity.FLAGGED
            )
            for (line,) in lines
        ]
    return count, blank, totals, repeated


def _may_begin_tables(
    scratch: duckdb.DuckDBPyConnection, rows: LazyRows, header: Sequence[str] | None
) -> bool:
    """A record after a blank one looks like a header; or there are too many blank ones to tell."""
    blank = scratch.execute(
        f"select line from ({rows.numbered()}) where {all_blank(rows.width)} limit {_GAPS + 1}"
    ).fetchall()
    after = sorted({line + 1 for (line,) in blank} - {line for (line,) in blank})
    if len(blank) > _GAPS:
        return True
    found = scratch.execute(
        f"select * exclude (line) from ({rows.numbered()}) where list_contains(?, line)",
        [after],
    ).fetchall()
    cells = [[cell or "" for cell in row] for row in found]
    return any(like_a_header(row) and row != header for row in cells)
