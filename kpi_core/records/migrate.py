"""The schema of a database of records: looked at, and brought up to date in one transaction."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from kpi_core.records.database import (
    PATIENCE,
    PATIENCE_OPTION,
    SQLITE,
    errors_in_words,
    lock_for_writing,
    make_engine,
    make_file,
    parse_url,
    place_of,
)
from kpi_core.records.errors import StoreError
from kpi_core.records.schema import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "records_version"


def migrate(url: str, *, migrations: Path = MIGRATIONS) -> None:
    """Make the database's tables, or bring them up to date; costs little where they are.

    StoreError for what is damaged, newer or not a database of records: it stays as it was.
    """
    parsed = parse_url(url)
    path = place_of(parsed)
    if parsed.get_backend_name() == SQLITE:
        make_file(Path(path))
    engine = make_engine(parsed)
    try:
        with errors_in_words(path):
            known = known_versions(migrations)
            if _version(engine, path, known) == known[-1]:
                return
            if parsed.get_backend_name() == SQLITE:
                _write_ahead(engine)
            _upgrade(engine, migrations)
    except StoreError as error:
        if error.code == "damaged" and not _is_sqlite(Path(path)):
            raise StoreError("not_a_store", path=path) from error
        raise
    finally:
        engine.dispose()


def known_versions(migrations: Path = MIGRATIONS) -> list[str]:
    """The versions of the schema, oldest first, as the files of migrations are numbered."""
    return sorted(file.stem[:4] for file in (migrations / "versions").glob("[0-9]*.py"))


def _version(engine: Engine, path: str, known: list[str]) -> str | None:
    """The version of the schema; None for a database without one. StoreError for a foreign one."""
    with engine.connect() as connection, connection.begin():
        tables = set(inspect(connection).get_table_names())
        if VERSION_TABLE not in tables:
            # A file is ours alone; a PostgreSQL schema may hold tables of others.
            others = tables if connection.dialect.name == SQLITE else tables & {*metadata.tables}
            if others:
                raise StoreError("not_a_store", path=path)
            return None
        version = str(connection.scalar(text(f"select version_num from {VERSION_TABLE}")))  # noqa: S608
        if version not in known:
            raise StoreError("newer_schema", path=path)
        return version


def _write_ahead(engine: Engine) -> None:
    """Readers and a writer do not wait for each other from now on; the file remembers it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("pragma journal_mode = wal")
    finally:
        connection.close()


def _upgrade(engine: Engine, migrations: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    options = {PATIENCE_OPTION: PATIENCE}
    with engine.connect().execution_options(**options) as connection:
        is_sqlite = connection.dialect.name == SQLITE
        if is_sqlite:  # a table is changed by copying it, which references would not survive
            connection.connection.cursor().execute("pragma foreign_keys = off")
        with connection.begin():
            if not is_sqlite:
                lock_for_writing(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if is_sqlite:
                _check_references(connection)


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
    if broken:
        raise sqlite3.IntegrityError(f"A migration leaves references to missing rows: {broken}")


def _is_sqlite(path: Path) -> bool:
    """Whether a file begins as SQLite's do."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"
