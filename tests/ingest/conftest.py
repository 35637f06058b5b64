"""What tests of the import room may ask for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi_core.storage.store import Store


@pytest.fixture
def store(tmp_path: Path, new_store: Callable[[Path], Store]) -> Iterator[Store]:
    """An empty store."""
    opened = new_store(tmp_path / "kpi.duckdb")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    """The independently written answers to the real files, by case."""
    listed = json.loads((shared / "exports" / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in listed["cases"]}
