"""The targets of a plan in a fiscal year: its months, with the sums of quarters and the year."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.domain.period import Month, Period
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.targets import Targets, target_on

MONTHS, QUARTER = 12, 3


@dataclass(frozen=True)
class MonthTarget:
    """A month's target as it stands at the month's end; None without one.

    `changes` are the days in the month from which it is another, each with its target.
    """

    month: Month
    target: float | None
    is_running: bool
    changes: tuple[tuple[date, float], ...]


@dataclass(frozen=True)
class Quarter:
    """Three months of the fiscal year. `total` is None where targets do not add up."""

    number: int
    months: tuple[MonthTarget, ...]
    total: float | None


@dataclass(frozen=True)
class FiscalYear:
    """`total` is the sum of the months that have a target; None where targets do not add up."""

    quarters: tuple[Quarter, ...]
    total: float | None

    @property
    def months(self) -> tuple[MonthTarget, ...]:
        """The twelve months, in order."""
        return tuple(each for quarter in self.quarters for each in quarter.months)


@dataclass(frozen=True)
class TeamSum:
    """What the teams' targets of a month come to. `gap` is the month's target less their sum."""

    teams: tuple[tuple[str, float | None], ...]
    total: float
    gap: float | None


def fiscal_year(plan: Plan, indicator: Indicator, today: date) -> FiscalYear:
    """The fiscal year in which a day lies, by the plan's calendar."""
    running = plan.work_calendar.month_of(today)
    shift = (running.number - plan.calendar.fiscal_year_start) % MONTHS
    months = [running.plus(n - shift) for n in range(MONTHS)]
    targets = [_month(plan, indicator.targets, month, running) for month in months]
    adds_up = plan.grows(indicator)
    quarters = []
    for number in range(MONTHS // QUARTER):
        own = targets[number * QUARTER : (number + 1) * QUARTER]
        quarters.append(Quarter(number + 1, tuple(own), _total(own) if adds_up else None))
    return FiscalYear(tuple(quarters), _total(targets) if adds_up else None)


def team_sum(plan: Plan, indicator: Indicator, month: Month) -> TeamSum | None:
    """The teams' targets of a month; None where the number is not divided among teams."""
    if indicator.teams is None:
        return None
    period = plan.work_calendar.period(month)
    teams = tuple(
        (name, target_on(targets, month, period, period.last))
        for name, targets in indicator.teams.targets.items()
    )
    total = math.fsum(target for _, target in teams if target is not None)
    whole = target_on(indicator.targets, month, period, period.last)
    return TeamSum(teams, total, None if whole is None else whole - total)


def _month(plan: Plan, targets: Targets | None, month: Month, running: Month) -> MonthTarget:
    period = plan.work_calendar.period(month)
    target = target_on(targets, month, period, period.last)
    return MonthTarget(month, target, month == running, _changes(targets or {}, period))


def _changes(targets: Targets, period: Period) -> tuple[tuple[date, float], ...]:
    days = {date.fromisoformat(key): each for key, each in targets.items() if key.count("-") == 2}
    return tuple((day, days[day]) for day in sorted(days) if day in period)


def _total(months: Sequence[MonthTarget]) -> float | None:
    known = [each.target for each in months if each.target is not None]
    return math.fsum(known) if known else None
