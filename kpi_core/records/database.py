"""The database of the records: one engine, one writer at a time, one snapshot per reader."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, StatementError
from sqlalchemy.pool import ConnectionPoolEntry

from kpi_core.records.errors import StoreError, of_database, of_system

PATIENCE = 5.0
"""Seconds to wait for a writer in another process."""

SQLITE, POSTGRES = "sqlite", "postgresql"

_POSTGRES_LOCK = 0x6B70695F
"""The advisory lock of writers: with it, `changes.id` is in the order of commits."""

PATIENCE_OPTION = "records_patience"
"""Set for a transaction that is to write: the seconds it waits."""


class Database:
    """A connection pool to one database of records. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.path = place_of(self.url)
        self._file = Path(self.path) if self.url.get_backend_name() == SQLITE else None
        self._identity = None if self._file is None else identity(self._file)
        self._engine = make_engine(self.url)
        self._writer = RLock()
        self._closed = False

    def close(self) -> None:
        """Wait for the writer, then release the database: later uses get StoreError `closed`."""
        with self._writer:
            self._closed = True
            self._engine.dispose()

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[Connection]:
        """One write transaction: commits, or rolls back on any exception.

        Waits for threads of this process, and up to five seconds for other processes; with
        `patience` no longer than that many seconds for either. StoreError `locked` after it,
        `folder_gone` where SQLite's file is not, or no longer, the one that was opened.
        """
        waits = PATIENCE if patience is None else patience
        if not self._writer.acquire(timeout=-1 if patience is None else patience):
            raise StoreError("locked", path=self.path, pid=os.getpid())
        try:
            with self._connected({PATIENCE_OPTION: waits}) as connection, connection.begin():
                if connection.dialect.name == POSTGRES:
                    lock_for_writing(connection, waits)
                yield connection
            self._check_file()
        finally:
            self._writer.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot for all selects inside, whatever is committed meanwhile."""
        options: dict[str, object] = {}
        if self.url.get_backend_name() == POSTGRES:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connected(options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _connected(self, options: dict[str, object]) -> Iterator[Connection]:
        if self._closed:
            raise StoreError("closed", path=self.path)
        self._check_file()
        with errors_in_words(self.path), self._engine.connect() as connection:
            yield connection.execution_options(**options)

    def _check_file(self) -> None:
        """What is written to a file that was deleted is lost with it."""
        if self._file is not None and identity(self._file) != self._identity:
            raise StoreError("folder_gone", path=self.path)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file or folder is at a path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def parse_url(url: str) -> URL:
    """The parts of a URL; StoreError for one that names no database we can use."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("bad_records_url", scheme=url.partition(":")[0]) from None
    driver = parsed.drivername
    if driver in (SQLITE, "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        return parsed
    if driver == "postgresql+psycopg":
        return parsed
    raise StoreError("bad_records_url", scheme=driver)


def place_of(url: URL) -> str:
    """Where the records are, for messages: a file's path, or a URL without the password."""
    if url.get_backend_name() == SQLITE:
        return str(Path(url.database or "").absolute())
    return URL.create(
        url.drivername, url.username, host=url.host, port=url.port, database=url.database
    ).render_as_string()


def make_engine(url: URL) -> Engine:
    """An engine whose transactions begin as ours do; StoreError where its driver is missing."""
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() == POSTGRES)
    except (NoSuchModuleError, ImportError) as error:
        raise StoreError("no_driver", path=place_of(url)) from error
    if url.get_backend_name() == SQLITE:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def lock_for_writing(connection: Connection, patience: float = PATIENCE) -> None:
    """Become PostgreSQL's one writer until the transaction ends."""
    connection.execute(
        text("select set_config('lock_timeout', :patience, true)"),
        {"patience": f"{int(patience * 1000)}ms"},
    )
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})


@contextmanager
def errors_in_words(path: str) -> Iterator[None]:
    """Errors of the database become StoreError; mistakes of ours stay what they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        known = of_database(error.orig if isinstance(error, DBAPIError) else error, path)
        if known is None:
            raise
        raise known from error
    except StatementError as error:
        if isinstance(error.orig, ValueError):  # a value that the schema refuses
            raise error.orig from error
        raise


def make_file(path: Path) -> None:
    """See to it that SQLite's file is there, readable by its owner alone; StoreError if not."""
    log = Path(f"{path}-wal")
    try:
        if path.is_dir():
            raise StoreError("not_a_store", path=str(path))
        if path.parent.parent.is_dir() and not path.parent.exists():
            path.parent.mkdir()
        if not path.parent.is_dir():
            raise StoreError("no_folder", path=str(path), folder=str(path.parent))
        is_empty = not path.exists() or path.stat().st_size == 0
        if is_empty and log.exists() and log.stat().st_size > 0:
            raise StoreError("damaged", path=str(path))  # its last commits lie in the log
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise of_system(error, str(path)) from error


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Transactions are ours to begin; each connection keeps to foreign keys and syncs commits."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma foreign_keys = on")
    cursor.execute("pragma synchronous = full")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that is to write takes the writer's lock at once, so that none fails later."""
    patience = connection.get_execution_options().get(PATIENCE_OPTION)
    waits = PATIENCE if patience is None else float(patience)
    connection.exec_driver_sql(f"pragma busy_timeout = {int(waits * 1000)}")
    connection.exec_driver_sql("begin" if patience is None else "begin immediate")
