"""The moment after the month's target is reached: for half a minute, and never twice."""

import logging
from collections.abc import Callable
from datetime import datetime
from html import escape

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import in_words
from kpi_core.reports.board import board_report
from kpi_core.reports.celebration import Celebration, celebration_of
from kpi_core.reports.plans import UnreadablePlan
from kpi_core.storage.store import Store

LOGGER = logging.getLogger(__name__)
SECONDS = 30


class Parties:
    """Says, once for each plan and month, that there is something to celebrate."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def begin(self, plan_id: str) -> Celebration | None:
        """The celebration that begins now; None where there is none, or it has been already.

        It is written down before it is shown: a server that dies meanwhile does not repeat it.
        """
        now = self._now()
        try:
            found = celebration_of(self._store, board_report(self._store, plan_id, now=now))
        except (KeyError, UnreadablePlan):
            return None
        if found is None:
            return None
        local = found.kpi.moment.now
        once = f"celebrated {plan_id} {found.month}"
        return found if self._store.first_time(once, now=local) else None


def party(celebration: Celebration, words: Words) -> dict[str, object]:
    """What the screens are told."""
    formats, kpi = Formats(words.language), celebration.kpi
    value = in_words.figure(kpi.value, kpi, words)
    key = "wall.party_record" if celebration.record else "wall.party"
    title = words(key, month=formats.month(celebration.month))
    lines = [f"{words.pick(kpi.name)} {in_words.of_target(kpi, words)}"]
    if celebration.channels:
        shares = words("board.and").join(
            f"{channel} {formats.percent(share)}" for channel, share in celebration.channels
        )
        lines.append(words("wall.party_channels", channels=shares))
    if celebration.owner:
        lines.append(words("wall.party_owner", owner=words.pick(celebration.owner)))
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    html = f'<h2>★ {escape(title)}</h2><p class="big">{escape(value)}</p>{said}'
    return {"html": html, "seconds": SECONDS, "record": celebration.record}
