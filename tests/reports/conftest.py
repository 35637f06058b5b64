"""A store with a plan and leads of one's own making."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from tests.batches import Event, at, batch

TOKYO = ZoneInfo("Asia/Tokyo")

PLAN = """
id = "p"
name = "P"
csf = "c"
[kgi]
name = "g"
target = 1
deadline = 2027-03-31
[kpi]
id = "mql"
name = "MQLs"
kind = "count"
stage = "marketing_qualified"
{targets}
[calendar]
{calendar}
{rest}
"""


def plan_text(targets: str = "targets.default = 50", calendar: str = "", rest: str = "") -> str:
    """A plan that counts MQLs in the Japanese calendar."""
    return PLAN.format(targets=targets, calendar=calendar, rest=rest)


def in_tokyo(text: str) -> datetime:
    """`2026-11-10 09:00` on Tokyo's clocks, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


Told = tuple[str, str, str]
"""A lead, a stage, a day."""


class Scene:
    """A store, and the few things that tests do to it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.imported = 0

    def plan(self, text: str, *, since: str | None = None, now: str = "2026-01-01") -> Plan:
        """Load a plan's text, in force from a month on."""
        month = Month.parse(since) if since else None
        moment = datetime.fromisoformat(now)
        plan = load_plan(self.store, text, who="t", why="", effective_from=month, now=moment)
        assert isinstance(plan, Plan), plan
        return plan

    def leads(
        self,
        told: Iterable[Told],
        *,
        through: str,
        channel: Callable[[str], str | None] = lambda lead: None,
        attributes: Iterable[tuple[str, str, str]] = (),
        amount: float | None = None,
    ) -> None:
        """Import events; `through` is up to when the file tells everything."""
        self.imported += 1
        events = (
            Event(lead, stage, at(day), channel(lead), amount=amount) for lead, stage, day in told
        )
        known: dict[str, dict[str, str]] = {}
        for lead, name, value in attributes:
            known.setdefault(lead, {})[name] = value
        said = batch(
            *events,
            source="s",
            name=f"{self.imported}.csv",
            content_hash=str(self.imported),
            data_through=at(through),
            attributes=known,
        )
        self.store.commit(said, who="t", now=at(through))


@pytest.fixture
def scene(tmp_path: Path, new_store: Callable[[Path], Store]) -> Iterable[Scene]:
    store = new_store(tmp_path / "data")
    yield Scene(store)
    store.close()


def mqls(per_day: dict[str, int]) -> list[Told]:
    """So many new MQLs on each day."""
    return [
        (f"{day}-{n}", "marketing_qualified", day)
        for day, count in per_day.items()
        for n in range(count)
    ]


def midnight_after(day: date) -> str:
    """The end of a day, as the store is told it."""
    return datetime.combine(day, time()).isoformat()
