"""A store to test with."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from kpi_core.domain.tally import Tally
from kpi_core.storage.store import Store, open_store

StoreMaker = Callable[[Sequence[Tally]], AbstractContextManager[Store]]


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> StoreMaker:
    """A store of one's own that rolls up some tallies; properties ask for one per example."""
    folder = tmp_path_factory.mktemp("stores")
    numbers = count()
    patterns: dict[tuple[Tally, ...], Path] = {}

    def pattern(tallies: tuple[Tally, ...]) -> Path:
        if tallies not in patterns:
            patterns[tallies] = folder / f"pattern-{len(patterns)}.duckdb"
            store = open_store(patterns[tallies])
            store.register(tallies)
            store.close()
        return patterns[tallies]

    @contextmanager
    def fresh(tallies: Sequence[Tally] = ()) -> Iterator[Store]:
        path = folder / f"{next(numbers)}.duckdb"
        shutil.copy(pattern(tuple(tallies)), path)
        store = open_store(path)
        try:
            yield store
        finally:
            store.close()
            path.unlink()

    return fresh


@pytest.fixture
def store(fresh_store: StoreMaker) -> Iterator[Store]:
    """A store without facts."""
    with fresh_store(()) as opened:
        yield opened
