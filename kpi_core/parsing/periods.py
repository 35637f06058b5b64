"""Months and weeks as files write them, each by its first day."""

import re
from collections.abc import Callable
from datetime import date

import pandas as pd

from kpi_core.parsing.date_formats import ERA_MONTH, MONTHS, WEEK
from kpi_core.parsing.dates import DateReading, judged, read_dates
from kpi_core.parsing.text_column import each_once, narrow, narrowed
from kpi_core.parsing.text_dates import month_of, western

_WEEK, _ERA_MONTH, *_MONTHS = (
    re.compile(pattern, re.IGNORECASE) for pattern in (WEEK, ERA_MONTH, *MONTHS)
)

_YEAR = re.compile(
    r"((?:19|20)\d{2}|[^\W\d_a-zA-Z]{2} *(?:\d{1,2}|元)|[RHS] *\d{1,2})(?:\.0+)? *年?"
)
_NUMBER_OF_MONTH = re.compile(r"M?(\d{1,2})(?:\.0+)? *(?:月分?|월)?", re.IGNORECASE)
_NUMBER_OF_WEEK = re.compile(
    r"(?:W|KW|CW|week|第)?[ .-]*(\d{1,2})(?:\.0+)? *(?:週目?|周|주)?", re.IGNORECASE
)

Period = Callable[[str], date | None]
"""The first day of what a text in NFKC names; None where it names none such."""


def read_months(cells: "pd.Series[str]", reading: DateReading) -> pd.DataFrame:
    """As read_dates, `at` being the first of the month: 2020-10, Oct 2020, 10/2020, 2020年10月.

    A date stands for its month.
    """
    read = each_once(cells, lambda values: _read(values, reading, month))
    return read.assign(at=read["at"].astype("M8[us]").dt.to_period("M").dt.to_timestamp())


def read_weeks(cells: "pd.Series[str]", reading: DateReading) -> pd.DataFrame:
    """As read_dates, `at` being the Monday: 2026-W05, 2026年第5週. A date stands for itself."""
    return each_once(cells, lambda values: _read(values, reading, week))


def month(text: str) -> date | None:
    """The first day of the month that a text in NFKC names; None where it names none."""
    text = " ".join(text.split())
    for found in filter(None, (pattern.fullmatch(text) for pattern in _MONTHS)):
        named = "name" in found.groupdict()
        number = month_of(found["name"]) if named else int(found["month"])
        if number is not None:
            return _day(int(found["year"]), number)
    if match := _ERA_MONTH.fullmatch(text):
        count = 1 if match["year"] == "元" else int(match["year"])
        for day in (1, 28):  # an era may begin within the month
            year = western(match["era"], count, int(match["month"]), day)
            if year is not None:
                return _day(year, int(match["month"]))
    return None


def week(text: str) -> date | None:
    """The Monday of the ISO week that a text in NFKC names; None where it names none."""
    match = _WEEK.fullmatch(text)
    try:
        return match and date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
    except ValueError:
        return None


def month_of_year(year: str, name: str) -> date | None:
    """The first day of a month whose year stands apart: 2026 and Jan, 1 or 1月; 令和8年 and 1月.

    None where the two texts are none such.
    """
    whole, number = _year(year), _NUMBER_OF_MONTH.fullmatch(narrowed(name).strip())
    if whole is None:
        return None
    return month(f"{whole}年{number[1]}月" if number else f"{narrowed(name).strip()} {whole}")


def week_of_year(year: str, number: str) -> date | None:
    """The Monday of an ISO week whose year stands apart: 2026 and 5, W05, KW 5 or 第5週.

    None where the two texts are none such.
    """
    whole, found = _year(year), _NUMBER_OF_WEEK.fullmatch(narrowed(number).strip())
    return None if whole is None or found is None else week(f"{whole}-W{found[1]}")


def _year(text: str) -> str | None:
    match = _YEAR.fullmatch(narrowed(text).strip())
    return match and match[1]


def _day(year: int, number: int) -> date | None:
    return date(year, number, 1) if 1 <= number <= 12 and year >= 1 else None


def _read(values: "pd.Series[str]", reading: DateReading, period: Period) -> pd.DataFrame:
    found = pd.Series([period(text) for text in narrow(values)], values.index, dtype="M8[us]")
    left = found.isna().to_numpy()
    whole = judged(found, pd.Series(pd.NA, values.index, dtype="str"))
    if left.any():
        whole[left] = read_dates(values[left], reading)
    return whole
