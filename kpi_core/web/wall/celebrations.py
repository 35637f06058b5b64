"""The moment after the month's target is reached: for half a minute, and never twice."""

from collections.abc import Callable
from datetime import datetime

from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport, board_report
from kpi_core.reports.celebration import Celebration, celebration_of, months_to_celebrate
from kpi_core.reports.plans import readable_plan
from kpi_core.web.wall import TEMPLATES

SECONDS = 30


class Celebrations:
    """Says, once for each plan and month, that there is something to celebrate."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def begin(self, board: BoardReport) -> tuple[Celebration, ...]:
        """What there is to celebrate from now on in the board's plan, and has not been yet."""
        moment = board.kpi.moment
        plan = readable_plan(self._store.records.revisions(board.plan_id), moment.month)
        months = months_to_celebrate(plan.work_calendar, moment.now.date())
        found = (self._of_month(board, month) for month in months)
        return tuple(celebration for celebration in found if celebration is not None)

    def _of_month(self, board: BoardReport, month: Month) -> Celebration | None:
        """The month's target once, and its record once: together where they come together.

        It is written down before it is shown: a server that dies meanwhile does not repeat it.
        """
        target, record = (f"{what} {board.plan_id} {month}" for what in ("celebrated", "record"))
        reached_before = self._store.records.is_done(target)
        if reached_before and self._store.records.is_done(record):
            return None
        if board.kpi.moment.month != month:
            board = board_report(self._store, board.plan_id, now=self._now(), month=month)
        found = celebration_of(self._store, board)
        if found is None or (reached_before and not found.record):
            return None
        local = found.kpi.moment.now
        is_reached = not reached_before and self._store.records.first_time(target, now=local)
        is_record = found.record and self._store.records.first_time(record, now=local)
        return found if is_reached or is_record else None


def celebration_message(celebration: Celebration, words: Words) -> dict[str, object]:
    """What screens receive."""
    formats, kpi = Formats(words.language), celebration.kpi
    value = narrative.figure(kpi.value, kpi, words)
    key = "wall.party_record" if celebration.record else "wall.party"
    title = words(key, month=formats.month(celebration.month))
    lines = [f"{words.localize(kpi.name)} {narrative.of_target(kpi, words)}"]
    if celebration.channels:
        shares = words("board.and").join(
            f"{channel} {formats.percent(share)}" for channel, share in celebration.channels
        )
        lines.append(words("wall.party_channels", channels=shares))
    if celebration.owner:
        lines.append(words("wall.party_owner", owner=words.localize(celebration.owner)))
    html = TEMPLATES.render("celebration.html", title=title, value=value, lines=lines)
    return {"html": html, "seconds": SECONDS, "record": celebration.record}
