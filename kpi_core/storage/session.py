"""One process's use of the store: one connection, a cursor per use, one writer at a time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.storage.errors import StoreError, invalidates, translated
from kpi_core.storage.kept_tables import KeptTables
from kpi_core.storage.opening import open_connection

_log = logging.getLogger(__name__)


@dataclass
class Transaction:
    """A change under way. Kept at the end unless `keep` is taken back."""

    cursor: DuckDBPyConnection
    keep: bool = True
    raises_version: bool = True


@dataclass
class Session:
    """The connection, its data version, and who wants to hear of a new one."""

    path: Path
    read_only: bool
    version: int = 0
    _connection: DuckDBPyConnection | None = None
    _closed: bool = False
    _writer: Lock = field(default_factory=Lock)
    _opener: Lock = field(default_factory=Lock)
    _subscribers: dict[object, Callable[[int], None]] = field(default_factory=dict)

    def open(self) -> None:
        """Open the file; StoreError says what is wrong with it."""
        self._connection = open_connection(self.path, read_only=self.read_only)
        self._closed = False
        try:
            with self.reading() as cursor:
                self.version = _version(cursor)
                if not self.read_only:
                    KeptTables.of(self.path).tidy(cursor)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Wait for the writer, then let go of the file for good: whoever asks later is refused."""
        with self._writer, self._opener:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """A cursor of one's own: it sees what was committed when its query began."""
        with self._cursor() as cursor:
            yield cursor

    @contextmanager
    def writing(self, scratch: DuckDBPyConnection | None = None) -> Iterator[Transaction]:
        """A transaction, after that of any other thread. All of it is kept, or nothing.

        In `scratch`, a cursor of `reading`, it sees what was made there.
        """
        if self.read_only:
            raise StoreError("read_only", path=str(self.path))
        raised = None
        with self._writer, self._cursor(scratch) as cursor:
            cursor.execute("begin")
            transaction = Transaction(cursor)
            try:
                yield transaction
                if transaction.keep:
                    if transaction.raises_version:
                        cursor.execute("update state set version = version + 1")
                        raised = _version(cursor)
                    cursor.execute("commit")
                else:
                    cursor.execute("rollback")
            except BaseException:
                _roll_back(cursor)
                raise
            if raised is not None:
                self.version = raised
        if raised is not None:
            self._tell(raised)

    @contextmanager
    def noting(self) -> Iterator[DuckDBPyConnection]:
        """A small change that waits for nobody and of which no one hears.

        Not for what matters: it is lost where another thread changes the same row.
        """
        with self._cursor() as cursor:
            yield cursor

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Hear of each new version, in the thread that committed it; call the result to stop."""
        key = object()
        self._subscribers[key] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe

    def _tell(self, version: int) -> None:
        for callback in tuple(self._subscribers.values()):
            try:
                callback(version)
            except Exception:
                _log.exception("A subscriber of the store failed")

    @contextmanager
    def _cursor(self, scratch: DuckDBPyConnection | None = None) -> Iterator[DuckDBPyConnection]:
        """The cursor given, or one of its own that ends with its use."""
        connection = None
        try:
            connection = self._connected()
            if scratch is not None:
                yield scratch
                return
            with connection.cursor() as cursor:
                yield cursor
        except duckdb.Error as error:
            if connection is not None and invalidates(error):
                self._let_go(connection)
            raise translated(error, str(self.path)) or error from error

    def _connected(self) -> DuckDBPyConnection:
        with self._opener:
            if self._closed:
                raise StoreError("closed", path=str(self.path))
            if self._connection is None:
                self._connection = open_connection(self.path, read_only=self.read_only)
            return self._connection

    def _let_go(self, failed: DuckDBPyConnection) -> None:
        """After a fatal error DuckDB refuses everything: the next use opens the file anew.

        One that fails late leaves alone what another thread has opened since.
        """
        with self._opener:
            if self._connection is failed:
                failed.close()
                self._connection = None


def _version(cursor: DuckDBPyConnection) -> int:
    row = cursor.execute("select version from state").fetchone()
    assert row is not None
    return int(row[0])


def _roll_back(cursor: DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a commit that failed has rolled back already
        cursor.execute("rollback")
