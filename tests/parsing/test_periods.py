"""Months and weeks as files write them."""

from datetime import datetime

import pandas as pd
import pytest

from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.periods import month_of_year, read_months, read_weeks, week_of_year

at = datetime.fromisoformat


@pytest.mark.parametrize(
    "cell",
    ["Oct 2020", "October 2020", "2020-10", "2020/10", "2020年10月", "２０２０年１０月分",
     "10/2020", "202010",
     "令和2年10月", "R2.10", "octobre 2020", "oct. 2020", "2020-10-17", "17 Oct 2020"],
)  # fmt: skip
def test_a_month_is_its_first_day(cell: str) -> None:
    read = read_months(pd.Series([cell], dtype="str"), DateReading()).iloc[0]
    assert (read["at"], pd.isna(read["code"])) == (at("2020-10-01"), True)


def test_the_month_in_which_an_era_begins_is_of_either() -> None:
    read = read_months(
        pd.Series(["平成31年4月", "令和元年5月", "昭和64年1月", "平成元年1月"], dtype="str"),
        DateReading(),
    )
    assert read["at"].tolist() == [
        at("2019-04-01"),
        at("2019-05-01"),
        at("1989-01-01"),
        at("1989-01-01"),
    ]


@pytest.mark.parametrize("cell", ["2020-13", "Foo 2020", "2020", "四月"])
def test_what_is_no_month_is_said(cell: str) -> None:
    read = read_months(pd.Series([cell], dtype="str"), DateReading()).iloc[0]
    assert pd.isna(read["at"])
    assert pd.notna(read["code"])


@pytest.mark.parametrize("cell", ["2026-W05", "2026W5", "2026年第5週", "2026-01-26"])
def test_a_week_is_its_monday(cell: str) -> None:
    read = read_weeks(pd.Series([cell], dtype="str"), DateReading()).iloc[0]
    assert (read["at"], pd.isna(read["code"])) == (at("2026-01-26"), True)


def test_a_week_that_never_was_is_no_date() -> None:
    read = read_weeks(pd.Series(["2026-W60"], dtype="str"), DateReading()).iloc[0]
    assert read["code"] == "date_unreadable"


@pytest.mark.parametrize(
    ("year", "name", "first"),
    [
        ("2026", "3", "2026-03-01"),
        ("2026年", "03月", "2026-03-01"),
        ("２０２６", "３月", "2026-03-01"),
        ("2026.0", "3.0", "2026-03-01"),
        ("令和8年", "3月", "2026-03-01"),
        ("2026", "March", "2026-03-01"),
        ("2026", " Mar. ", "2026-03-01"),
        ("2026", "März", "2026-03-01"),
        ("2026", "13", None),
        ("2026", "Foo", None),
        ("26", "3", None),
        ("2026", "", None),
    ],
)
def test_a_month_is_read_with_its_year_apart(year: str, name: str, first: str | None) -> None:
    found = month_of_year(year, name)
    assert (found and found.isoformat()) == first


@pytest.mark.parametrize(
    ("year", "number", "first"),
    [
        ("2026", "5", "2026-01-26"),
        ("2026", "W05", "2026-01-26"),
        ("2026", "KW 5", "2026-01-26"),
        ("2026年", "第５週", "2026-01-26"),
        ("2026", "1", "2025-12-29"),
        ("2026", "53", "2026-12-28"),
        ("2027", "53", None),
        ("2026", "0", None),
    ],
)
def test_a_week_is_read_with_its_year_apart(year: str, number: str, first: str | None) -> None:
    found = week_of_year(year, number)
    assert (found and found.isoformat()) == first
