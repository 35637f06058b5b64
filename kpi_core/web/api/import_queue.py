"""Imports that come at once queue: one runs, a few wait, the next is asked to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kpi_core.web.api.api_error import ApiError

PLACES = 5
"""One that runs and four that wait, or are still being sent."""
COME_AGAIN_SECONDS = 10
SLOW_SECONDS = 5.0
"""An import that takes longer gives up its turn and goes on aside, if no other does."""


class ImportQueue:
    """Places for a few, and a turn for one of them at a time. Lives on the event loop.

    Previews have a turn of their own: an import waits for none of them. One large file holds up no
    small one: what is slow goes on aside, one import or preview at a time.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._taken = 0
        self._turn = {is_preview: asyncio.Lock() for is_preview in (False, True)}
        self._aside = asyncio.Lock()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place in the queue; ApiError where none is left."""
        if self._taken >= self._places:
            raise ApiError(429, "busy", headers={"retry-after": str(COME_AGAIN_SECONDS)})
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    @asynccontextmanager
    async def turn(self, *, is_preview: bool = False) -> AsyncIterator[None]:
        """The turn of an import, or of a preview, in the order in which it was asked for."""
        held = [self._turn[is_preview]]
        await held[0].acquire()

        async def step_aside() -> None:
            await asyncio.sleep(SLOW_SECONDS)
            await self._aside.acquire()
            held.append(self._aside)
            held.pop(0).release()

        stepping = asyncio.create_task(step_aside())
        try:
            yield
        finally:
            stepping.cancel()
            held[0].release()
