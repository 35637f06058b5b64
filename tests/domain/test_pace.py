"""Lines and pace of November 2026, a month of 19 working days with a target of 50."""

from datetime import date, datetime

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.pace import Lines, Pace, reaches
from kpi_core.domain.period import Month

JAPAN = WorkCalendar()
SHARES = (0.2, 0.4, 0.6, 0.8)
NOVEMBER = Month(2026, 11)


def lines(
    month: Month,
    shares: tuple[float, ...] = SHARES,
    rule: WeekRule = WeekRule.QUARTERS,
    *,
    bent: bool = False,
) -> Lines:
    period = JAPAN.period(month)
    working = JAPAN.working_days(period)
    return Lines(checkpoints(rule, shares, period, working), len(working), bent)


# Checkpoints after 5, 10, 15 and 19 working days.
@pytest.mark.parametrize(
    ("days_worked", "floor", "plan"),
    [
        (0, 0.0, 0.0),
        (1, 0.04, 1 / 19),  # 1/5 of 0.2
        (5, 0.2, 5 / 19),
        (5.5, 0.22, 5.5 / 19),  # in the middle of a day: 0.2 + 0.5/5 of 0.2
        (7, 0.28, 7 / 19),  # 0.2 + 2/5 of 0.2
        (10, 0.4, 10 / 19),
        (12, 0.48, 12 / 19),  # 0.4 + 2/5 of 0.2
        (15, 0.6, 15 / 19),
        (17, 0.7, 17 / 19),  # 0.6 + 2/4 of 0.2
        (19, 0.8, 1.0),
        (25, 0.8, 1.0),  # flat after the last
    ],
)
def test_the_lines_of_a_november(days_worked: float, floor: float, plan: float) -> None:
    assert lines(NOVEMBER).floor(days_worked) == pytest.approx(floor)
    assert lines(NOVEMBER).plan(days_worked) == pytest.approx(plan)


@pytest.mark.parametrize("rule", WeekRule)
def test_the_plan_line_is_even_in_working_days_under_every_week_rule(rule: WeekRule) -> None:
    found = lines(Month(2026, 5), rule=rule)
    # 18 working days; by the 8th three have closed (1, 7, 8).
    assert [found.plan(days) for days in (1, 3, 9)] == pytest.approx([1 / 18, 3 / 18, 0.5])


def test_the_floor_goes_through_the_checkpoints_at_their_dates() -> None:
    # Days 7, 14, 21 of May 2026 close 2, 7 and 12 working days.
    found = lines(Month(2026, 5), rule=WeekRule.DAYS)
    assert [found.floor(days) for days in (2, 7, 12, 18)] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert found.floor(1) == pytest.approx(0.1)


def test_shares_of_the_plans_own_bend_the_plan_line() -> None:
    # A floor of 10, 30 and 60%: the plan line is the floor over 0.8.
    found = lines(NOVEMBER, (0.1, 0.3, 0.6, 0.8), bent=True)
    assert [found.plan(days) for days in (5, 10, 15, 19)] == pytest.approx([0.125, 0.375, 0.75, 1])


def test_a_month_without_working_days_asks_for_nothing() -> None:
    assert (Lines((), 0).floor(0), Lines((), 0).plan(0), Lines((), 0).even(0)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        ("2026-11-01 12:00", 0),  # a Sunday
        ("2026-11-02 09:00", 0),
        ("2026-11-02 13:30", 0.5),  # half of 9 to 18
        ("2026-11-02 17:59", 539 / 540),
        ("2026-11-02 18:00", 1),
        ("2026-11-02 23:59", 1),
        ("2026-11-03 12:00", 1),  # Culture Day
        ("2026-11-04 08:00", 1),
        ("2026-11-04 11:15", 1.25),
        ("2026-11-09 17:59", 4 + 539 / 540),
        ("2026-11-30 18:00", 19),
        ("2026-12-01 00:00", 19),
    ],
)
def test_the_days_worked_move_through_the_working_hours(moment: str, days: float) -> None:
    at = datetime.fromisoformat(moment)
    assert JAPAN.days_worked(JAPAN.period(NOVEMBER), at) == pytest.approx(days)


