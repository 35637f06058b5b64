"""What tests may ask for, and what happens where it is not to be had."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from kpi_core.facts.store import Store, open_store
from tests.server import running

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"

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
