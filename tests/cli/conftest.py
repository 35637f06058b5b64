"""The command line, run in this process with a store of its own."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kpi_core.cli.main import main

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Noon in Tokyo."""


@dataclass(frozen=True)
class Ran:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"KPI_DATA": str(tmp_path / "store"), "LANG": "en_US.UTF-8"}


@pytest.fixture
def run(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command: `run("board", "--json")`; `lang="ja"` sets the terminal's language."""

    def command(*args: str, lang: str = "en", now: datetime = NOW) -> Ran:
        capsys.readouterr()
        code = main(args, {**environ, "LANG": f"{lang}_XX.UTF-8"}, now)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ran(code, said.out, said.err)

    return command


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the demo, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "data"
    assert main(["demo"], {"KPI_DATA": str(path)}, NOW) == 0
    return path


@pytest.fixture
def demo(demo_store: Path, environ: dict[str, str]) -> None:
    """The demo is loaded."""
    shutil.copytree(demo_store, Path(environ["KPI_DATA"]))


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """Three leads of our template, one with a date that nobody can read."""
    path = tmp_path / "leads.csv"
    rows = ["lead_id,lead_date,channel", "A1,2026-11-02,webinar", "A2,2026-11-16,", "A3,四月,"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def good_leads(tmp_path: Path) -> Path:
    """Two leads of our template without a fault."""
    path = tmp_path / "good.csv"
    path.write_text("lead_id,lead_date\nA1,2026-11-02\nA2,2026-11-16\n", encoding="utf-8")
    return path
