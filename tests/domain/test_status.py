"""The word at each border, worked out for a target of 50."""

import pytest

from kpi_core.domain.chance import Spread
from kpi_core.domain.pace import Pace
from kpi_core.domain.status import (
    Direction,
    Levels,
    Status,
    Verdict,
    judge_ceiling,
    judge_direct,
    judge_growing,
)

LEVELS = Levels()
CERTAIN = Spread(dispersion=1.0, unit=0.001)
"""So fine a unit that a thousandth more or less is beyond chance: the levels alone decide."""


def judged(
    pace: Pace,
    spread: Spread | None = CERTAIN,
    *,
    is_over: bool = False,
    stale: bool = False,
    can_fall: bool = False,
    before_first_checkpoint: bool = False,
) -> Status:
    return judge_growing(
        pace,
        LEVELS,
        spread,
        is_over=is_over,
        stale=stale,
        can_fall=can_fall,
        before_first_checkpoint=before_first_checkpoint,
    ).status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        # After 5 of 20 days the plan line is at 25%, which is 12.5; 0.8 of it is 10.
        (50, Status.ACHIEVED),
        (49.9, Status.ON_PLAN),
        (12.5, Status.ON_PLAN),
        (12.4, Status.ATTENTION),
        (10, Status.ATTENTION),  # pace 0.8
        (9.9, Status.WARNING),
        (8.75, Status.WARNING),  # pace 0.7
        (8.7, Status.CRISIS),
        (0, Status.CRISIS),
    ],
)
def test_a_border_is_the_better_state_at_week_1(value: float, status: Status) -> None:
    assert judged(Pace(value, 50, plan_line=0.25, days_worked=5, days_left=15)) is status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        # After 15 days 75% is 37.5; in binary 0.6 / 0.8 is a shade below 0.75.
        (37.5, Status.ON_PLAN),
        (37, Status.ATTENTION),
        (30, Status.ATTENTION),
        (29, Status.WARNING),
        (26.25, Status.WARNING),
        (26, Status.CRISIS),
    ],
)
def test_a_border_is_the_better_state_at_week_3(value: float, status: Status) -> None:
    assert judged(Pace(value, 50, plan_line=0.6 / 0.8, days_worked=15, days_left=5)) is status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (50, Status.ACHIEVED),
        (49, Status.ATTENTION),
        (40, Status.ATTENTION),
        (39, Status.WARNING),
        (35, Status.WARNING),
        (34, Status.CRISIS),
    ],
)
@pytest.mark.parametrize("spread", [None, Spread(9.0)])
def test_a_closed_month_is_judged_by_attainment_alone(
    value: float, status: Status, spread: Spread | None
) -> None:
    assert judged(Pace(value, 50, 1, 19, 0), spread, is_over=True) is status


# A plan line at 10, where each is expected as in a Poisson: P(3 or fewer) = 1.03%,
# P(2) = 0.28%, P(4) = 2.9%, P(5) = 6.7%, P(7) = 22%.
@pytest.mark.parametrize(
    ("value", "status", "could_be_chance"),
    [
        (10, Status.ON_PLAN, False),
        (9, Status.ATTENTION, False),
        (8, Status.ATTENTION, False),
        (7, Status.ATTENTION, True),
        (5, Status.ATTENTION, True),
        (4, Status.WARNING, False),
        (3, Status.WARNING, False),
        (2, Status.CRISIS, False),
    ],
)
def test_behind_by_no_more_than_chance_carries_is_attention(
    value: float, status: Status, could_be_chance: bool
) -> None:
    pace = Pace(value, 40, plan_line=0.25, days_worked=5, days_left=15)
    assert judge_growing(pace, LEVELS, Spread(1.0)) == Verdict(status, could_be_chance)


def test_the_more_a_number_scatters_the_more_is_chance() -> None:
    pace = Pace(2, 40, plan_line=0.25, days_worked=5, days_left=15)
    # A variance of 20 at a mean of 10: ten heads of a fair coin, with two tails or fewer before
    # them: (1 + 5 + 13.75) / 1024 = 1.9%.
    assert judged(pace, Spread(1.0)) is Status.CRISIS
    assert judged(pace, Spread(2.0)) is Status.WARNING


def test_the_first_day_of_a_team_on_plan_is_no_crisis() -> None:
    # A target of 10 in 20 days: half of one is on plan, and none has come.
    assert judged(Pace(0, 10, 0.05, 1, 19), Spread(1.0)) is Status.ATTENTION


def test_where_nothing_is_known_of_the_scatter_the_first_checkpoint_is_waited_for() -> None:
    pace = Pace(1, 50, plan_line=0.25, days_worked=5, days_left=15)
    assert judged(pace, None, before_first_checkpoint=True) is Status.ATTENTION
    assert judged(pace, None) is Status.CRISIS


def test_before_the_line_has_moved_a_working_day_it_is_too_early() -> None:
    assert judged(Pace(0, 50, 0, 0, 19)) is Status.TOO_EARLY
    assert judged(Pace(3, 50, 0.04, 0.99, 24)) is Status.TOO_EARLY
    assert judged(Pace(50, 50, 0, 0, 19)) is Status.ACHIEVED
    # A month without a working day, when it is over.
    assert judged(Pace(10, 50, 0, 0, 0), is_over=True) is Status.CRISIS


