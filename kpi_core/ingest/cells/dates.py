"""Dates and times as files write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.ingest.cells.text import arrow, each_once, narrow
from kpi_core.ingest.finding import Code

FIRST_FAR_YEAR = 2050
"""From here on a date is a way of saying "none": 2050-01-01, 9999-12-31."""
FIRST_NEAR_YEAR = 1980
"""Before it likewise: 0001-01-01, 1900-01-00, 1970-01-01."""

_PATTERN = (
    r"^(?P<year>\d{4})[-/年](?P<month>\d{1,2})[-/月](?P<day>\d{1,2})日?"
    r"(?:[Tt ] *(?P<hour>\d{1,2})(?::(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r" *(?P<offset>[Zz]|UTC|(?P<sign>[+-])(?P<hours_east>\d{2}):?(?P<minutes_east>\d{2})?)?)?$"
)


def read_dates(
    cells: "pd.Series[str]", zone: str | None = None, date_format: str | None = None
) -> pd.DataFrame:
    """Columns `at`, the wall clock, and `code`, what is wrong; both missing where a cell is.

    Read are ISO dates and times, 2026/1/5, 2026年1月5日 and whatever `date_format` says.
    Instants with an offset are moved to `zone`, or taken as written where none is named.
    A date too far off to be meant has a code and no `at`.
    """
    at = _read_plain(cells)
    if at is None:
        return each_once(cells, lambda values: _read(values, zone, date_format))
    return _judged(at, pd.Series(pd.NA, cells.index, dtype="str"))


def _read_plain(cells: "pd.Series[str]") -> "pd.Series[pd.Timestamp] | None":
    """A column of ISO dates and times without offset, and nothing else: read at once."""
    try:
        at = pc.cast(arrow(cells), pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    return pd.Series(at.to_numpy(zero_copy_only=False), cells.index)


def _read(values: "pd.Series[str]", zone: str | None, date_format: str | None) -> pd.DataFrame:
    texts = narrow(values)
    at, looks_like_date = _read_usual(texts, zone)
    if date_format is not None:
        left = ~looks_like_date
        at[left] = _read_declared(texts[left], zone, date_format)
    code = pd.Series(pd.NA, index=values.index, dtype="str")
    missing = at.isna()
    code[missing & looks_like_date] = Code.DATE_IMPOSSIBLE.value
    code[missing & ~looks_like_date] = Code.DATE_UNREADABLE.value
    return _judged(at, code)


def _judged(at: "pd.Series[pd.Timestamp]", code: "pd.Series[str]") -> pd.DataFrame:
    year = at.dt.year
    code[year >= FIRST_FAR_YEAR] = Code.FAR_FUTURE.value
    code[year < FIRST_NEAR_YEAR] = Code.FAR_PAST.value
    return pd.DataFrame({"at": at.where(code.isna()), "code": code})


def _read_usual(
    texts: "pd.Series[str]", zone: str | None
) -> "tuple[pd.Series[pd.Timestamp], pd.Series[bool]]":
    """The moments, missing where there is none such, and which texts look like a date at all."""
    found = pc.extract_regex(arrow(texts), _PATTERN)
    looks_like_date = found.is_valid().to_numpy(zero_copy_only=False)

    def text(name: str) -> pa.Array:
        return pc.fill_null(pc.struct_field(found, name), "")

    def number(name: str) -> "np.ndarray":
        return _numbers(text(name))

    month, day, hour, minute, second = map(number, ("month", "day", "hour", "minute", "second"))
    first = (number("year") - 1970).astype("M8[Y]").astype("M8[M]") + (np.clip(month, 1, 12) - 1)
    days = first.astype("M8[D]") + (day - 1)
    sound = looks_like_date & (month >= 1) & (month <= 12) & (days.astype("M8[M]") == first)
    sound &= (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    seconds = (hour * 60 + minute) * 60 + second
    micros = _numbers(pc.utf8_slice_codeunits(pc.utf8_rpad(text("fraction"), 6, "0"), 0, 6))
    at = pd.Series(days.astype("M8[us]") + (seconds * 1_000_000 + micros), texts.index)
    at = at.where(sound)
    if zone is not None:
        placed = pc.not_equal(text("offset"), "").to_numpy(zero_copy_only=False)
        minus = pc.equal(text("sign"), "-").to_numpy(zero_copy_only=False)
        east = number("hours_east") * 60 + number("minutes_east")
        east = pd.to_timedelta(np.where(minus, -east, east), unit="m")
        at = at.mask(placed, _in_zone(at - east, zone))
    return at, pd.Series(looks_like_date, texts.index)


def _read_declared(
    texts: "pd.Series[str]", zone: str | None, date_format: str
) -> "pd.Series[pd.Timestamp]":
    """The moments in texts of a format as strptime knows it; missing where it does not fit."""
    if "%z" not in date_format:
        return pd.to_datetime(texts, format=date_format, errors="coerce").astype("M8[us]")
    place = None if zone is None else ZoneInfo(zone)

    def read(text: str) -> datetime | None:
        try:
            moment = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone is in it
            return (moment if place is None else moment.astimezone(place)).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return None

    return pd.Series([read(text) for text in texts], texts.index, dtype="M8[us]")


def _in_zone(at: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    """Wall clock of UTC as the wall clock of a zone."""
    return at.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def _numbers(digits: pa.Array) -> "np.ndarray":
    """Whole numbers; 0 where there are no digits."""
    return np.asarray(pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64()))
