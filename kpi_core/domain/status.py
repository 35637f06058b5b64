"""The word for where an indicator stands, and how it is reached."""

from dataclasses import dataclass
from enum import StrEnum

from kpi_core.domain.pace import Pace, reaches


class Status(StrEnum):
    """From best to worst, then the four that judge nothing."""

    ACHIEVED = "achieved"
    ON_PLAN = "on_plan"
    ATTENTION = "attention"
    WARNING = "warning"
    CRISIS = "crisis"
    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"
    STALE = "stale"
    NO_TARGET = "no_target"

    @property
    def shape(self) -> str:
        """The sign that goes with the word, so that colour never speaks alone."""
        return _SHAPES[self]


_SHAPES: dict[Status, str] = {
    Status.ACHIEVED: "★",
    Status.ON_PLAN: "●",
    Status.ATTENTION: "▲",
    Status.WARNING: "◆",
    Status.CRISIS: "■",
    Status.TOO_EARLY: "○",
    Status.TOO_FEW: "○",
    Status.STALE: "◌",
    Status.NO_TARGET: "–",
}


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Levels:
    """The borders between attention, warning and crisis, as shares (method, alert levels)."""

    attention: float = 0.8
    warning: float = 0.7

    def __post_init__(self) -> None:
        if not 0 < self.warning < self.attention < 1:
            raise ValueError(
                f"Levels must rise from 0 to 1: warning {self.warning}, attention {self.attention}"
            )


def judge_pace(pace: Pace, levels: Levels, *, stale: bool = False) -> Status:
    """The status of a number that grows through the month. A border is the better state.

    Old data is not judged, whatever it says. At a closed month's end pace is attainment.
    """
    share = pace.share
    if share is None:
        return Status.NO_TARGET
    if stale:
        return Status.STALE
    if reaches(share, 1):
        return Status.ACHIEVED
    if pace.pace is None or pace.days_elapsed == 0:
        return Status.TOO_EARLY
    return Status.ON_PLAN if reaches(pace.pace, 1) else _level(pace.pace, levels)


def judge_direct(
    value: float | None,
    target: float | None,
    direction: Direction,
    levels: Levels,
    *,
    stale: bool = False,
    enough: bool = True,
) -> Status:
    """The status of a ratio, a stock or anything where less is better: against its target directly.

    `enough` says whether the sample is large enough to speak. With DOWN, attainment is
    target over value; a target of zero is met by zero alone.
    """
    if target is None or (direction is Direction.UP and target <= 0):
        return Status.NO_TARGET
    if stale:
        return Status.STALE
    if value is None or not enough:
        return Status.TOO_FEW
    if direction is Direction.UP:
        attainment = value / target
    elif value <= target:
        attainment = 1.0
    else:
        attainment = target / value
    return Status.ACHIEVED if reaches(attainment, 1) else _level(attainment, levels)


def _level(attainment: float, levels: Levels) -> Status:
    if reaches(attainment, levels.attention):
        return Status.ATTENTION
    return Status.WARNING if reaches(attainment, levels.warning) else Status.CRISIS
