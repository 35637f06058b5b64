"""A pasted list of days off, read day by day."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kpi_core.parsing.dates import DateReading, Order, read_dates

MOST_DAYS = 1_000
LONGEST_RANGE = 400
_TO = re.compile(r"\s*(?:〜|～|→|—|–|\bto\b|から|\s-\s|\.\.)\s*")
_ENTRIES = re.compile(r"[\n\r;、,\t]+(?!\s*\d{4}\b(?![-/.年]))")
_READING = DateReading(order=Order.MONTH_DAY)
"""Where the year comes last, the day cannot: 12/29/2026; 29/12/2026 is asked for another way."""


@dataclass(frozen=True)
class DaysOff:
    """The days in order, each once, and the entries that are no day."""

    days: tuple[date, ...]
    unreadable: tuple[str, ...]


def read_days_off(text: str) -> DaysOff:
    """Days and ranges of days, one on a line or between commas.

    `2026-12-29`, `2026/12/29`, `12/29/2026`, `2026年12月29日`, `2026-12-29 – 2027-01-03`.
    """
    days: set[date] = set()
    unreadable = []
    for entry in (part.strip() for part in _ENTRIES.split(text)):
        if not entry:
            continue
        ends = [_day(part) for part in _TO.split(entry)]
        found = _between(ends)
        if found is None or len(days) > MOST_DAYS:
            unreadable.append(entry)
        else:
            days.update(found)
    return DaysOff(tuple(sorted(days)), tuple(unreadable))


def _between(ends: list[date | None]) -> list[date] | None:
    match ends:
        case [date() as day]:
            return [day]
        case [date() as first, date() as last] if timedelta() <= last - first:
            count = (last - first).days + 1
            if count <= LONGEST_RANGE:
                return [first + timedelta(days=n) for n in range(count)]
    return None


def _day(text: str) -> date | None:
    at = read_dates(pd.Series([text], dtype="str"), _READING)["at"].iloc[0]
    return None if pd.isna(at) else at.date()
