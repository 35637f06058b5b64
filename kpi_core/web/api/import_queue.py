"""Imports that come at once queue: one runs, a few wait, the next is asked to come again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kpi_core.web.api.api_error import ApiError

PLACES = 5
"""One that runs and four that wait, or are still being sent."""
COME_AGAIN_SECONDS = 10


class ImportQueue:
    """Places for a few, and a turn for one of them at a time. Lives on the event loop.

    Previews have a turn of their own: an import waits for none of them.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._taken = 0
        self._turn = {is_preview: asyncio.Lock() for is_preview in (False, True)}

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
        async with self._turn[is_preview]:
            yield
