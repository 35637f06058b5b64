"""How far a KPI has come, against its target and against the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from kpi_core.domain.checkpoint import Checkpoint

ROUNDING_ERROR = 1e-13
"""What adding up a month of floating-point numbers may cost, as a share: one of 10^12 is more."""


def reaches(value: float, border: float) -> bool:
    """At the border or above it. Rounding errors never decide: 0.6 / 0.75 reaches 0.8."""
    return value >= border or isclose(value, border, rel_tol=ROUNDING_ERROR)


@dataclass(frozen=True)
class Lines:
    """The two lines of a month, as shares of its target by working days gone, parts of one too.

    The plan line is even in working days. `bent`: it follows shares of the plan's own instead,
    and is the floor over its last share.
    """

    checkpoints: tuple[Checkpoint, ...]
    working_days: int
    bent: bool = False

    def floor(self, days_worked: float) -> float:
        """The least share due: straight through 0 and the checkpoints, flat after the last."""
        return _through(self.checkpoints, days_worked)

    def plan(self, days_worked: float) -> float:
        """The share that is on plan."""
        if self.bent and self.checkpoints:
            return self.floor(days_worked) / self.checkpoints[-1].share
        return self.even(days_worked)

    def even(self, days_worked: float) -> float:
        """The share of the working days gone; 0 in a month without one."""
        return min(days_worked / self.working_days, 1.0) if self.working_days else 0.0


def _through(checkpoints: Sequence[Checkpoint], days_worked: float) -> float:
    day_before, share_before = 0.0, 0.0
    for checkpoint in checkpoints:
        if days_worked < checkpoint.working_day:
            run = checkpoint.working_day - day_before
            return (
                share_before + (checkpoint.share - share_before) * (days_worked - day_before) / run
            )
        day_before, share_before = float(checkpoint.working_day), checkpoint.share
    return share_before


@dataclass(frozen=True)
class Pace:
    """Where a KPI stands. `share` and `pace` are None without a target above zero.

    `plan_line` is the share that is on plan now, `days_worked` the working days gone by then,
    of the running one the part that has passed. `days_left` are counted from today.
    """

    value: float
    target: float | None
    plan_line: float
    days_worked: float
    days_left: int

    @property
    def share(self) -> float | None:
        """The share of the target reached."""
        return self.value / self.target if self.target else None

    @property
    def has_begun(self) -> bool:
        """The line has moved one working day."""
        return reaches(self.days_worked, 1)

    @property
    def expected(self) -> float | None:
        """The plan line in the KPI's own unit; None without a target."""
        return None if self.target is None else self.plan_line * self.target

    @property
    def pace(self) -> float | None:
        """Share reached over the share that is on plan; None before the line has moved a day."""
        if self.share is None or not self.has_begun or self.plan_line <= 0:
            return None
        return self.share / self.plan_line

    @property
    def missing(self) -> float | None:
        """What is left to the target, never below zero; None without a target."""
        return None if not self.target else max(self.target - self.value, 0.0)

    @property
    def needed_per_day(self) -> float | None:
        """What each remaining working day must bring; None without target or days."""
        if self.missing is None or self.days_left == 0:
            return None
        return self.missing / self.days_left
