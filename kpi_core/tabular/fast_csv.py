"""Large sound text: copied to Parquet in one go, and proven to hold a plain table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.sql_text import literal, one_file
from kpi_core.tabular.byte_scan import Survey
from kpi_core.tabular.byte_source import Source, temporary
from kpi_core.tabular.cell_shape import like_a_header
from kpi_core.tabular.delimited_records import Dialect, Record
from kpi_core.tabular.footers import is_footer, total_of
from kpi_core.tabular.quotes import quotes_are_sound
from kpi_core.tabular.rows import (
    FIRST_ROWS,
    ParquetRows,
    all_blank,
    all_equal,
    columns,
    maybe_blank_first,
    maybe_total,
)
from kpi_core.tabular.split_tables import Found

FROM_BYTES = 2 << 20
_FIRST_LINES = 1 << 20
_TAIL = 1 << 16
_LAST_LINES = 60
_GAPS = 1000
_MOST_THREADS = 4


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


def read_at_once(text: Plain, found: Found, head: Sequence[Record]) -> Found | None:
    """The whole table, of which `found` is the beginning; None where it takes care to read it.

    All records are copied to a Parquet file, by which it is then proven that they are plain rows.
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
    cells = next((record.cells for record in head if record.number == found.header_line), None)
    try:
        with duckdb.connect(config={"threads": min(os.cpu_count() or 1, _MOST_THREADS)}) as scratch:
            rows = _copied(scratch, text, len(table.header), skipped)
            count, blank, totals, repeated = _proof(scratch, rows, cells)
            if totals or (blank and _may_begin_tables(scratch, rows, cells)):
                return None
    except duckdb.Error:
        return None
    left_out = {
        "blank": blank + sum(record.blank for record in above),
        "repeated_headers": len(repeated),
    }
    whole = replace(
        table,
        rows=count - blank - len(repeated),
        issues=tuple(repeated),
        left_out={what: times for what, times in left_out.items() if times},
        body=replace(
            rows,
            without_blank=bool(blank),
            header=tuple(cells or ()) if repeated else (),
            first=tuple(table.head(FIRST_ROWS)),
        ),
    )
    return replace(found, table=whole)


def _copied(
    scratch: duckdb.DuckDBPyConnection, text: Plain, width: int, skipped: int
) -> ParquetRows:
    """All records after the first, in order. Raises where one has not as many cells as `width`."""
    file, parquet = text.source.on_disk(), temporary(".parquet")
    named = ", ".join(f"'{column}': 'varchar'" for column in columns(width))
    quote = "'\"'" if text.seen.quotes else "''"
    scratch.execute(
        f"copy (from read_csv({literal(one_file(str(file.place)))}, columns = {{{named}}}, "
        f"header = false, skip = {skipped}, delim = {literal(text.dialect.delimiter)}, "
        f"quote = {quote}, escape = {quote}, comment = '', auto_detect = false, "
        f"strict_mode = true, null_padding = false)) to {literal(str(parquet.place))} "
        "(format parquet)"
    )
    return ParquetRows(parquet, width, first_line=skipped + 1)


def _proof(
    scratch: duckdb.DuckDBPyConnection, rows: ParquetRows, header: Sequence[str] | None
) -> tuple[int, int, int, list[Issue]]:
    """How many records there are, blank ones, totals, and those that repeat the header."""
    first = header[0] if header else ""
    counted = scratch.execute(
        f"select count(*), count(*) filter (where {maybe_blank_first()}), "
        f"count(*) filter (where {maybe_total(rows.width)}), "
        f"count(*) filter (where c0 = ?) from ({rows.numbered()})",
        [first],
    ).fetchone()
    count, maybe_blank, totals, maybe_header = counted or (0, 0, 0, 0)
    blank = 0
    if maybe_blank:
        sql = f"select count(*) from ({rows.numbered()}) where {all_blank(rows.width)}"
        blank = (scratch.execute(sql).fetchone() or (0,))[0]
    repeated = []
    if header and (maybe_header or not first):
        lines = scratch.execute(
            f"select line from ({rows.numbered()}) where {all_equal(rows.width)} order by line",
            list(header),
        ).fetchall()
        shown = next((cell.strip() for cell in header if cell.strip()), None)
        repeated = [
            about_file(Code.HEADER_REPEATED, line=line, value=shown, severity=Severity.FLAGGED)
            for (line,) in lines
        ]
    return count, blank, totals, repeated


def _may_begin_tables(
    scratch: duckdb.DuckDBPyConnection, rows: ParquetRows, header: Sequence[str] | None
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
