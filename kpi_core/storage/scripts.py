"""The store's SQL: one file per question, migration or step."""

from functools import cache
from importlib.resources import files
from typing import Any

from duckdb import DuckDBPyConnection, Statement

Row = tuple[Any, ...]


@cache
def script(name: str) -> str:
    """The text of a file such as `questions/daily`."""
    return files("kpi_core.storage").joinpath(f"{name}.sql").read_text(encoding="utf-8")


_parsed: dict[str, tuple[Statement, ...]] = {}


def _statements(cursor: DuckDBPyConnection, name: str) -> tuple[Statement, ...]:
    """The statements of a file. Any connection can take them apart, and none is kept for it."""
    if name not in _parsed:
        _parsed[name] = tuple(cursor.extract_statements(script(name)))
    return _parsed[name]


def run(cursor: DuckDBPyConnection, name: str, /, **values: object) -> None:
    """Run the statements of a file in order; each takes those values that it names."""
    for statement in _statements(cursor, name):
        cursor.execute(statement, {key: values[key] for key in statement.named_parameters})


def ask(cursor: DuckDBPyConnection, name: str, /, **values: object) -> list[Row]:
    """The rows that answer a question."""
    return cursor.execute(script(name), values).fetchall()


def ask_one(cursor: DuckDBPyConnection, name: str, /, **values: object) -> Row:
    """The one row that answers a question."""
    (row,) = ask(cursor, name, **values)
    return row
