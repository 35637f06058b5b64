"""A goal in figures: what growth on the months known comes to, and what the KPI must be for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.analysis.working_back import (
    MONTHS,
    Needed,
    grown,
    months_that_reached,
    needed_per_month,
)
from kpi_core.domain.period import Month
from kpi_core.plans.document import GoalPer
from kpi_core.reports.countable import Countable, MonthValue

YEARLY, MONTHLY = 0.2, 0.1
"""The growth that is offered: on last year, and a month."""
RATE_MONTHS = 6
"""Closed months whose rates a suggestion goes by."""


@dataclass(frozen=True)
class GoalOffers:
    """Goals by growth, rounded up; None where the months for it are not known.

    `last_year` is the sum of the last twelve closed months, `last_month` the newest of them.
    """

    last_year: float | None
    on_last_year: int | None
    last_month: float | None
    by_month: int | None
    month_of_deadline: Month | None


def goal_offers(counted: Countable, per: GoalPer, deadline: date | None) -> GoalOffers:
    """What +20% on last year and +10% a month come to.

    Last year's is a sum for a goal of the year, and its twelfth for one of the month. Growth by
    month is compounded from the newest closed month to the deadline's month; it is for goals of
    the month alone.
    """
    year = [each.value for each in counted.months[-MONTHS:]]
    whole = sum(value for value in year if value is not None)
    last_year = whole if len(year) == MONTHS and None not in year and whole > 0 else None
    on_last_year = None
    if last_year is not None:
        base = last_year if per is GoalPer.YEAR else last_year / MONTHS
        on_last_year = _up(grown(base, YEARLY, 1))
    newest = counted.months[-1] if counted.months else None
    by_month = ends = None
    last_month = newest.value if newest is not None else None
    if newest is not None and last_month and per is GoalPer.MONTH and deadline is not None:
        ends = Month.of(deadline)
        months = _months_between(newest.month, ends)
        if 0 < months <= 5 * MONTHS:
            by_month = _up(grown(last_month, MONTHLY, months))
    return GoalOffers(last_year, on_last_year, last_month, by_month, ends if by_month else None)


@dataclass(frozen=True)
class Suggestion:
    """What the KPI must be each month for the goal to come out.

    `goal` is the goal of one month. Of a goal of the year `so_far` was reached in the months of it
    that are closed, and `months_left` remain; None for a goal of the month. `reached` of `known`
    months had as much of the KPI.
    """

    needed: Needed
    goal: float
    so_far: float | None
    months_left: int | None
    reached: int
    known: int


def suggested_target(
    target: float, per: GoalPer, deadline: date, goal: Countable, kpi: Countable
) -> Suggestion | None:
    """Work back from the goal by the rates of the last six months that both are known of.

    None where there is no such rate, or nothing is left to reach.
    """
    so_far = left = None
    if per is GoalPer.YEAR:
        ends = Month.of(deadline)
        begins = ends.plus(1 - MONTHS)
        closed = [each for each in goal.months if begins <= each.month <= ends]
        so_far = sum(each.value or 0.0 for each in closed)
        left = MONTHS - len(closed)
        if left <= 0 or target <= so_far:
            return None
        monthly = (target - so_far) / left
    else:
        monthly = target
    if goal.key == kpi.key:
        needed: Needed | None = Needed(_up(monthly), 1.0, 0)
    else:
        pairs = _both_known(goal.months, kpi.months)[-RATE_MONTHS:]
        needed = needed_per_month(monthly, [a for a, _ in pairs], [b for _, b in pairs])
    if needed is None:
        return None
    reached, known = months_that_reached(kpi.values, needed.value)
    return Suggestion(needed, monthly, so_far, left, reached, known)


def _both_known(
    one: Sequence[MonthValue], other: Sequence[MonthValue]
) -> list[tuple[float, float]]:
    values = {each.month: each.value for each in other}
    return [
        (each.value, value)
        for each in one
        if each.value is not None and (value := values.get(each.month)) is not None
    ]


def _months_between(first: Month, last: Month) -> int:
    return (last.year - first.year) * MONTHS + last.number - first.number


def _up(value: float) -> int:
    return math.ceil(round(value, 9))
