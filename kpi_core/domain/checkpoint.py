"""The dates of a month at which a set share of the target is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kpi_core.domain.period import Period

FRIDAY = 4


class WeekRule(StrEnum):
    """Where a month's weeks end."""

    QUARTERS = "quarters"
    """after each quarter of the month's working days, rounded up: never before an even pace asks"""
    DAYS = "days"
    """after day 7, 14 and 21 of the month"""
    FRIDAYS = "fridays"
    """after the first three Fridays"""


@dataclass(frozen=True)
class Checkpoint:
    """By the end of day `on`, `share` of the month's target is the least that is due.

    `working_day` is the number of working days closed by then; week 4 is the month's end.
    """

    week: int
    on: date
    working_day: int
    share: float


def checkpoints(
    rule: WeekRule, shares: Sequence[float], period: Period, working_days: Sequence[date]
) -> tuple[Checkpoint, ...]:
    """The month's checkpoints in order; empty for a month without a working day.

    `shares` are those of weeks 1, 2, 3 and of the month's end. Of two that fall on the
    same day, as in a month of three working days, the later week's is kept.
    """
    total = len(working_days)
    if total == 0:
        return ()
    due: dict[int, Checkpoint] = {}
    for week, share in enumerate(shares, start=1):
        if week == len(shares):
            on, closed = period.last, total
        elif rule is WeekRule.QUARTERS:
            closed = -(-week * total // len(shares))
            on = working_days[closed - 1]
        else:
            on = _week_end(rule, week, period)
            closed = sum(1 for day in working_days if day <= on)
        due[closed] = Checkpoint(week, on, closed, share)
    due.pop(0, None)
    return tuple(due.values())


def _week_end(rule: WeekRule, week: int, period: Period) -> date:
    if rule is WeekRule.DAYS:
        end = period.first + timedelta(days=7 * week - 1)
    else:
        to_friday = (FRIDAY - period.first.weekday()) % 7
        end = period.first + timedelta(days=to_friday + 7 * (week - 1))
    return min(end, period.last)
