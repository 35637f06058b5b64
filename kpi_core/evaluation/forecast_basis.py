"""What a forecast of the month's end goes by, and how it did in the months before."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kpi_core.analysis.forecast import month_forecast, past_months
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.dispersion import CountedPast, History
from kpi_core.domain.period import Month, Period
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.month_end import (
    FEWEST_EVENTS,
    FIRST_DAYS,
    HIGH,
    LOW,
    MIDDLE,
    Landing,
    forecast_at,
    landing_of,
)

RECORD_MONTHS = 12
BULK = 0.25
"""The share of its month from which on a day looks like a bulk import."""


@dataclass(frozen=True)
class PastForecast:
    """What was forecast on the same day of a month that is over, and what came."""

    month: Month
    expected: float
    low: float
    high: float
    came: float

    @property
    def held(self) -> bool:
        """Both ends of the range count."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True)
class BulkDay:
    """A day that holds more than a quarter of its month, and the forecast without it."""

    day: date
    value: float
    month_value: float
    without: Landing | None


@dataclass(frozen=True)
class ForecastBasis:
    """Why the forecast is what it is; all per working day, in the indicator's unit.

    `weight_left` is how many ordinary working days the rest of the month is worth, days off and
    the month's last days included: the rest is that times the level.
    `usual` is the recent months' level, None without any; `level` is what the rest of the month
    is expected to bring, `trust` the share of it that the month itself decides. `best_stretch` is
    the most that as many working days in a row as are left have brought, None where none are left
    or so many were never seen. `record` is newest first.
    """

    value: float
    days_left: int
    weight_left: float
    usual: float | None
    level: float
    trust: float
    needed: float | None
    best_stretch: float | None
    record: tuple[PastForecast, ...]
    bulk: BulkDay | None

    def at_rate(self, per_day: float) -> float:
        """The month's end if each working day that is left brings so much, and days off nothing."""
        return self.value + per_day * self.days_left

    @property
    def largest_rate(self) -> float:
        """A daily rate beyond all that is likely to be tried: twice the level, need or best."""
        rates = (self.level, self.needed or 0.0, self.best_stretch or 0.0)
        return max(1.0, *(float(math.ceil(2 * rate)) for rate in rates))

    @property
    def rate_step(self) -> float:
        """How finely a daily rate is chosen."""
        return self.largest_rate / 100

    @property
    def held(self) -> int:
        """How many past forecasts held."""
        return sum(each.held for each in self.record)


def forecast_basis(
    past: CountedPast,
    moment: Moment,
    calendar: WorkCalendar,
    value: float,
    target: float | None,
    *,
    can_fall: bool,
    value_of: Callable[[Period], float],
) -> ForecastBasis:
    """What the forecast of a running month goes by; `value_of` gives the value of a period."""
    found, unit = forecast_at(past, moment, calendar), past.amounts.mean
    working = calendar.working_days(moment.period)
    left = sum(1 for day in working if day > moment.last_closed)
    needed = (target - value) / left if target and left and value < target else None
    bulk = _bulk_day(past.history, moment)
    flagged = None
    if bulk is not None:
        calm = replace(past, history=_without(past.history, bulk))
        ends = landing_of(calm, moment, calendar, value, target, can_fall=can_fall)
        month = calendar.period(calendar.month_of(bulk))
        whole = Period(month.first, min(month.last, past.history.seen.last))
        without = ends if isinstance(ends, Landing) else None
        flagged = BulkDay(bulk, value_of(Period(bulk, bulk)), value_of(whole), without)
    return ForecastBasis(
        value=value,
        days_left=left,
        weight_left=found.weight_left,
        usual=None if found.usual is None else found.usual * unit,
        level=found.level * unit,
        trust=found.trust,
        needed=needed,
        best_stretch=_best_stretch(past.history, left, value_of) if left else None,
        record=tuple(_record(past, moment, calendar, value_of)),
        bulk=flagged,
    )


def _best_stretch(history: History, days: int, value_of: Callable[[Period], float]) -> float | None:
    """The most per working day of so many in a row; days off between them count along."""
    seen, calendar = history.seen, history.calendar
    working = [day for day in seen.days() if calendar.is_working(day)]
    through, total = {}, 0.0
    for day in seen.days():
        total += value_of(Period(day, day))
        through[day] = total
    before = timedelta(days=1)
    sums = [
        through[working[at + days - 1]] - through.get(working[at] - before, 0.0)
        for at in range(len(working) - days + 1)
    ]
    return max(sums) / days if sums else None


def _record(
    past: CountedPast, moment: Moment, calendar: WorkCalendar, value_of: Callable[[Period], float]
) -> Iterator[PastForecast]:
    """The forecasts of past months by as many days of them as are over in this one."""
    history = past.history
    gone = (moment.last_closed - moment.period.first).days + 1
    whole = [
        month
        for month in history.months
        if month.first >= history.seen.first and month.last < moment.period.first
    ]
    for month in reversed(whole[-RECORD_MONTHS:]):
        last = month.first + timedelta(days=min(gone, len(month) - 1) - 1)
        if last < history.seen.first:
            continue
        then = History(history.counts, Period(history.seen.first, last), calendar)
        if gone < FIRST_DAYS and not past_months(then, month):
            continue
        found = month_forecast(then, month)
        if found.is_thin(FEWEST_EVENTS / past.events):
            continue
        rest = found.rest.with_amounts(past.amounts.mean, past.amounts.variation)
        so_far = value_of(Period(month.first, last)) if last >= month.first else 0.0
        ends = [so_far + rest.quantile(share) for share in (LOW, MIDDLE, HIGH)]
        came = value_of(month)
        yield PastForecast(calendar.month_of(month.first), ends[1], ends[0], ends[2], came)


def _bulk_day(history: History, moment: Moment) -> date | None:
    """The newest day that holds more than a quarter of its month.

    Of whole months with ten events or more; of a running month against a usual one, too.
    """
    months = [month for month in history.months if month.first >= history.seen.first]
    whole = [month for month in months if month.last <= history.seen.last]
    totals = [sum(map(history.on, month.days())) for month in whole]
    for month in reversed(months):
        days = [day for day in month.days() if day in history.seen]
        came = sum(map(history.on, days))
        if month.first == moment.period.first:
            if not totals:
                continue
            came = max(came, totals[-1])
        largest = max(days, key=history.on)
        if came >= FEWEST_EVENTS and history.on(largest) > BULK * came:
            return largest
    return None


def _without(history: History, bulk: date) -> History:
    """The history with the day as the other days of its kind in its month were."""
    calendar = history.calendar
    month = calendar.period(calendar.month_of(bulk))
    is_working = calendar.is_working(bulk)
    others = [
        history.on(day)
        for day in month.days()
        if day in history.seen and day != bulk and calendar.is_working(day) == is_working
    ]
    mean = sum(others) / len(others) if others else 0.0
    return replace(history, counts={**history.counts, bulk: mean})
