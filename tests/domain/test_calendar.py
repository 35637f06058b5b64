"""Working days and business months, counted on a paper calendar."""

from datetime import UTC, date, datetime

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Month, Period

JAPAN = WorkCalendar()
CLOSING_ON_THE_20TH = WorkCalendar(closing_day=20)


def days(calendar: WorkCalendar, month: str) -> list[str]:
    period = calendar.period(Month.parse(month))
    return [f"{day.month}/{day.day}" for day in calendar.working_days(period)]


def test_a_november_has_two_public_holidays_in_japan() -> None:
    # 1 November 2026 is a Sunday; the 3rd is Culture Day, the 23rd Labour Thanksgiving Day.
    assert days(JAPAN, "2026-11") == [
        "11/2", "11/4", "11/5", "11/6",
        "11/9", "11/10", "11/11", "11/12", "11/13",
        "11/16", "11/17", "11/18", "11/19", "11/20",
        "11/24", "11/25", "11/26", "11/27",
        "11/30",
    ]  # fmt: skip


def test_golden_week_takes_the_substitute_holiday_with_it() -> None:
    # 3 May 2026 is a Sunday, so the 6th is off for it, after the 4th and the 5th.
    assert days(JAPAN, "2026-05")[:4] == ["5/1", "5/7", "5/8", "5/11"]
    assert len(days(JAPAN, "2026-05")) == 18


def test_a_february_has_its_own_length() -> None:
    # 2026: the 11th (Wednesday) and the 23rd (Monday) are off.
    assert len(days(JAPAN, "2026-02")) == 18
    assert JAPAN.period(Month(2026, 2)).last == date(2026, 2, 28)
    assert JAPAN.period(Month(2028, 2)).last == date(2028, 2, 29)


def test_closing_on_the_20th_runs_from_the_21st_of_the_month_before() -> None:
    assert CLOSING_ON_THE_20TH.period(Month(2026, 11)) == Period(
        date(2026, 10, 21), date(2026, 11, 20)
    )
    # October 21-23, 26-30; November 2, 4-6, 9-13, 16-20.
    assert len(days(CLOSING_ON_THE_20TH, "2026-11")) == 3 + 5 + 1 + 3 + 5 + 5


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 10, 20), "2026-10"),
        (date(2026, 10, 21), "2026-11"),
        (date(2026, 12, 21), "2027-01"),
    ],
)
def test_a_day_after_the_closing_day_belongs_to_the_next_month(day: date, month: str) -> None:
    assert str(CLOSING_ON_THE_20TH.month_of(day)) == month


def test_without_a_country_only_weekends_and_own_days_off_are_free() -> None:
    calendar = WorkCalendar(country=None, days_off=frozenset({date(2026, 11, 2)}))
    assert days(calendar, "2026-11")[:2] == ["11/3", "11/4"]


def test_a_moment_is_shown_on_the_plans_wall_clock() -> None:
    # 18:30 in London's winter is half past three on the next morning in Tokyo.
    assert JAPAN.local(datetime(2026, 11, 1, 18, 30, tzinfo=UTC)) == datetime(2026, 11, 2, 3, 30)  # noqa: DTZ001


def test_impossible_calendars_are_refused() -> None:
    with pytest.raises(ValueError, match="Closing day out of 1-28: 29"):
        WorkCalendar(closing_day=29)
    with pytest.raises(ValueError, match="Fiscal year starts in no such month: 13"):
        WorkCalendar(fiscal_year_start=13)
