"""Records to test with, in SQLite and in a PostgreSQL that is started for the tests."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, make_url, text

from kpi_core.records import Records, open_records
from tests.conftest import ROOT, do_without

_NUMBERS = count()


def _postgres(action: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    if shell is None:
        do_without("No shell to start a PostgreSQL with.")
    return subprocess.run(
        [shell, ".ci/postgres", action, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of one's own."""
    # Installing it, where it is missing, is for one test process at a time.
    with FileLock(tmp_path_factory.getbasetemp().parent / "postgres.lock"):
        started = _postgres("start")
    if started.returncode:
        do_without(f"No PostgreSQL: {started.stderr.strip()}")
    url = started.stdout.strip()
    yield url
    stopped = _postgres("stop", url)
    assert stopped.returncode == 0, stopped.stderr


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The URL of an empty PostgreSQL database."""
    name = f"test_{next(_NUMBERS)}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


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
