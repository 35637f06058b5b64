"""The faces of all plans, each made once for everyone who watches."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.wall import Wall
from kpi_core.reports.board import board_report
from kpi_core.reports.plans import UnreadablePlan, plans_in_use, readable_plan
from kpi_core.storage.store import Store
from kpi_core.web.live import Pulse
from kpi_core.web.wall.face import Face, face, failed_face
from kpi_core.web.wall.screen import Screen, least_vmin

LOGGER = logging.getLogger(__name__)
KEPT = 256


@dataclass(frozen=True)
class Showing:
    """What a screen shows at a pulse. `asleep`: nobody is in the office. `least` is in vmin."""

    faces: tuple[Face, ...]
    asleep: bool
    least: float


class Faces:
    """Makes faces, and keeps those of the newest pulse. Safe in any thread."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._pulse: Pulse | None = None
        self._made: dict[object, Face] = {}
        self._lock = Lock()

    def showing(self, screen: Screen, pulse: Pulse) -> Showing:
        """What the screen shows; of several plans those that cannot be shown say so, small."""
        in_use = plans_in_use(self._store)
        plans = screen.plans or in_use[:1]
        faces = tuple(self._face(plan, screen.language, pulse, plan in in_use) for plan in plans)
        settings, asleep = self._first_plan(plans)
        least = least_vmin(settings.distance_m, settings.screen_inches)
        return Showing(faces, asleep, least)

    def _face(self, plan_id: str, language: Language, pulse: Pulse, known: bool) -> Face:
        with self._lock:
            if self._pulse != pulse:
                self._pulse = pulse
                self._made.clear()
            key = plan_id, language
            made = self._made.get(key)
            if made is None:
                made = self._make(plan_id, Words(language), known)
                if len(self._made) < KEPT:
                    self._made[key] = made
            return made

    def _make(self, plan_id: str, words: Words, known: bool) -> Face:
        if not known:
            return failed_face(plan_id, words("wall.no_such_plan", plan=plan_id))
        try:
            return face(board_report(self._store, plan_id, now=self._now()), words)
        except UnreadablePlan as unreadable:
            return failed_face(plan_id, unreadable.problems[0].sentence(words))
        except Exception:  # one plan that fails leaves the others on the screen
            LOGGER.exception("The wall cannot show a plan")
            return failed_face(plan_id, words("wall.failed"))

    def _first_plan(self, plans: tuple[str, ...]) -> tuple[Wall, bool]:
        """How large the screen of the first readable plan is, and whether its office sleeps."""
        now = self._now()
        for plan_id in plans:
            try:
                plan = self._plan(plan_id, now)
            except (UnreadablePlan, KeyError):
                continue
            local = plan.work_calendar.local(now)
            working = plan.work_calendar.is_working(local.date())
            return plan.wall, plan.wall.asleep(local.time(), working=working)
        return Wall(), False

    def _plan(self, plan_id: str, now: datetime) -> Plan:
        revisions = self._store.revisions(plan_id)
        if not revisions:
            raise KeyError(plan_id)
        return readable_plan(revisions, Month.of(now.date()))
