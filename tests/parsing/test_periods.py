"""Months and weeks as files write them."""

from datetime import datetime

import pandas as pd
import pytest

from kpi_core.parsing.dates import DateReading
from kpi_core.parsing.periods import read_months, read_weeks

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
