"""The messages to screens: made once for all that show the same."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from kpi_core.reports.board import BoardReport
from kpi_core.web.live import Hub, Pulse
from kpi_core.web.wall.access import Access
from kpi_core.web.wall.document import build
from kpi_core.web.wall.screen import Screen
from kpi_core.web.wall.views import Showing, Views

LOGGER = logging.getLogger(__name__)
MOST = 500
"""Kinds of screen whose messages are remembered."""
RETRY_SECONDS = 10.0
"""How soon what could not be shown is tried again."""


@dataclass(frozen=True)
class Message:
    """A screen's views at a pulse. `off` are the numbers of the screens that are switched off."""

    pulse: Pulse
    showing: Showing
    views: str
    off: frozenset[int]

    @property
    def boards(self) -> tuple[BoardReport, ...]:
        """What the views were made from."""
        return self.showing.boards

    def asleep(self, moment: datetime) -> bool:
        """Whether the office is empty."""
        return self.showing.asleep(moment)

    def text(self, moment: datetime) -> str:
        """The views as they are sent; `least` as the document has it, to two digits."""
        rest = {"least": round(self.showing.least, 2)} | self._state(moment)
        return f'{{"faces": {self.views}, {json.dumps(rest)[1:]}'

    def beat(self, moment: datetime) -> str:
        """A heartbeat: which document is current, and whether to sleep."""
        return json.dumps(self._state(moment))

    def _state(self, moment: datetime) -> dict[str, object]:
        return {"build": build(), "asleep": self.asleep(moment)}


@dataclass(frozen=True)
class _Making:
    since: float
    task: asyncio.Task[Message]

    def is_good(self, now: float) -> bool:
        """Still being made, or made well; what could not be shown is shared for a moment only."""
        if not self.task.done():
            return True
        if self.task.cancelled() or self.task.exception() is not None:
            return False
        return not self.task.result().showing.failed or now < self.since + RETRY_SECONDS


class Messages:
    """Makes messages, and remembers those of the newest pulse. Lives on the event loop."""

    def __init__(
        self, hub: Callable[[], Hub], views: Callable[[], Views], access: Callable[[], Access]
    ) -> None:
        self._hub = hub
        self._views = views
        self._access = access
        self._pulse: Pulse | None = None
        self._made: dict[object, _Making] = {}

    def of(self, screen: Screen) -> asyncio.Task[Message]:
        """The screen's message, which may still be in the making. Do not cancel it: others wait."""
        pulse, now = self._hub().pulse(), asyncio.get_running_loop().time()
        if self._pulse != pulse or len(self._made) >= MOST:
            self._pulse = pulse
            self._made.clear()
        key = screen.plans, screen.language
        making = self._made.get(key)
        if making is None or not making.is_good(now):
            task = asyncio.create_task(run_in_threadpool(self._compose, screen, pulse))
            making = self._made[key] = _Making(now, task)
        return making.task

    def _compose(self, screen: Screen, pulse: Pulse) -> Message:
        try:
            showing, off = self._views().showing(screen), self._access().off()
        except Exception:
            LOGGER.exception("The message to the walls cannot be made")
            raise
        views = [{"html": view.html, "title": view.title} for view in showing.views]
        return Message(pulse, showing, json.dumps(views, ensure_ascii=False), off)