def test_what_can_fall_has_achieved_its_target_when_the_month_is_over() -> None:
    pace = Pace(55, 50, 0.5, 10, 9)
    assert judged(pace) is Status.ACHIEVED
    assert judged(pace, can_fall=True) is Status.ON_PLAN
    assert judged(pace, can_fall=True, is_over=True) is Status.ACHIEVED


def test_old_data_is_not_judged_but_takes_nothing_back() -> None:
    assert judged(Pace(49, 50, 0.5, 10, 9), stale=True) is Status.STALE
    assert judged(Pace(50, 50, 0.5, 10, 9), stale=True) is Status.ACHIEVED
    assert judged(Pace(55, 50, 0.5, 10, 9), stale=True, can_fall=True) is Status.STALE
    assert judged(Pace(49, 50, 1, 19, 0), stale=True, is_over=True) is Status.STALE
    assert judge_direct(1, 1, Direction.UP, LEVELS, stale=True) is Status.STALE


@pytest.mark.parametrize("target", [0, None])
def test_without_a_target_above_zero_nothing_is_judged(target: float | None) -> None:
    assert judged(Pace(5, target, 0.5, 10, 9), stale=True) is Status.NO_TARGET
    assert judge_direct(5, target, Direction.UP, LEVELS) is Status.NO_TARGET


# A ceiling of 20, the ceiling line at 5 after 5 of 20 days.
@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0, Status.ON_PLAN),
        (5, Status.ON_PLAN),
        (5.1, Status.ATTENTION),
        (20, Status.ATTENTION),
        (20.1, Status.CRISIS),
    ],
)
def test_under_a_ceiling_the_even_line_is_the_border(value: float, status: Status) -> None:
    assert judge_ceiling(Pace(value, 20, 0.25, 5, 15)) is status


def test_over_the_ceiling_is_a_crisis_at_once_and_for_good() -> None:
    assert judge_ceiling(Pace(21, 20, 0, 0, 19)) is Status.CRISIS
    assert judge_ceiling(Pace(21, 20, 0.25, 5, 15), stale=True) is Status.CRISIS
    assert judge_ceiling(Pace(21, 20, 1, 19, 0), is_over=True) is Status.CRISIS


def test_under_a_ceiling_nothing_is_achieved_before_the_month_is_over() -> None:
    assert judge_ceiling(Pace(0, 20, 0, 0, 19)) is Status.TOO_EARLY
    assert judge_ceiling(Pace(4, 20, 0.25, 5, 15), stale=True) is Status.STALE
    assert judge_ceiling(Pace(20, 20, 1, 19, 0)) is Status.ON_PLAN
    assert judge_ceiling(Pace(20, 20, 1, 19, 0), is_over=True) is Status.ACHIEVED


def test_under_a_ceiling_of_zero_one_case_is_a_crisis() -> None:
    assert judge_ceiling(Pace(0, 0, 0.25, 5, 15)) is Status.ON_PLAN
    assert judge_ceiling(Pace(1, 0, 0.05, 1, 19)) is Status.CRISIS
    assert judge_ceiling(Pace(0, 0, 1, 19, 0), is_over=True) is Status.ACHIEVED
    assert judge_ceiling(Pace(0, None, 0.25, 5, 15)) is Status.NO_TARGET


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0.3, Status.ON_PLAN),
        (0.29, Status.ATTENTION),
        (0.24, Status.ATTENTION),  # 0.24 / 0.3 = 0.8
        (0.23, Status.WARNING),
        (0.21, Status.WARNING),  # 0.7
        (0.2, Status.CRISIS),
        (None, Status.TOO_FEW),
    ],
)
def test_a_ratio_is_judged_by_its_target_alone(value: float | None, status: Status) -> None:
    assert judge_direct(value, 0.3, Direction.UP, LEVELS) is status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (7000, Status.ON_PLAN),
        (8000, Status.ON_PLAN),
        (9000, Status.ATTENTION),  # 8000 / 9000 = 0.89
        (10000, Status.ATTENTION),  # 0.8
        (10001, Status.WARNING),
        (11428, Status.WARNING),  # 0.70003
        (11429, Status.CRISIS),  # 0.69997
    ],
)
def test_where_less_is_better_the_target_is_divided_by_the_value(
    value: float, status: Status
) -> None:
    assert judge_direct(value, 8000, Direction.DOWN, LEVELS) is status


@pytest.mark.parametrize("direction", Direction)
def test_what_stands_at_its_target_has_achieved_it_when_the_month_is_over(
    direction: Direction,
) -> None:
    assert judge_direct(0.3, 0.3, direction, LEVELS) is Status.ON_PLAN
    assert judge_direct(0.3, 0.3, direction, LEVELS, is_over=True) is Status.ACHIEVED
    assert judge_direct(None, 0.3, direction, LEVELS, is_over=True) is Status.TOO_FEW


def test_a_target_of_zero_is_met_by_zero_alone() -> None:
    assert judge_direct(0, 0, Direction.DOWN, LEVELS) is Status.ON_PLAN
    assert judge_direct(1, 0, Direction.DOWN, LEVELS) is Status.CRISIS


def test_levels_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match=r"warning 0\.8, attention 0\.8"):
        Levels(attention=0.8, warning=0.8)
