"""Months and weeks as files write them, each by its first day."""

import re
from collections.abc import Callable
from datetime import date

import pandas as pd

from kpi_core.parsing.date_reading import DateReading
from kpi_core.parsing.dates import judged, read_dates
from kpi_core.parsing.text_column import each_once, narrow
from kpi_core.parsing.text_dates import month_in_figures, western

_MONTHS = (
    re.compile(r"(?P<year>\d{4}) *[-/.年 ] *(?P<month>\d{1,2}) *(?:月分?)?"),
    re.compile(r"(?P<month>\d{1,2}) *[-/. ] *(?P<year>\d{4})"),
    re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})"),
)
_ERA_MONTH = re.compile(r"([^\W\d_a-zA-Z]{2}|[RHS]) *\.? *(\d{1,2}|元) *[年./-] *(\d{1,2}) *月?分?")
_WEEK = re.compile(r"(\d{4})(?:[- ]?W| *年 *第? *)(\d{1,2})(?: *週目?)?", re.IGNORECASE)

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
    text = month_in_figures(text)
    for pattern in _MONTHS:
        if match := pattern.fullmatch(text):
            return _day(int(match["year"]), int(match["month"]))
    if match := _ERA_MONTH.fullmatch(text):
        era, year, number = match.groups()
        count = 1 if year == "元" else int(year)
        for day in (1, 28):  # an era may begin within the month
            found = western(era, count, int(number), day)
            if found is not None:
                return _day(found, int(number))
    return None


def week(text: str) -> date | None:
    """The Monday of the ISO week that a text in NFKC names; None where it names none."""
    match = _WEEK.fullmatch(text)
    try:
        return None if match is None else date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return None


def _day(year: int, number: int) -> date | None:
    return date(year, number, 1) if 1 <= number <= 12 and year >= 1 else None


def _read(values: "pd.Series[str]", reading: DateReading, period: Period) -> pd.DataFrame:
    found = pd.Series([period(text) for text in narrow(values)], values.index, dtype="M8[us]")
    left = found.isna().to_numpy()
    whole = judged(found, pd.Series(pd.NA, values.index, dtype="str"))
    if left.any():
        whole[left] = read_dates(values[left], reading)
    return whole
