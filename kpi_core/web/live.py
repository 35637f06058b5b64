"""The signal that something on the screens may have changed, and how to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

QUARTER = timedelta(minutes=15)
LONGEST_SLEEP_SECONDS = 30.0
"""A clock that was set, or a laptop that slept, is noticed within this time."""
REBUILDING_SLEEP_SECONDS = 1.0
"""How soon the end of a rebuild is noticed."""


class Versioned(Protocol):
    """What the hub needs of a store."""

    @property
    def rebuilding(self) -> object | None: ...

    def data_version(self) -> int: ...

    def subscribe(self, callback: Callable[[int], None], /) -> Callable[[], None]: ...


@dataclass(frozen=True)
class Pulse:
    """What a screen was drawn from: the data's version, and the quarter of an hour.

    `rebuilding`: the numbers are being recomputed, and the last ones are shown.

    Midnight falls on a quarter of an hour in every time zone, so a screen that
    follows the quarter shows the new day wherever its plan lives.
    """

    version: int
    quarter: datetime
    rebuilding: bool = False


def pulse_of(store: Versioned, now: datetime) -> Pulse:
    """The pulse of a moment."""
    return Pulse(store.data_version(), quarter_of(now), store.rebuilding is not None)


def quarter_of(moment: datetime) -> datetime:
    """The start of the quarter of an hour that `moment` lies in, in UTC."""
    at = moment.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


class Hub:
    """Wakes everyone who waits on the event loop when the pulse changes.

    The store is subscribed to once, however many wait. A commit calls back in the
    committing thread, which hands it to the loop.
    """

    def __init__(self, store: Versioned, now: Callable[[], datetime] | None = None) -> None:
        self._store = store
        self.now = now or (lambda: datetime.now(UTC))
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._clock: asyncio.Task[None] | None = None

    def pulse(self) -> Pulse:
        """The pulse of this moment. Safe in any thread."""
        return pulse_of(self._store, self.now())

    @property
    def stir(self) -> asyncio.Event:
        """Set at the next pulse and the next `wake`. Take it, look, and only then wait for it."""
        return self._changed

    async def start(self) -> None:
        """Begin to listen, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._unsubscribe = self._store.subscribe(self._committed)
        self._clock = asyncio.create_task(self._watch_clock(), name="kpi-clock")

    async def stop(self) -> None:
        """Stop listening. Waiting tasks are left waiting, to be cancelled by its owner."""
        self._unsubscribe()
        if self._clock is not None:
            self._clock.cancel()
            with suppress(asyncio.CancelledError):
                await self._clock

    async def beyond(self, seen: Pulse) -> Pulse:
        """The pulse, as soon as it is another than `seen`. A missed change is not waited for."""
        while True:
            changed = self.stir
            pulse = self.pulse()
            if pulse != seen:
                return pulse
            await changed.wait()

    def wake(self) -> None:
        """Have everyone who waits look again. On the event loop only."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _committed(self, _version: int) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop closed while a commit was under way
                self._loop.call_soon_threadsafe(self.wake)

    async def _watch_clock(self) -> None:
        seen = quarter_of(self.now()), self._store.rebuilding is not None
        while True:
            left = (seen[0] + QUARTER - self.now()).total_seconds()
            longest = REBUILDING_SLEEP_SECONDS if seen[1] else LONGEST_SLEEP_SECONDS
            await asyncio.sleep(min(max(left, 0.05), longest))
            found = quarter_of(self.now()), self._store.rebuilding is not None
            if found != seen:
                seen = found
                self.wake()
