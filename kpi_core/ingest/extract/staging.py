"""A table in a scratch connection: rows of text under the numbers of their records."""

from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.tabular.table import Table


def one_row(scratch: DuckDBPyConnection, question: str) -> tuple[Any, ...]:
    """The one row that answers a question in SQL."""
    (row,) = scratch.execute(question).fetchall()
    return tuple(row)


def any_row(scratch: DuckDBPyConnection, source: str) -> bool:
    """Whether there is a row in `source`, SQL that follows `from`."""
    return bool(scratch.execute(f"select 1 from {source} limit 1").fetchall())


@dataclass(frozen=True)
class Staged:
    """A relation of `line` and a column of text for each name of the header: c0, c1, ..."""

    scratch: DuckDBPyConnection
    relation: str
    header: tuple[str, ...]

    def cell(self, column: str) -> str:
        """The column in SQL; null throughout where the table lacks it."""
        if column not in self.header:
            return "cast(null as varchar)"
        return f"c{self.header.index(column)}"

    def first(self, count: int, relation: str) -> "Staged":
        """The first rows alone, as a relation of their own."""
        self.scratch.execute(
            f"create or replace temp table {relation} as select * from {self.relation} "
            f"order by line limit {int(count)}"
        )
        return Staged(self.scratch, relation, self.header)


def stage(table: Table, scratch: DuckDBPyConnection, relation: str = "staged") -> Staged:
    """The table's rows, to be asked with SQL."""
    table.stage(scratch, relation)
    return Staged(scratch, relation, table.header)
