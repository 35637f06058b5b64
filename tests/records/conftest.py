"""Records to test with, in SQLite and in a PostgreSQL that is started for the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.records import Records, open_records


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    """Records without an import."""
    opened = open_records(url)
    yield opened
    opened.close()
