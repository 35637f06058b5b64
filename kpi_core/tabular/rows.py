"""Rows of a table: text under the numbers of their records."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kpi_core.sql_text import literal, literals, one_file
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.footers import AVERAGE_WORDS, BEGINNINGS, TOTAL_WORDS

BLANKS = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
"""What Python takes for space."""
FIRST_ROWS = 120
"""So many rows are in memory of those that are in a file."""
AT_A_TIME = 2_048
VIEWED_FROM_BYTES = 1 << 20
"""A file of fewer is read into a table, which is cheaper than opening it for each question."""


class Rows(Protocol):
    """Where a table's rows are. Columns are c0, c1, ... and a record's number is `line`."""

    def stage(self, scratch: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make them the temporary relation `name`."""

    def head(self, count: int) -> list[tuple[int, list[str]]]:
        """The first of them, with their numbers."""


def columns(width: int) -> list[str]:
    """What the columns of a staged table are called."""
    return [f"c{position}" for position in range(width)]


def all_blank(width: int) -> str:
    """The SQL condition that nothing is in any cell."""
    blank = (f"trim(coalesce({name}, ''), {literal(BLANKS)}) = ''" for name in columns(width))
    return " and ".join((f"({maybe_blank_first()})", *blank))


def maybe_blank_first() -> str:
    """A quick SQL condition that holds wherever nothing is in the first cell."""
    ranges = (("\x80", "\xa1"), ("\u1680", "\u1681"), ("\u2000", "\u2070"), ("\u3000", "\u3001"))
    within = (f"c0 >= {literal(first)} and c0 < {literal(after)}" for first, after in ranges)
    return " or ".join(("c0 is null", "c0 < '!'", *within))


def all_equal(width: int) -> str:
    """The SQL condition that the cells are those of the parameters."""
    return " and ".join(f"coalesce({name}, '') = ?" for name in columns(width))


def no_total() -> str:
    """A quick SQL condition that holds where the first cell begins otherwise than totals do."""
    firsts = {each[0] for each in BEGINNINGS} | {each[0].upper() for each in BEGINNINGS}
    letters = literals(sorted(firsts | {sign for sign in BLANKS if sign > "!"}))
    return f"c0 >= '!' and left(c0, 1) not in ({letters})"


def maybe_total(width: int) -> str:
    """The SQL condition that the first cell that is filled has the word for a total."""
    begins = (
        f"lower(left(c0, 2)) in ({literals(BEGINNINGS)}) or left(c0, 1) in ({literals(BEGINNINGS)})"
    )
    filled = ", ".join(f"nullif(trim({name}, {literal(BLANKS)}), '')" for name in columns(width))
    pattern = literal(f"(?is:{TOTAL_WORDS}|{AVERAGE_WORDS})")
    return (
        f"case when {no_total()} then false when {maybe_blank_first()} or {begins} "
        f"then coalesce(regexp_full_match(coalesce({filled}), {pattern}), false) else false end"
    )


@dataclass(frozen=True)
class HeldRows:
    """Rows held in memory: `line` first, then the cells."""

    held: pa.Table = field(default_factory=lambda: pa.table({"line": pa.array([], pa.int64())}))

    def stage(self, scratch: duckdb.DuckDBPyConnection, name: str) -> None:
        """As a table of DuckDB."""
        offered = f"{name}_held"
        scratch.register(offered, self.held)
        try:
            scratch.execute(f'create or replace temp table "{name}" as from "{offered}"')
        finally:
            scratch.unregister(offered)

    def head(self, count: int) -> list[tuple[int, list[str]]]:
        """The first of them, with their numbers."""
        first = self.held.slice(0, count)
        lines, *cells = (column.to_pylist() for column in first.columns)
        rows = zip(*cells, strict=True) if cells else ((),) * len(lines)
        return [(line, list(row)) for line, row in zip(lines, rows, strict=True)]


@dataclass(frozen=True)
class ParquetRows:
    """Rows in a Parquet file of text: c0, c1, ..., and `line` before them.

    With `first_line` the file has no `line`: its row n, counted from 0, is record n + this. Blank
    rows, and rows equal to `header`, are in the file and left out where that is said. First rows
    are in memory, too; of a small table all.
    """

    file: Source
    width: int
    first_line: int | None = None
    without_blank: bool = False
    header: tuple[str, ...] = ()
    first: tuple[tuple[int, list[str]], ...] = ()
    first_are_all: bool = False

    def stage(self, scratch: duckdb.DuckDBPyConnection, name: str) -> None:
        """As a table where they are few, else as a view of the file. (A view has no parameters.)"""
        rows = f"from ({self.numbered()}){self._where()}"
        made = "table" if self.file.size < VIEWED_FROM_BYTES else "view"
        scratch.execute(f'create or replace temp {made} "{name}" as {rows}')

    def numbered(self) -> str:
        """The SQL that reads every row of the file under its number."""
        file = literal(one_file(str(self.file.place)))
        if self.first_line is None:
            return f"select * from read_parquet({file})"
        cells = ", ".join(columns(self.width))
        return (
            f"select file_row_number + {self.first_line} as line, {cells} "
            f"from read_parquet({file}, file_row_number = true)"
        )

    def head(self, count: int) -> list[tuple[int, list[str]]]:
        """The first of them, with their numbers."""
        if self.first_are_all or count <= len(self.first):
            return list(self.first[:count])
        header = list(self.header)
        rows = (
            (line, cells)
            for line, cells in self._read()
            if cells != header and not (self.without_blank and not any(map(str.strip, cells)))
        )
        return list(islice(rows, count))

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Every row of the file under its number."""
        line = self.first_line or 0
        with pq.ParquetFile(self.file.place) as file:
            for batch in file.iter_batches(AT_A_TIME):
                lines = range(line, line := line + len(batch))
                columns = [column.to_pylist() for column in batch.columns]
                if self.first_line is None:
                    lines, *columns = columns
                for number, *cells in zip(lines, *columns, strict=True):
                    yield number, [cell or "" for cell in cells]

    def _where(self) -> str:
        left_out, quickly = [], []
        if self.without_blank:
            left_out.append(all_blank(self.width))
            quickly.append("c0 >= '!' and c0 < chr(128)")
        if self.header:
            same = (
                f"coalesce({column}, '') = {literal(cell)}"
                for column, cell in zip(columns(self.width), self.header, strict=True)
            )
            left_out.append(" and ".join(same))
            quickly.append(f"c0 <> {literal(self.header[0])}")
        if not left_out:
            return ""
        return f" where ({' and '.join(quickly)}) or not (({') or ('.join(left_out)}))"
