"""Where an indicator's month will end, as its report says it: the middle, the range, the chance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kpi_core.analysis.forecast import MonthForecast, month_forecast
from kpi_core.domain.calendar import WorkCalendar, end_of
from kpi_core.domain.dispersion import CountedPast
from kpi_core.evaluation.as_of import Moment

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
"""The range holds the month's end in 80 of 100 cases."""
FIRST_DAYS = 4
"""Days of a first month with a count and a pace alone."""
FEWEST_EVENTS = 10
"""Events a month below which nothing is said but a count and a word."""
LEAST_CHANCE = 0.01
"""Nothing is called impossible, and nothing certain."""
FEW_IN_TEN = 0.15
"""A chance below which it is 1 in so many, above the rest to 1 all but one of so many."""
LIKELY = 2 / 3
"""A chance from which on the target is likely; below the rest to 1 it is unlikely."""


class Outlook(StrEnum):
    """Whether the target will be reached, in a word."""

    LIKELY = "likely"
    OPEN = "open"
    UNLIKELY = "unlikely"

    @classmethod
    def of(cls, chance: float) -> "Outlook":
        """Two in three either way make it likely or unlikely."""
        if chance >= LIKELY:
            return cls.LIKELY
        return cls.OPEN if chance > 1 - LIKELY else cls.UNLIKELY


@dataclass(frozen=True)
class Odds:
    """A chance from 0.01 to 0.99, and as a fraction: `times` in `of`."""

    chance: float
    times: int
    of: int

    @classmethod
    def from_chance(cls, chance: float) -> "Odds":
        """1 in 12, 4 in 10, 19 in 20; never none and never all."""
        chance = min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)
        if chance < FEW_IN_TEN:
            return cls(chance, 1, round(1 / chance))
        if chance > 1 - FEW_IN_TEN:
            of = round(1 / (1 - chance))
            return cls(chance, of - 1, of)
        return cls(chance, round(10 * chance), 10)


@dataclass(frozen=True)
class Landing:
    """The month's end. `expected` is the middle: as often more as less.

    `low` and `high` are the range, None where the month is too thin for one. `odds` are those
    of the target; None without a target, once it is reached for good, and in a thin month, which
    has an `outlook` alone. `is_first`: no month before tells a level.
    """

    expected: float
    low: float | None
    high: float | None
    odds: Odds | None = None
    outlook: Outlook | None = None
    is_first: bool = False


class NoLanding(StrEnum):
    """Why there is no forecast."""

    FIRST_DAYS = "first_days"
    """A first month has to come to its fifth day."""
    TOO_LITTLE = "too_little"
    """Too few days or amounts are known to say how they differ."""
    FALLS = "falls"
    """Days below zero: what will be taken back is not known."""


def landing_of(
    past: CountedPast | None,
    moment: Moment,
    calendar: WorkCalendar,
    value: float,
    target: float | None,
    *,
    can_fall: bool,
) -> Landing | NoLanding:
    """The end of a month whose value so far is `value`; `past` are the days before the moment.

    `target` None asks for no chance. The range closes when the month is over, not before.
    """
    if moment.is_over:
        return Landing(value, value, value)
    if past is None:
        days_gone = (moment.last_closed - moment.period.first).days + 1
        return NoLanding.FIRST_DAYS if days_gone < FIRST_DAYS else NoLanding.TOO_LITTLE
    found = forecast_at(past, moment, calendar)
    in_month = sum(1 for day in moment.period.days() if day in past.history.seen)
    if found.past_months == 0 and in_month < FIRST_DAYS:
        return NoLanding.FIRST_DAYS
    if value < 0 or past.falls:
        return NoLanding.FALLS
    return _landing(found, past, value, target, can_fall=can_fall)


def forecast_at(past: CountedPast, moment: Moment, calendar: WorkCalendar) -> MonthForecast:
    """The forecast in events, from the days that are over and what is left of the running one."""
    left = left_of_day(calendar, moment.as_of)
    return month_forecast(past.history, moment.period, left_of_today=left)


def left_of_day(calendar: WorkCalendar, moment: datetime) -> float:
    """The part of a day that is to come: of its clock or its working hours, whichever is more."""
    day = moment.date()
    clock = (end_of(day) - moment) / timedelta(days=1)
    if not calendar.is_working(day):
        return clock
    opens, closes = (datetime.combine(day, at) for at in (calendar.work_from, calendar.work_to))
    return min(max(clock, (closes - moment) / (closes - opens)), 1.0)


def _landing(
    found: MonthForecast,
    past: CountedPast,
    value: float,
    target: float | None,
    *,
    can_fall: bool,
) -> Landing:
    amounts = past.amounts
    rest = found.rest.with_amounts(amounts.mean, amounts.variation)
    expected = value + rest.quantile(MIDDLE)
    odds = None
    if target and (value < target or can_fall):
        odds = Odds.from_chance(rest.chance_of(target - value))
    outlook = None if odds is None else Outlook.of(odds.chance)
    is_first = found.past_months == 0
    if found.is_thin(FEWEST_EVENTS / past.events):
        return Landing(expected, None, None, None, outlook, is_first)
    low = value + rest.quantile(LOW)
    high = value + max(rest.quantile(HIGH), rest.unit)
    return Landing(expected, low, high, odds, outlook, is_first)
