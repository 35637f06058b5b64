"""What tests of the import room may ask for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi_core.facts.store import Store, open_store


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store without facts, to be copied: making one takes several times as long."""
    data = tmp_path_factory.mktemp("empty") / "data"
    open_store(data).close()
    return data


@pytest.fixture
def store(tmp_path: Path, empty_data: Path) -> Iterator[Store]:
    """An empty store."""
    shutil.copytree(empty_data, tmp_path / "data")
    opened = open_store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    """The independently written answers to the real files, by case."""
    listed = json.loads((shared / "exports" / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: case for case in listed["cases"]}
