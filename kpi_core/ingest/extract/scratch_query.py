"""Short answers of a scratch connection, fetched whole: it takes no other work before that."""

from typing import Any

from duckdb import DuckDBPyConnection


def one_row(scratch: DuckDBPyConnection, question: str) -> tuple[Any, ...]:
    """The one row that answers a question in SQL."""
    (row,) = scratch.execute(question).fetchall()
    return tuple(row)


def any_row(scratch: DuckDBPyConnection, source: str) -> bool:
    """Whether there is a row in `source`, SQL that follows `from`."""
    return bool(scratch.execute(f"select 1 from {source} limit 1").fetchall())
