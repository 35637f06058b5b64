"""The celebrations of the moment: a page shows each once, but none from before it was loaded."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.concurrency import run_in_threadpool

from kpi_core.reports.board import BoardReport
from kpi_core.reports.celebration import Celebration
from kpi_core.web.wall.celebrations import SECONDS, Celebrations

LOGGER = logging.getLogger(__name__)
HELD_SECONDS = SECONDS + 15
"""How long a celebration waits for screens that reconnect."""


@dataclass
class _Held:
    """`seen_by`: pages that have shown it, or were loaded after its start."""

    celebration: Celebration
    until: float
    seen_by: set[str] = field(default_factory=set)


class CelebrationFeed:
    """Looks for what begins, beside everything else, and holds it. Lives on the event loop.

    `wake` has every screen ask for what it has not shown.
    """

    def __init__(self, celebrations: Callable[[], Celebrations], wake: Callable[[], None]) -> None:
        self._celebrations = celebrations
        self._wake = wake
        self._held: list[_Held] = []
        self._seen: dict[str, tuple[int, date]] = {}
        self._looking: set[asyncio.Task[None]] = set()

    def look(self, boards: Sequence[BoardReport]) -> None:
        """Look whether something begins: once for each state of the data, and day."""
        for board in boards:
            state = board.data_version, board.kpi.moment.now.date()
            if self._seen.get(board.plan_id) != state:
                self._seen[board.plan_id] = state
                task = asyncio.create_task(self._look(board))
                self._looking.add(task)
                task.add_done_callback(self._looking.discard)

    async def _look(self, board: BoardReport) -> None:
        try:
            started = await run_in_threadpool(self._celebrations().begin, board)
        except Exception:  # looked for again at the next pulse
            LOGGER.exception("Whether there is something to celebrate could not be found out")
            self._seen.pop(board.plan_id, None)
            return
        if started:
            until = asyncio.get_running_loop().time() + HELD_SECONDS
            self._held += (_Held(celebration, until) for celebration in started)
            self._wake()

    def mark_seen(self, page: str) -> None:
        """A page that is loaded now leaves out what started before: it may have shown it."""
        for held in self._now():
            held.seen_by.add(page)

    def for_page(self, page: str, plans: Sequence[str]) -> Iterator[Celebration]:
        """The celebrations of these plans that are new to the page; taking one marks it as seen."""
        for held in self._now():
            if held.celebration.plan_id in plans and page not in held.seen_by:
                yield held.celebration
                held.seen_by.add(page)

    def _now(self) -> list[_Held]:
        now = asyncio.get_running_loop().time()
        self._held = [held for held in self._held if held.until > now]
        return self._held
