"""A connection that failed: let go once, and opened anew by whoever asks next."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from kpi_core.storage import session as session_module
from kpi_core.storage.errors import StoreError
from kpi_core.storage.opening import open_connection
from kpi_core.storage.session import Session


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[duckdb.DuckDBPyConnection]:
    """Every connection opened from now on."""
    connections: list[duckdb.DuckDBPyConnection] = []

    def noted(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        connections.append(open_connection(path, read_only=read_only))
        return connections[-1]

    monkeypatch.setattr(session_module, "open_connection", noted)
    return connections


@pytest.fixture
def session(tmp_path: Path, opened: list[duckdb.DuckDBPyConnection]) -> Iterator[Session]:
    made = Session(tmp_path / "kpi.duckdb", read_only=False)
    made.open()
    yield made
    made.close()


def fail(
    session: Session, error: duckdb.Error, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """A use that ends in the error, after what is done meanwhile."""

    def use() -> None:
        with session.reading():
            meanwhile()
            raise error

    with pytest.raises(type(error)):
        use()


def ask(session: Session) -> None:
    with session.reading() as cursor:
        assert cursor.execute("select version from state").fetchone() == (0,)


def is_open(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        connection.execute("select 1")
    except duckdb.ConnectionException:
        return False
    return True


def test_after_a_fatal_error_the_next_use_opens_the_file_anew(
    session: Session, opened: list[duckdb.DuckDBPyConnection]
) -> None:
    fail(session, duckdb.FatalException("first"))
    ask(session)
    assert [is_open(connection) for connection in opened] == [False, True]


def test_an_error_that_harms_nobody_keeps_the_connection(
    session: Session, opened: list[duckdb.DuckDBPyConnection]
) -> None:
    fail(session, duckdb.ConversionException("ours"))
    ask(session)
    assert [is_open(connection) for connection in opened] == [True]


def test_one_that_fails_late_leaves_alone_what_was_opened_since(
    session: Session, opened: list[duckdb.DuckDBPyConnection]
) -> None:
    """Two uses begin on one connection; the second fails once the file is open again."""

    def first_fails() -> None:
        fail(session, duckdb.FatalException("first"))
        ask(session)

    fail(session, duckdb.FatalException("late"), first_fails)
    assert [is_open(connection) for connection in opened] == [False, True]
    ask(session)
    assert len(opened) == 2


def test_who_asks_after_the_end_is_refused_and_opens_nothing(
    session: Session, opened: list[duckdb.DuckDBPyConnection], tmp_path: Path
) -> None:
    session.close()
    for use in (session.reading, session.writing, session.noting):
        with pytest.raises(StoreError, match="closed"), use():
            pass
    assert len(opened) == 1
    duckdb.connect(tmp_path / "kpi.duckdb").close()
    session.open()
    ask(session)
