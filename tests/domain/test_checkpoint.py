"""Where checkpoints fall, found by counting days on a paper calendar."""

from datetime import date

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.period import Month, Period

SHARES = (0.2, 0.4, 0.6, 0.8)
Expected = list[tuple[int, str, int]]
"""Number, day, and how many working days are closed by then."""


def placed(rule: WeekRule, calendar: WorkCalendar, month: str) -> Expected:
    period = calendar.period(Month.parse(month))
    found = checkpoints(rule, SHARES, period, calendar.working_days(period))
    assert all(c.share == SHARES[c.number - 1] for c in found)
    assert [c.is_end for c in found] == [*[False] * (len(found) - 1), True]
    return [(c.number, f"{c.on.month}/{c.on.day}", c.working_day) for c in found]


@pytest.mark.parametrize(
    ("rule", "closing_day", "month", "expected"),
    [
        # 19 working days: quarters are 4.75, 9.5 and 14.25 days, rounded up to 5, 10 and 15.
        (
            WeekRule.QUARTERS,
            None,
            "2026-11",
            [(1, "11/9", 5), (2, "11/16", 10), (3, "11/24", 15), (4, "11/30", 19)],
        ),
        # 18 working days, of which Golden Week leaves one before the 7th: 4.5, 9, 13.5.
        (
            WeekRule.QUARTERS,
            None,
            "2026-05",
            [(1, "5/12", 5), (2, "5/18", 9), (3, "5/25", 14), (4, "5/31", 18)],
        ),
        # The 7th closes working days 1 and 7; the 14th 8 and 11-14; the 21st 15 and 18-21.
        (
            WeekRule.DAYS,
            None,
            "2026-05",
            [(1, "5/7", 2), (2, "5/14", 7), (3, "5/21", 12), (4, "5/31", 18)],
        ),
        # By Friday the 1st one working day has closed, by the 8th three (1, 7, 8), by the 15th
        # eight. By the 29th all 18 have, so the third checkpoint is the month's end.
        (
            WeekRule.FRIDAYS,
            None,
            "2026-05",
            [(1, "5/15", 8), (2, "5/22", 13), (4, "5/31", 18)],
        ),
        # 2, 4, 5 and 6 November are four.
        (
            WeekRule.FRIDAYS,
            None,
            "2026-11",
            [(1, "11/6", 4), (2, "11/13", 9), (3, "11/20", 14), (4, "11/30", 19)],
        ),
        # The month begins on a Friday: one working day has closed by then, six by the 8th.
        (
            WeekRule.FRIDAYS,
            None,
            "2027-10",
            [(1, "10/8", 6), (2, "10/15", 10), (3, "10/22", 15), (4, "10/31", 20)],
        ),
        # Friday 20 March 2026 is the equinox: the second checkpoint moves to the 19th.
        (
            WeekRule.FRIDAYS,
            None,
            "2026-03",
            [(1, "3/6", 5), (2, "3/13", 10), (3, "3/19", 14), (4, "3/31", 21)],
        ),
        # Friday 11 August 2028 is Mountain Day, and by the 4th four have closed.
        (
            WeekRule.FRIDAYS,
            None,
            "2028-08",
            [(1, "8/4", 4), (2, "8/10", 8), (3, "8/18", 13), (4, "8/31", 22)],
        ),
        # Friday 3 November 2028 is Culture Day; by it two have closed (1, 2), by the 10th seven.
        (
            WeekRule.FRIDAYS,
            None,
            "2028-11",
            [(1, "11/10", 7), (2, "11/17", 12), (3, "11/24", 16), (4, "11/30", 20)],
        ),
        # 18 working days; the 11th and the 23rd are off.
        (
            WeekRule.QUARTERS,
            None,
            "2026-02",
            [(1, "2/6", 5), (2, "2/13", 9), (3, "2/20", 14), (4, "2/28", 18)],
        ),
        # 22 working days from 21 October: 5.5, 11, 16.5.
        (
            WeekRule.QUARTERS,
            20,
            "2026-11",
            [(1, "10/28", 6), (2, "11/5", 11), (3, "11/13", 17), (4, "11/20", 22)],
        ),
        # Days are counted from the 21st: the 7th day is 27 October (21-23, 26, 27 closed).
        (
            WeekRule.DAYS,
            20,
            "2026-11",
            [(1, "10/27", 5), (2, "11/3", 9), (3, "11/10", 14), (4, "11/20", 22)],
        ),
    ],
)  # fmt: skip
def test_checkpoints_fall_where_the_rule_says(
    rule: WeekRule, closing_day: int | None, month: str, expected: Expected
) -> None:
    assert placed(rule, WorkCalendar(closing_day=closing_day), month) == expected


NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def test_a_month_without_working_days_has_no_checkpoints() -> None:
    for rule in WeekRule:
        assert checkpoints(rule, SHARES, NOVEMBER, ()) == ()


def test_of_two_checkpoints_on_one_day_the_later_weeks_is_kept() -> None:
    # Three working days: quarters are 0.75, 1.5 and 2.25 days, so 1, 2 and 3; week 3 and the
    # month's end meet after the third.
    working = (date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12))
    found = checkpoints(WeekRule.QUARTERS, SHARES, NOVEMBER, working)
    assert [(c.number, c.on.day, c.working_day, c.share) for c in found] == [
        (1, 10, 1, 0.2),
        (2, 11, 2, 0.4),
        (4, 30, 3, 0.8),
    ]


def test_a_week_in_which_nobody_worked_asks_for_nothing() -> None:
    # Nothing has closed by the 7th; by the 14th all has, and so it has by the 21st and the end.
    working = (date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12))
    found = checkpoints(WeekRule.DAYS, SHARES, NOVEMBER, working)
    assert [(c.number, c.on.day, c.working_day) for c in found] == [(4, 30, 3)]


def test_a_first_week_that_ends_on_a_holiday_is_not_lost() -> None:
    # Working days 3-6 November 2025, the 7th off: four have closed by that Friday.
    period = Period(date(2025, 11, 1), date(2025, 11, 30))
    working = [day for day in period.days() if day.weekday() < 5 and day.day != 7]
    found = checkpoints(WeekRule.FRIDAYS, SHARES, period, working)
    assert [(c.number, c.on.day, c.working_day) for c in found][:2] == [(1, 6, 4), (2, 14, 9)]


def test_a_week_in_which_nobody_worked_ends_with_the_next() -> None:
    # The second week of November 2026 is off: nothing is asked twice after the first.
    working = [day for day in NOVEMBER.days() if day.weekday() < 5 and not 9 <= day.day <= 13]
    found = checkpoints(WeekRule.FRIDAYS, SHARES, NOVEMBER, working)
    assert [(c.number, c.on.day, c.working_day) for c in found] == [
        (1, 6, 5),
        (2, 20, 10),
        (3, 27, 15),
        (4, 30, 16),
    ]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.4, 0.8), [(1, 10), (2, 19)]),  # a half of 19 is 9.5
        # Fifths of 19: 3.8, 7.6, 11.4 and 15.2, rounded up.
        ((0.1, 0.2, 0.4, 0.6, 0.8), [(1, 4), (2, 8), (3, 12), (4, 16), (5, 19)]),
    ],
)
def test_so_many_shares_stand_after_equal_parts_of_the_working_days(
    shares: tuple[float, ...], expected: list[tuple[int, int]]
) -> None:
    working = WorkCalendar().working_days(NOVEMBER)
    found = checkpoints(WeekRule.QUARTERS, shares, NOVEMBER, working)
    assert [(c.number, c.working_day) for c in found] == expected
    assert [c.is_end for c in found] == [*[False] * (len(shares) - 1), True]


def test_of_ten_shares_each_is_its_own() -> None:
    shares = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8)
    working = WorkCalendar().working_days(NOVEMBER)
    found = checkpoints(WeekRule.QUARTERS, shares, NOVEMBER, working)
    # Elevenths of 19: 1.7, 3.5, 5.2, 6.9, 8.6, 10.4, 12.1, 13.8, 15.5, 17.3.
    days = [2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 19]
    assert [c.working_day for c in found] == days
    assert [c.share for c in found] == list(shares)
