"""How far a KPI has come, against its target and against the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from kpi_core.domain.checkpoint import Checkpoint

MIN_PLAN_LINE = 0.05
"""Below this share of the month a pace says nothing yet."""


def reaches(value: float, border: float) -> bool:
    """At the border or above it. Rounding errors never decide: 0.6 / 0.75 reaches 0.8."""
    return value >= border or isclose(value, border)


def floor_share(checkpoints: Sequence[Checkpoint], days_elapsed: float) -> float:
    """The least share of the target due after so many closed working days.

    Straight between checkpoints, from 0 at the month's start; flat after the last.
    """
    day_before, share_before = 0.0, 0.0
    for checkpoint in checkpoints:
        if days_elapsed < checkpoint.working_day:
            run = checkpoint.working_day - day_before
            return (
                share_before + (checkpoint.share - share_before) * (days_elapsed - day_before) / run
            )
        day_before, share_before = float(checkpoint.working_day), checkpoint.share
    return share_before


def plan_share(checkpoints: Sequence[Checkpoint], days_elapsed: float) -> float:
    """The share of the target that an even pace reaches: the floor scaled to end at 1."""
    return floor_share(checkpoints, days_elapsed) / checkpoints[-1].share if checkpoints else 0.0


@dataclass(frozen=True)
class Pace:
    """Where a KPI stands. `share` and `pace` are None without a target above zero."""

    value: float
    target: float | None
    plan_line: float
    days_elapsed: int
    days_left: int

    @property
    def share(self) -> float | None:
        """The share of the target reached."""
        return self.value / self.target if self.target else None

    @property
    def pace(self) -> float | None:
        """Share reached over the share an even pace asks for; None before anything is due."""
        if self.share is None or not reaches(self.plan_line, MIN_PLAN_LINE):
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
