"""How many leads reached a stage, by day, month or channel of the event."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.plans.indicator import Basis

ALWAYS = Period(date.min, date.max)


class By(StrEnum):
    """What a row stands for."""

    DAY = "day"
    MONTH = "month"
    CHANNEL = "channel"


@dataclass(frozen=True)
class CountRow:
    """`key` is a day, a calendar month or a channel; '' where no channel is known."""

    key: str
    count: float


@dataclass(frozen=True)
class CountsReport:
    """Leads by the date on which they first reached the stage, on the workspace's clock.

    `as_of` is where a board ends: the earlier of now and data through. `later` counts what of the
    total is dated after that, and so is on no board yet. Days and months without any are left out;
    channels come largest first. `period` is None where all days were asked for. `undated` counts
    leads that reached the stage at an unknown date: they are in no row and not in `total`; None
    where one source was asked for, since undated leads are counted over all.
    """

    stage: Stage
    by: By
    basis: Basis
    source: str | None
    period: Period | None
    rows: tuple[CountRow, ...]
    total: float
    undated: int | None
    data_through: datetime | None
    as_of: datetime
    later: float
    zone: str


def counts_report(
    store: Store,
    stage: Stage,
    by: By,
    *,
    now: datetime,
    period: Period | None = None,
    source: str | None = None,
) -> CountsReport:
    """Count the leads, and those counted elsewhere, that reached a stage in the period.

    What is dated after `now`, on the workspace's clock, does not count yet.
    """
    tally = Tally(TallyKind.REACHED, stage, source=source)
    store.register((tally,))
    through = store.data_through((tally,))
    as_of = min(now, through or now)
    asked = period or ALWAYS
    ends, today = ((each - timedelta(microseconds=1)).date() for each in (as_of, now))
    known = _within(asked, asked.first, today)
    coming = _within(asked, ends + timedelta(days=1), today)
    counted: defaultdict[str, float] = defaultdict(float)
    if known is None:
        order = []
    elif by is By.CHANNEL:
        counted.update(store.by_channel((tally,), known)[tally])
        order = sorted(counted, key=lambda channel: (-counted[channel], channel))
    else:
        for day, count in store.daily((tally,), known)[tally].items():
            counted[day.isoformat() if by is By.DAY else str(Month.of(day))] += count
        order = sorted(counted)
    rows = tuple(CountRow(key, counted[key]) for key in order if counted[key])
    return CountsReport(
        stage=stage,
        by=by,
        basis=Basis.EVENT,
        source=source,
        period=period,
        rows=rows,
        total=sum(row.count for row in rows),
        undated=store.undated(stage) if source is None else None,
        data_through=through,
        as_of=as_of,
        later=0.0 if coming is None else sum(store.daily((tally,), coming)[tally].values()),
        zone=store.zone,
    )


def _within(asked: Period, first: date, last: date) -> Period | None:
    """The days asked for from one to another; None where there are none."""
    first, last = max(asked.first, first), min(asked.last, last)
    return Period(first, last) if first <= last else None
