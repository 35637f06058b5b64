"""The views of all plans, each made once for all screens."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.wall_screen import Wall
from kpi_core.reports.board import BoardReport, board_report
from kpi_core.reports.plans import UnreadablePlan, plans_in_use, readable_plan
from kpi_core.web.live import Pulse, pulse_of
from kpi_core.web.wall.screen import Screen, least_vmin
from kpi_core.web.wall.view import View, failed_view, wall_view

LOGGER = logging.getLogger(__name__)
KEPT = 256


@dataclass(frozen=True)
class Showing:
    """What a screen shows. `least` is in vmin.

    `boards` are what its views were made from. `failed`: one of them could not be made, for a
    reason that may be gone the next moment. `wall` and `calendar` are of the first plan that
    can be read.
    """

    views: tuple[View, ...]
    boards: tuple[BoardReport, ...]
    failed: bool
    wall: Wall
    calendar: WorkCalendar

    @property
    def least(self) -> float:
        """The smallest text that can be read from where the room sits."""
        return least_vmin(self.wall.distance_m, self.wall.screen_inches)

    def asleep(self, moment: datetime) -> bool:
        """Whether the office is empty at a moment, to the minute."""
        local = self.calendar.local(moment)
        return self.wall.asleep(local.time(), working=self.calendar.is_working(local.date()))


@dataclass(frozen=True)
class _Made:
    view: View
    board: BoardReport | None = None
    failed: bool = False


class Views:
    """Makes views, and keeps those of this pulse. Safe in any thread."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._pulse: Pulse | None = None
        self._made: dict[tuple[str, Language], _Made] = {}
        self._lock = Lock()

    def showing(self, screen: Screen) -> Showing:
        """What the screen shows; of several plans those that cannot be shown say so, small."""
        in_use = plans_in_use(self._store)
        plans = screen.plans or in_use[:1]
        made = [self._one(plan, screen.language, plan in in_use) for plan in plans]
        wall, calendar = self._office(plans)
        return Showing(
            views=tuple(each.view for each in made),
            boards=tuple(each.board for each in made if each.board is not None),
            failed=any(each.failed for each in made),
            wall=wall,
            calendar=calendar,
        )

    def _one(self, plan_id: str, language: Language, known: bool) -> _Made:
        with self._lock:
            pulse = pulse_of(self._store, self._now())
            if self._pulse != pulse:
                self._pulse = pulse
                self._made.clear()
            key = plan_id, language
            made = self._made.get(key)
            if made is None:
                made = self._make(plan_id, Words(language), known)
                if len(self._made) < KEPT and not made.failed:
                    self._made[key] = made
            return made

    def _make(self, plan_id: str, words: Words, known: bool) -> _Made:
        if not known:
            return _Made(failed_view(plan_id, words("wall.no_such_plan", plan=plan_id)))
        try:
            board = board_report(self._store, plan_id, now=self._now())
            return _Made(wall_view(board, words), board)
        except UnreadablePlan as unreadable:
            return _Made(failed_view(plan_id, unreadable.problems[0].sentence(words)))
        except Exception:  # one plan that fails leaves the others on the screen
            LOGGER.exception("The wall cannot show a plan")
            return _Made(failed_view(plan_id, words("wall.failed")), failed=True)

    def _office(self, plans: tuple[str, ...]) -> tuple[Wall, WorkCalendar]:
        """Of the first plan that can be read; without one, a screen that never sleeps."""
        month = Month.of(self._now().date())
        for plan_id in plans:
            revisions = self._store.records.revisions(plan_id)
            with suppress(UnreadablePlan):
                if revisions:
                    plan = readable_plan(revisions, month)
                    return plan.wall, plan.work_calendar
        return Wall(sleeps=False), WorkCalendar()
