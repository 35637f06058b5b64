"""The dates of a month at which a set share of the target is due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kpi_core.domain.period import Period

FRIDAY = 4
FIRST_WEEK_DAYS = 4
"""Working days that the first week has at least under the rule of Fridays."""


class WeekRule(StrEnum):
    """Where a month's weeks end."""

    QUARTERS = "quarters"
    """after equal parts of the month's working days, rounded up: never before an even pace asks"""
    DAYS = "days"
    """after day 7, 14 and 21 of the month"""
    FRIDAYS = "fridays"
    """after the first Friday by which four working days have closed, and the two that follow"""


@dataclass(frozen=True)
class Checkpoint:
    """By the end of day `on`, `share` of the month's target is the least that is due.

    `number` counts from 1; `of` is how many there are before the month's end, which is one too,
    the last. `working_day` is the number of working days closed by then.
    """

    number: int
    of: int
    on: date
    working_day: int
    share: float

    @property
    def is_end(self) -> bool:
        """The month's end."""
        return self.number > self.of


def checkpoints(
    rule: WeekRule, shares: Sequence[float], period: Period, working_days: Sequence[date]
) -> tuple[Checkpoint, ...]:
    """The month's checkpoints in order; empty for a month without a working day.

    `shares` are those of the checkpoints and, last, of the month's end. Of two that fall on the
    same day, as in a month of three working days, the later one's is kept.
    """
    total, of = len(working_days), len(shares) - 1
    if total == 0:
        return ()
    due: dict[int, Checkpoint] = {}
    for number, on in enumerate((*_ends(rule, of, period, working_days), period.last), start=1):
        closed = sum(1 for day in working_days if day <= on)
        due[closed] = Checkpoint(number, of, on, closed, shares[number - 1])
    due.pop(0, None)
    return tuple(due.values())


def _ends(
    rule: WeekRule, count: int, period: Period, working_days: Sequence[date]
) -> Iterator[date]:
    """The days at whose end the checkpoints before the month's end are due."""
    if rule is WeekRule.QUARTERS:
        total = len(working_days)
        for part in range(1, count + 1):
            yield working_days[-(-part * total // (count + 1)) - 1]
    elif rule is WeekRule.DAYS:
        for week in range(1, count + 1):
            yield min(period.first + timedelta(days=7 * week - 1), period.last)
    else:
        fridays = _fridays(period, working_days)
        for _ in range(count):
            yield next(fridays, period.last)


def _fridays(period: Period, working_days: Sequence[date]) -> Iterator[date]:
    """The Fridays that end a week; a Friday off moves to the working day before.

    A week without a working day ends with the one after it.
    """
    closed = 0
    for friday in (day for day in period.days() if day.weekday() == FRIDAY):
        so_far = [day for day in working_days if day <= friday]
        if len(so_far) > closed and len(so_far) >= FIRST_WEEK_DAYS:
            closed = len(so_far)
            yield so_far[-1]
