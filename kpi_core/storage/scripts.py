"""The store's SQL: one file per question, migration or step."""

from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection, Statement

Row = tuple[Any, ...]


@cache
def script(name: str) -> str:
    """The text of a file such as `questions/daily`."""
    return files("kpi_core.storage").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def _statements(name: str) -> tuple[Statement, ...]:
    with duckdb.connect() as reader:
        return tuple(reader.extract_statements(script(name)))


def run(cursor: DuckDBPyConnection, name: str, /, **values: object) -> None:
    """Run the statements of a file in order; each takes those values that it names."""
    for statement in _statements(name):
        cursor.execute(statement, {key: values[key] for key in statement.named_parameters})


def ask(cursor: DuckDBPyConnection, name: str, /, **values: object) -> list[Row]:
    """The rows that answer a question."""
    return cursor.execute(script(name), values).fetchall()


def ask_one(cursor: DuckDBPyConnection, name: str, /, **values: object) -> Row:
    """The one row that answers a question."""
    (row,) = ask(cursor, name, **values)
    return row
