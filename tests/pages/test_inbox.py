"""What the process does for the files that are kept as they came."""

import asyncio
import threading
from contextlib import suppress
from datetime import datetime

import pytest

from kpi_core.facts.store import Store
from kpi_core.reports import plans
from pages import _api, _inbox
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
            await asyncio.wait_for(_inbox.remove_old_raw_files(), 0.5)

    monkeypatch.setattr(plans, "wall_clock", wall_clock)
    asyncio.run(for_a_while())
    assert asked
    assert threading.main_thread() not in asked


def test_every_way_in_keeps_files_in_the_same_place(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_KEEP_RAW_DAYS", "3")
    assert _api.api().host.raw() == _inbox.raw_files()
    assert _inbox.raw_files().days == 3
