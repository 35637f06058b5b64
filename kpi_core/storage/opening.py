"""The store's file: made whole or not at all, and never opened when something is wrong with it."""

import os
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.storage.errors import StoreError, of_system, translated
from kpi_core.storage.migrate import check_schema, migrate

_HEADER_BYTES = 3 * 4096
"""DuckDB's file begins with one main header and two database headers."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched from the network, whatever a file pretends to be.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def open_connection(path: Path, *, read_only: bool) -> DuckDBPyConnection:
    """A connection to a store of this version, made or brought up to date where need be.

    StoreError for a file that is locked, damaged, newer or not a store: it stays as it was.
    """
    if not path.exists():
        if read_only:
            raise StoreError("no_store", path=str(path))
        _create(path)
    connection = _connect(path, read_only=read_only)
    try:
        _check_whole(connection, path)
        pending = check_schema(connection, path)
        if pending and read_only:
            raise StoreError("older_schema", path=str(path))
        migrate(connection, pending)
    except duckdb.Error as error:
        connection.close()
        raise translated(error, str(path)) or error from error
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, *, read_only: bool) -> DuckDBPyConnection:
    if path.is_dir():
        raise StoreError("not_a_store", path=str(path))
    try:
        return duckdb.connect(path, read_only=read_only, config=_SETTINGS)
    except duckdb.Error as error:
        raise translated(error, str(path)) or error from error


def _create(path: Path) -> None:
    """Make an empty store beside its place and move it there: no half of one is ever found."""
    if Path(f"{path}.wal").exists():
        raise StoreError("damaged", path=str(path))
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.parent.parent.is_dir() and not path.parent.exists():
            path.parent.mkdir()
        if not path.parent.is_dir():
            raise StoreError("no_folder", path=str(path), folder=str(path.parent))
        fresh.unlink(missing_ok=True)
        with _connect(fresh, read_only=False) as connection:
            migrate(connection, check_schema(connection, fresh))
        _move_unless_taken(fresh, path)
    except duckdb.Error as error:
        raise translated(error, str(path)) or error from error
    except OSError as error:
        raise of_system(error, str(path)) from error
    finally:
        if path.parent.is_dir():
            fresh.unlink(missing_ok=True)
            Path(f"{fresh}.wal").unlink(missing_ok=True)


def _move_unless_taken(fresh: Path, path: Path) -> None:
    """Another process may have been quicker: then its store is the one."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            fresh.rename(path)


def _check_whole(connection: DuckDBPyConnection, path: Path) -> None:
    """A file cut short may open all the same: its tables are read only when asked for.

    Free blocks at the end may never have been written, so only the used ones are owed.
    """
    row = connection.execute(
        "select block_size, used_blocks from pragma_database_size()"
    ).fetchone()
    assert row is not None
    block_bytes, blocks = row
    if path.stat().st_size < _HEADER_BYTES + block_bytes * blocks:
        raise StoreError("damaged", path=str(path))
