"""What tests may ask for, and what happens where it is not to be had."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from kpi_core.facts.store import Store, open_store
from tests.server import running

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"
_DATABASES = count()

# The same examples every time in CI, new ones elsewhere. No deadline: machines differ.
settings.register_profile("here", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if IN_CI else "here")


def do_without(reason: str) -> NoReturn:
    """Skip the test with the reason; in CI, where nothing may be missing, fail it."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files: $KPI_SHARED, or `shared` beside the project."""
    folder = Path(os.environ.get("KPI_SHARED") or ROOT.parent / "shared")
    if not (folder / "exports").is_dir():
        do_without(f"No real files at {folder}: set KPI_SHARED to the folder that holds exports/.")
    return folder


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store without facts, to be copied: making one takes four times as long."""
    path = tmp_path_factory.mktemp("empty") / "data"
    open_store(path).close()
    return path


@pytest.fixture(scope="session")
def new_store(empty_store: Path) -> Callable[[Path], Store]:
    """Opens a store without facts in a place."""

    def opened(path: Path) -> Store:
        shutil.copytree(empty_store, path)
        return open_store(path)

    return opened


@pytest.fixture
def store(tmp_path: Path, new_store: Callable[[Path], Store]) -> Iterator[Store]:
    """An empty store."""
    opened = new_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    """The independently written answers to the real files, by case."""
    listed = json.loads((shared / "exports" / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in listed["cases"]}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print what the running boards have logged under a test that failed."""
    report = yield
    if report.failed:
        for number, each in enumerate(running):
            log = each.log.read_text(errors="replace")[-10_000:]
            report.sections.append((f"log of board {number}, {each.url}", log))
    return report


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium that starts."""
    if shell := shutil.which("sh"):
        found = subprocess.run(
            [shell, ".ci/chromium"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if found.returncode == 0:
            return Path(found.stdout.strip())
    elif (given := os.environ.get("CHROMIUM")) and Path(given).exists():
        return Path(given)
    do_without("No Chromium: install Chromium or Chrome, or set CHROMIUM to its path.")


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
    name = f"test_{next(_DATABASES)}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


def on_small_disk(folder: Path, megabytes: int, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell command with a disk of its own mounted at a folder, seen by nothing else."""
    folder.mkdir()
    mounted = f"mount -t tmpfs -o size={megabytes}m tmpfs {folder} && {command}"
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", mounted],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        do_without(f"No file system of our own here: {done.stderr.strip()}")
    return done
