"""A store to test with."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from kpi_core.domain.aggregate import Tally
from kpi_core.facts.store import Store, open_store
from tests.facts.strategies import TALLIES

FolderMaker = Callable[[], AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def fresh_folder(tmp_path_factory: pytest.TempPathFactory) -> FolderMaker:
    """The folder of a store that aggregates `TALLIES`; properties ask for one per example."""
    return copies(tmp_path_factory.mktemp("stores"), TALLIES)


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> FolderMaker:
    """The folder of a store as it is when it was made."""
    return copies(tmp_path_factory.mktemp("plain"), ())


def copies(folder: Path, tallies: Sequence[Tally]) -> FolderMaker:
    """Copies of the folder of one store: making one takes ten times as long."""
    numbers = count()
    opened = open_store(folder / "pattern")
    opened.register(tallies)
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


@pytest.fixture
def store(plain_folder: FolderMaker) -> Iterator[Store]:
    """A store without facts."""
    with plain_folder() as folder:
        opened = open_store(folder)
        yield opened
        opened.close()
