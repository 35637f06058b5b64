"""The hub and its WebSocket: who is told of a change, and who is not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from kpi_core.web import live
from kpi_core.web.live import Hub, Pulse, quarter_of

NOON = datetime(2026, 6, 1, 12, 7, tzinfo=UTC)


class Counter:
    """A store as the hub sees it."""

    def __init__(self) -> None:
        self.version = 1
        self.rebuilding: object | None = None
        self.callbacks: list[Callable[[int], None]] = []

    def data_version(self) -> int:
        return self.version

    def subscribe(self, callback: Callable[[int], None], /) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def commit(self) -> None:
        """A commit as the store makes it: in a thread of its own."""
        thread = Thread(target=self._commit)
        thread.start()
        thread.join()

    def _commit(self) -> None:
        self.version += 1
        for callback in self.callbacks:
            callback(self.version)


@asynccontextmanager
async def started(hub: Hub) -> AsyncIterator[Hub]:
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def test_a_commit_in_a_thread_wakes_everyone_who_waits() -> None:
    async def scene() -> list[Pulse]:
        store = Counter()
        async with started(Hub(store, lambda: NOON)) as hub:
            waiting = [asyncio.create_task(hub.beyond(hub.pulse())) for _ in range(3)]
            await asyncio.sleep(0)
            await asyncio.to_thread(store.commit)
            return await asyncio.wait_for(asyncio.gather(*waiting), 5)

    assert [pulse.version for pulse in asyncio.run(scene())] == [2, 2, 2]


def test_a_commit_that_was_missed_is_not_waited_for() -> None:
    async def scene() -> Pulse:
        store = Counter()
        async with started(Hub(store, lambda: NOON)) as hub:
            seen = hub.pulse()
            await asyncio.to_thread(store.commit)
            return await asyncio.wait_for(hub.beyond(seen), 5)

    assert asyncio.run(scene()).version == 2


def test_the_next_quarter_of_an_hour_wakes_without_a_commit() -> None:
    async def scene() -> Pulse:
        now = datetime(2026, 6, 1, 14, 59, 59, 950_000, tzinfo=UTC)
        began = asyncio.get_running_loop().time()

        def clock() -> datetime:
            return now + timedelta(seconds=asyncio.get_running_loop().time() - began)

        async with started(Hub(Counter(), clock)) as hub:
            return await asyncio.wait_for(hub.beyond(hub.pulse()), 5)

    # 15:00 UTC is midnight in Tokyo.
    assert asyncio.run(scene()) == Pulse(1, datetime(2026, 6, 1, 15, tzinfo=UTC))


def test_who_waits_for_anything_is_woken_and_who_waits_for_a_pulse_is_not() -> None:
    async def scene() -> bool:
        async with started(Hub(Counter(), lambda: NOON)) as hub:
            pulse = asyncio.create_task(hub.beyond(hub.pulse()))
            stir = hub.stir
            await asyncio.sleep(0)
            hub.wake()
            await asyncio.wait_for(stir.wait(), 5)
            await asyncio.sleep(0.05)
            assert not hub.stir.is_set()
            return pulse.cancel()

    assert asyncio.run(scene())


def test_a_hub_that_stopped_has_let_go_of_the_store() -> None:
    async def scene() -> list[Callable[[int], None]]:
        store = Counter()
        async with started(Hub(store)):
            assert len(store.callbacks) == 1
        return store.callbacks

    assert asyncio.run(scene()) == []


@pytest.mark.parametrize(
    "moment",
    ["2026-06-02T00:00+09:00", "2026-06-02T00:00+05:45", "2026-06-02T00:00-03:30"],
)
def test_midnight_is_the_start_of_a_quarter_in_every_zone(moment: str) -> None:
    midnight = datetime.fromisoformat(moment)
    assert quarter_of(midnight) == midnight
    assert quarter_of(midnight - timedelta(microseconds=1)) < midnight


def test_the_beginning_and_the_end_of_a_rebuild_are_another_pulse() -> None:
    store = Counter()
    hub = Hub(store, lambda: NOON)
    ready = hub.pulse()
    store.rebuilding = object()
    assert hub.pulse() != ready
    store.rebuilding = None
    assert hub.pulse() == ready


def test_the_end_of_a_rebuild_wakes_without_a_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REBUILDING_SLEEP_SECONDS", 0.01)

    async def scene() -> Pulse:
        store = Counter()
        store.rebuilding = object()
        async with started(Hub(store, lambda: NOON)) as hub:
            waiting = asyncio.create_task(hub.beyond(hub.pulse()))
            await asyncio.sleep(0)
            store.rebuilding = None
            return await asyncio.wait_for(waiting, 5)

    assert asyncio.run(scene()) == Pulse(1, quarter_of(NOON))
