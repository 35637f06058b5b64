"""What the process does for the files that are kept as they came."""

import asyncio
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from kpi_core.facts.store import Store
from kpi_core.server import app as server_app
from kpi_core.server.lifespan import remove_old_raw_files
from pages import _api, _runtime
from tests.batches import NOW


def test_old_files_are_looked_for_beside_the_event_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def wall_clock(*_: object) -> datetime:
        asked.append(threading.current_thread())
        return NOW

    async def for_a_while() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(remove_old_raw_files(_runtime.app()), 0.5)

    monkeypatch.setattr(server_app, "wall_clock", wall_clock)
    asyncio.run(for_a_while())
    assert asked
    assert threading.main_thread() not in asked


def test_every_way_in_keeps_files_in_the_same_place(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_KEEP_RAW_DAYS", "3")
    assert _api.api().state.host.raw() == _runtime.app().raw_files
    assert _runtime.app().raw_files.days == 3
