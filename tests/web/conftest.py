"""The API over a store of its own."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kpi_core.facts.store import Store
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.records.tokens import TokenScope
from kpi_core.tabular.file_cache import opened_files
from kpi_core.web.api import Host, api_routes, create_api
from tests.web.wall_office import Office

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Noon in Tokyo."""
WALL_CLOCK = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001 - the store's clocks have no zone


@dataclass
class Scene:
    """A server's API and the token of a program that may send files in."""

    store: Store
    token: str
    folder: Path
    uploads: Path
    not_ready: str | None = None
    keep_raw_days: int = 0
    limit_mb: int = 500
    api: FastAPI = field(init=False)
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        host = Host(
            why_not_ready=lambda: self.not_ready,
            store=lambda: self.store,
            raw=lambda: RawFiles(self.folder / "raw", self.keep_raw_days),
            limit_mb=lambda: self.limit_mb,
            now=lambda: NOW,
        )
        self.api = create_api(host)
        self.client = TestClient(Starlette(routes=api_routes(self.api)))
        self.client.headers["authorization"] = f"Bearer {self.token}"


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_store: Callable[[Path], Store]
) -> Iterator[Scene]:
    opened = len(opened_files())
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(uploads))
    store = new_store(tmp_path / "data")
    _, token = store.records.add_token("crm", TokenScope.IMPORTS, who="test", now=WALL_CLOCK)
    yield Scene(store, token, tmp_path, uploads)
    store.close()
    assert list(uploads.iterdir()) == []  # nothing that was sent is left behind
    assert len(opened_files()) <= opened


@pytest.fixture
def office(tmp_path: Path, new_store: Callable[[Path], Store]) -> Iterator[Office]:
    """An office with a wall and a plan for it."""
    store = new_store(tmp_path / "data")
    office = Office(store)
    office.plan("first")
    yield office
    store.close()
