"""A pasted list of days off."""

from datetime import date

import pytest

from kpi_core.parsing.days_off import DaysOff, read_days_off

DEC_29, DEC_30, JAN_4 = date(2026, 12, 29), date(2026, 12, 30), date(2027, 1, 4)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-29\n2026-12-30\n2027-01-04",
        "2026/12/29, 2026/12/30, 2027/1/4",
        "12/29/2026; 12/30/2026; 1/4/2027",
        "2026年12月29日、2026年12月30日、2027年1月4日",
        "2026-12-29 – 2026-12-30\n\n2027-01-04\n2027-01-04",
        "2026年12月29日〜2026年12月30日\n2027/01/04",
        "Dec 29, 2026\nDec 30, 2026\nJan 4, 2027",
    ],
)
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert read_days_off(text) == DaysOff((DEC_29, DEC_30, JAN_4), ())


def test_what_is_no_day_is_named() -> None:
    found = read_days_off("2026-12-29\nNew Year\n2026-13-01\n2027-01-04 to 2026-01-01")
    assert found == DaysOff((DEC_29,), ("New Year", "2026-13-01", "2027-01-04 to 2026-01-01"))


def test_a_range_of_years_is_no_holiday() -> None:
    assert read_days_off("2020-01-01 to 2026-01-01").days == ()


def test_nothing_is_no_day() -> None:
    assert read_days_off(" \n ") == DaysOff((), ())
