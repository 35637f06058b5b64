"""A store to test with."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from kpi_core.facts.store import Store, open_store
from tests.facts.strategies import TALLIES

FolderMaker = Callable[[], AbstractContextManager[Path]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store without facts."""
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def fresh_folder(tmp_path_factory: pytest.TempPathFactory) -> FolderMaker:
    """The folder of a store that aggregates `TALLIES`; properties ask for one per example."""
    folder = tmp_path_factory.mktemp("stores")
    numbers = count()
    opened = open_store(folder / "pattern")
    opened.register(TALLIES)
    opened.close()

    @contextmanager
    def fresh() -> Iterator[Path]:
        path = folder / str(next(numbers))
        shutil.copytree(folder / "pattern", path)
        try:
            yield path
        finally:
            shutil.rmtree(path)

    return fresh
