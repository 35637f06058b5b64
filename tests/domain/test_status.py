"""The word at each border, worked out for a target of 50."""

import pytest

from kpi_core.domain.pace import Pace
from kpi_core.domain.status import Direction, Levels, Status, judge_direct, judge_pace

LEVELS = Levels()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        # After 5 of 19 days an even pace asks for 25%, which is 12.5, and the floor for 10.
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
    pace = Pace(value, 50, plan_line=0.25, days_elapsed=5, days_left=14)
    assert judge_pace(pace, LEVELS) is status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        # After 15 days 75% is 37.5, the floor 30; in binary 0.6 / 0.8 is a shade below 0.75.
        (37.5, Status.ON_PLAN),
        (37, Status.ATTENTION),
        (30, Status.ATTENTION),
        (29, Status.WARNING),
        (26.25, Status.WARNING),
        (26, Status.CRISIS),
    ],
)
def test_a_border_is_the_better_state_at_week_3(value: float, status: Status) -> None:
    pace = Pace(value, 50, plan_line=0.6 / 0.8, days_elapsed=15, days_left=4)
    assert judge_pace(pace, LEVELS) is status


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
def test_a_month_ends_achieved_or_at_an_alert_level(value: float, status: Status) -> None:
    pace = Pace(value, 50, plan_line=1, days_elapsed=19, days_left=0)
    assert judge_pace(pace, LEVELS) is status


def test_before_the_first_working_day_has_closed_it_is_too_early() -> None:
    assert judge_pace(Pace(0, 50, 0, 0, 19), LEVELS) is Status.TOO_EARLY
    assert judge_pace(Pace(3, 50, 0.04, 1, 24), LEVELS) is Status.TOO_EARLY
    assert judge_pace(Pace(50, 50, 0, 0, 19), LEVELS) is Status.ACHIEVED


def test_old_data_is_not_judged_whatever_it_says() -> None:
    assert judge_pace(Pace(50, 50, 0.5, 10, 9), LEVELS, stale=True) is Status.STALE
    assert judge_direct(1, 1, Direction.UP, LEVELS, stale=True) is Status.STALE


@pytest.mark.parametrize("target", [0, None])
def test_without_a_target_above_zero_nothing_is_judged(target: float | None) -> None:
    assert judge_pace(Pace(5, target, 0.5, 10, 9), LEVELS, stale=True) is Status.NO_TARGET
    assert judge_direct(5, target, Direction.UP, LEVELS) is Status.NO_TARGET


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0.3, Status.ACHIEVED),
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
        (7000, Status.ACHIEVED),
        (8000, Status.ACHIEVED),
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


def test_a_target_of_zero_is_met_by_zero_alone() -> None:
    assert judge_direct(0, 0, Direction.DOWN, LEVELS) is Status.ACHIEVED
    assert judge_direct(1, 0, Direction.DOWN, LEVELS) is Status.CRISIS


def test_a_small_sample_says_nothing() -> None:
    assert judge_direct(0.9, 0.3, Direction.UP, LEVELS, enough=False) is Status.TOO_FEW


def test_levels_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match=r"warning 0\.8, attention 0\.8"):
        Levels(attention=0.8, warning=0.8)
