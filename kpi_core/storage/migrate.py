"""The schema's steps, each applied once and recorded in the same transaction."""

import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.storage.errors import StoreError
from kpi_core.storage.scripts import run

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


def known_migrations() -> dict[int, str]:
    """The steps this version of the program brings, by number, in order."""
    names = (file.name for file in files("kpi_core.storage").joinpath("migrations").iterdir())
    found = [match for name in names if (match := _FILE.fullmatch(name))]
    return {int(match[1]): match[2] for match in sorted(found, key=lambda match: match[1])}


def check_schema(cursor: DuckDBPyConnection, path: Path) -> list[int]:
    """The steps still to be applied; StoreError for a newer store, or one that is not ours."""
    tables = {
        name for (name,) in cursor.execute("select table_name from duckdb_tables()").fetchall()
    }
    if "migrations" not in tables:
        if tables:
            raise StoreError("not_a_store", path=str(path))
        return list(known_migrations())
    applied = {number for (number,) in cursor.execute("select number from migrations").fetchall()}
    known = known_migrations()
    if applied - known.keys():
        raise StoreError("newer_schema", path=str(path))
    return [number for number in known if number not in applied]


def migrate(cursor: DuckDBPyConnection, pending: list[int]) -> None:
    """Apply the steps in order. One that fails leaves those before it."""
    names = known_migrations()
    for number in pending:
        cursor.execute("begin")
        try:
            cursor.execute(
                "create table if not exists migrations (number integer not null, name varchar)"
            )
            run(cursor, f"migrations/{number:04d}_{names[number]}")
            cursor.execute(
                "insert into migrations values ($number, $name)",
                {"number": number, "name": names[number]},
            )
            cursor.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):  # a commit that failed has rolled back already
                cursor.execute("rollback")
            raise
