"""The word for where an indicator stands, and how it is reached."""

from dataclasses import dataclass
from enum import StrEnum

from kpi_core.domain.chance import Spread
from kpi_core.domain.pace import Pace, reaches

WARNING_CHANCE = 0.05
CRISIS_CHANCE = 0.01
"""A team on plan comes so far behind less often: then it is not called chance."""


class Status(StrEnum):
    """From best to worst, then the four that judge nothing.

    Where several hold, the order is: no target, achieved, awaiting data, too few, too early, on
    plan, crisis, warning, attention.
    """

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


@dataclass(frozen=True)
class Verdict:
    """A status. `could_be_chance`: behind by much, and no further than chance alone may carry."""

    status: Status
    could_be_chance: bool = False


def judge_growing(
    pace: Pace,
    levels: Levels,
    spread: Spread | None,
    *,
    is_over: bool = False,
    stale: bool = False,
    can_fall: bool = False,
    before_first_checkpoint: bool = False,
) -> Verdict:
    """What grows towards a target. Of what holds, the first of the table; a border is the better.

    Until the period is over, warning and crisis ask that a team on plan would come so far behind
    in fewer than 5 and 1 of 100 cases. `spread` is None where nothing is known of it: then there
    is neither before the first checkpoint. `can_fall`: reaching the target settles nothing yet.
    """
    share = pace.share
    if share is None:
        return Verdict(Status.NO_TARGET)
    if reaches(share, 1) and (is_over or not can_fall):
        return Verdict(Status.ACHIEVED)
    if stale:
        return Verdict(Status.STALE)
    if is_over:
        return Verdict(_level(share, levels))
    if pace.pace is None or pace.expected is None:
        return Verdict(Status.TOO_EARLY)
    if reaches(pace.pace, 1):
        return Verdict(Status.ON_PLAN)
    level = _level(pace.pace, levels)
    if level is Status.ATTENTION:
        return Verdict(level)
    if spread is not None:
        chance = spread.chance_of(pace.value, pace.expected)
    else:
        chance = 1.0 if before_first_checkpoint else 0.0
    if level is Status.CRISIS and chance < CRISIS_CHANCE:
        return Verdict(Status.CRISIS)
    if chance < WARNING_CHANCE:
        return Verdict(Status.WARNING)
    return Verdict(Status.ATTENTION, could_be_chance=True)


def judge_ceiling(pace: Pace, *, is_over: bool = False, stale: bool = False) -> Status:
    """What grows and should stay under a ceiling, which may be 0.

    Over it is crisis at once, and stays so, however old the data have become.
    """
    ceiling = pace.target
    if ceiling is None or pace.expected is None:
        return Status.NO_TARGET
    if not reaches(ceiling, pace.value):
        return Status.CRISIS
    if is_over:
        return Status.ACHIEVED
    if stale:
        return Status.STALE
    if not pace.has_begun:
        return Status.TOO_EARLY
    return Status.ON_PLAN if reaches(pace.expected, pace.value) else Status.ATTENTION


def judge_direct(
    value: float | None,
    target: float | None,
    direction: Direction,
    levels: Levels,
    *,
    is_over: bool = False,
    stale: bool = False,
) -> Status:
    """A ratio, a level or a formula that does not grow: against its target directly.

    A value of None is one whose sample is too small. Where less is better, attainment is target
    over value, and a target of zero is met by zero alone. What stands at its target has achieved
    it when the period is over.
    """
    if target is None or (direction is Direction.UP and target <= 0):
        return Status.NO_TARGET
    attainment = None if value is None else _attainment(value, target, direction)
    is_met = attainment is not None and reaches(attainment, 1)
    if is_met and is_over:
        return Status.ACHIEVED
    if stale:
        return Status.STALE
    if attainment is None:
        return Status.TOO_FEW
    return Status.ON_PLAN if is_met else _level(attainment, levels)


def _attainment(value: float, target: float, direction: Direction) -> float:
    if direction is Direction.UP:
        return value / target
    return 1.0 if value <= target else target / value


def _level(attainment: float, levels: Levels) -> Status:
    if reaches(attainment, levels.attention):
        return Status.ATTENTION
    return Status.WARNING if reaches(attainment, levels.warning) else Status.CRISIS
