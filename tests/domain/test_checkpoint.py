"""Where checkpoints fall, found by counting days on a paper calendar."""

from datetime import date

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.period import Month, Period

SHARES = (0.2, 0.4, 0.6, 0.8)
Expected = list[tuple[int, str, int]]
"""Week, day, and how many working days are closed by then."""


def placed(rule: WeekRule, calendar: WorkCalendar, month: str) -> Expected:
    period = calendar.period(Month.parse(month))
    found = checkpoints(rule, SHARES, period, calendar.working_days(period))
    assert all(c.share == SHARES[c.week - 1] for c in found)
    return [(c.week, f"{c.on.month}/{c.on.day}", c.working_day) for c in found]


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
        # The Fridays are the 1st, the 8th and the 15th.
        (
            WeekRule.FRIDAYS,
            None,
            "2026-05",
            [(1, "5/1", 1), (2, "5/8", 3), (3, "5/15", 8), (4, "5/31", 18)],
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
    assert [(c.week, c.on.day, c.working_day, c.share) for c in found] == [
        (1, 10, 1, 0.2),
        (2, 11, 2, 0.4),
        (4, 30, 3, 0.8),
    ]


def test_a_week_in_which_nobody_worked_asks_for_nothing() -> None:
    # Nothing has closed by the 7th; by the 14th all has, and so it has by the 21st and the end.
    working = (date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12))
    found = checkpoints(WeekRule.DAYS, SHARES, NOVEMBER, working)
    assert [(c.week, c.on.day, c.working_day) for c in found] == [(4, 30, 3)]