def test_other_working_hours_move_the_line_in_them() -> None:
    calendar = WorkCalendar(
        work_from=datetime.fromisoformat("2026-11-02 10:00").time(),
        work_to=datetime.fromisoformat("2026-11-02 20:00").time(),
    )
    at = datetime.fromisoformat("2026-11-02 15:00")
    assert calendar.days_worked(calendar.period(NOVEMBER), at) == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"Work ends before it begins: 18:00:00 to 09:00:00"):
        WorkCalendar(work_from=WorkCalendar().work_to, work_to=WorkCalendar().work_from)


def test_nothing_flips_at_midnight() -> None:
    # Four fifths of an even pace through four days: 0.8 at 23:00 and after midnight.
    found = lines(NOVEMBER)
    paces = []
    for moment in ("2026-11-06 23:00", "2026-11-07 00:00", "2026-11-09 09:00"):
        days = JAPAN.days_worked(JAPAN.period(NOVEMBER), datetime.fromisoformat(moment))
        paces.append(Pace(0.8 * 50 * 4 / 19, 50, found.plan(days), days, 15).pace)
    assert paces == pytest.approx([0.8] * 3)


def test_an_even_pace_a_minute_before_a_day_closes_is_one() -> None:
    days = JAPAN.days_worked(JAPAN.period(NOVEMBER), datetime.fromisoformat("2026-11-09 17:59"))
    assert Pace(50 * days / 19, 50, lines(NOVEMBER).plan(days), days, 15).pace == pytest.approx(1)


def test_what_is_missing_is_shared_among_the_days_to_come() -> None:
    # 20 of 50 after 10 of 19 days: 30 are missing, 9 days are left.
    pace = Pace(value=20, target=50, plan_line=0.5, days_worked=10, days_left=9)
    assert pace.share == pytest.approx(0.4)
    assert pace.pace == pytest.approx(0.8)
    assert pace.expected == 25
    assert pace.missing == 30
    assert pace.needed_per_day == pytest.approx(3.3333333)


def test_beyond_the_target_nothing_is_missing() -> None:
    pace = Pace(value=60, target=50, plan_line=0.5, days_worked=10, days_left=9)
    assert pace.missing == 0
    assert pace.needed_per_day == 0


@pytest.mark.parametrize("target", [0, None])
def test_without_a_target_above_zero_there_is_no_pace(target: float | None) -> None:
    pace = Pace(value=20, target=target, plan_line=0.5, days_worked=10, days_left=9)
    assert (pace.share, pace.pace, pace.missing, pace.needed_per_day) == (None, None, None, None)


def test_on_the_last_day_nothing_can_be_asked_of_the_days_to_come() -> None:
    assert Pace(value=20, target=50, plan_line=1, days_worked=19, days_left=0).missing == 30
    assert Pace(20, 50, 1, 19, 0).needed_per_day is None


def test_a_pace_is_silent_before_the_line_has_moved_a_working_day() -> None:
    assert Pace(5, 50, plan_line=0.99 / 23, days_worked=0.99, days_left=23).pace is None
    # One of 23 days: 5 of 50 are 10%, and the line is at 4.35%.
    assert Pace(5, 50, plan_line=1 / 23, days_worked=1, days_left=22).pace == pytest.approx(2.3)


def test_rounding_errors_never_decide_and_one_of_a_billion_does() -> None:
    assert 0.1 + 0.7 < 0.8  # binary fractions
    assert reaches(0.1 + 0.7, 0.8)
    assert not reaches(0.7999, 0.8)
    assert not reaches(999_999_999, 1_000_000_000)
    assert not reaches(999_999_999_999, 1_000_000_000_000)


def test_the_first_working_day_of_a_month_is_the_first_that_is_not_free() -> None:
    period = JAPAN.period(Month(2026, 11))
    assert JAPAN.working_days(period)[0] == date(2026, 11, 2)
