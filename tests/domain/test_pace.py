"""Lines and pace of November 2026, a month of 19 working days with a target of 50."""

from datetime import date

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.checkpoint import Checkpoint, WeekRule, checkpoints
from kpi_core.domain.pace import Pace, floor_share, plan_share, reaches
from kpi_core.domain.period import Month

JAPAN = WorkCalendar()
SHARES = (0.2, 0.4, 0.6, 0.8)


def due(month: Month, shares: tuple[float, ...] = SHARES) -> tuple[Checkpoint, ...]:
    period = JAPAN.period(month)
    return checkpoints(WeekRule.QUARTERS, shares, period, JAPAN.working_days(period))


# Checkpoints after 5, 10, 15 and 19 working days.
@pytest.mark.parametrize(
    ("days_elapsed", "floor", "plan"),
    [
        (0, 0.0, 0.0),
        (1, 0.04, 0.05),  # 1/5 of 0.2
        (5, 0.2, 0.25),
        (7, 0.28, 0.35),  # 0.2 + 2/5 of 0.2
        (10, 0.4, 0.5),
        (12, 0.48, 0.6),  # 0.4 + 2/5 of 0.2
        (15, 0.6, 0.75),
        (17, 0.7, 0.875),  # 0.6 + 2/4 of 0.2
        (19, 0.8, 1.0),
        (25, 0.8, 1.0),  # flat after the last
    ],
)
def test_the_lines_of_a_november(days_elapsed: int, floor: float, plan: float) -> None:
    assert floor_share(due(Month(2026, 11)), days_elapsed) == pytest.approx(floor)
    assert plan_share(due(Month(2026, 11)), days_elapsed) == pytest.approx(plan)


def test_golden_week_asks_for_no_more_than_its_working_days() -> None:
    # At the end of 8 May three of 18 days have closed (1, 7, 8), and week 1 ends after five.
    assert floor_share(due(Month(2026, 5)), 3) == pytest.approx(0.12)  # 3/5 of 0.2
    assert plan_share(due(Month(2026, 5)), 3) == pytest.approx(0.15)


def test_a_month_without_working_days_asks_for_nothing() -> None:
    assert floor_share((), 0) == 0
    assert plan_share((), 0) == 0


def test_other_levels_scale_the_plan_line_to_end_at_one() -> None:
    # Attention at 0.9 and a week 1 of 0.25: 0.25 / 0.9.
    assert plan_share(due(Month(2026, 11), (0.25, 0.5, 0.7, 0.9)), 5) == pytest.approx(0.2777778)
    assert plan_share(due(Month(2026, 11), (0.25, 0.5, 0.7, 0.9)), 19) == 1


def test_what_is_missing_is_shared_among_the_days_to_come() -> None:
    # 20 of 50 after 10 of 19 days: 30 are missing, 9 days are left.
    pace = Pace(value=20, target=50, plan_line=0.5, days_elapsed=10, days_left=9)
    assert pace.share == pytest.approx(0.4)
    assert pace.pace == pytest.approx(0.8)
    assert pace.missing == 30
    assert pace.needed_per_day == pytest.approx(3.3333333)


def test_beyond_the_target_nothing_is_missing() -> None:
    pace = Pace(value=60, target=50, plan_line=0.5, days_elapsed=10, days_left=9)
    assert pace.missing == 0
    assert pace.needed_per_day == 0


@pytest.mark.parametrize("target", [0, None])
def test_without_a_target_above_zero_there_is_no_pace(target: float | None) -> None:
    pace = Pace(value=20, target=target, plan_line=0.5, days_elapsed=10, days_left=9)
    assert (pace.share, pace.pace, pace.missing, pace.needed_per_day) == (None, None, None, None)


def test_on_the_last_day_nothing_can_be_asked_of_the_days_to_come() -> None:
    assert Pace(value=20, target=50, plan_line=1, days_elapsed=19, days_left=0).missing == 30
    assert Pace(20, 50, 1, 19, 0).needed_per_day is None


def test_a_pace_is_silent_below_five_percent_of_the_month() -> None:
    assert Pace(5, 50, plan_line=0.0499, days_elapsed=1, days_left=20).pace is None
    assert Pace(5, 50, plan_line=0.05, days_elapsed=1, days_left=18).pace == pytest.approx(2)


def test_rounding_errors_never_decide() -> None:
    assert 0.1 + 0.7 < 0.8  # binary fractions
    assert reaches(0.1 + 0.7, 0.8)
    assert not reaches(0.7999, 0.8)


def test_the_first_working_day_of_a_month_is_the_first_that_is_not_free() -> None:
    period = JAPAN.period(Month(2026, 11))
    assert JAPAN.working_days(period)[0] == date(2026, 11, 2)
