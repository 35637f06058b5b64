"""Dates and times as files write them, read by what was decided for their column."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.domain.issue_code import Code
from kpi_core.parsing.date_formats import (
    FIRST_FAR_YEAR,
    FIRST_NEAR_YEAR,
    Clock,
    DateReading,
    Order,
    Unit,
)
from kpi_core.parsing.fast_dates import fast_date, fast_zone, zone_east
from kpi_core.parsing.numeric_dates import (
    Figures,
    counted,
    looks_bare,
    moments,
    numbered_days,
    take_apart,
)
from kpi_core.parsing.text_column import arrow, each_once, is_missing_mark, narrow

__all__ = [
    "Clock", "DateReading", "Order", "Unit", "fast_date", "fast_zone", "read_dates", "zones_of",
]  # fmt: skip


def read_dates(cells: "pd.Series[str]", reading: DateReading) -> pd.DataFrame:
    """Columns `at`, the wall clock, and `code`, what is wrong; both missing where a cell is.

    A cell that says "none" (-, N/A) is as good as missing. A date too far off to be meant has
    a code and no `at`.
    """
    if not (reading.format or reading.moves) and (at := _read_plain(cells)) is not None:
        return judged(at, pd.Series(pd.NA, cells.index, dtype="str"))
    return each_once(cells, lambda values: _read(values, reading))


def zones_of(
    texts: "pd.Series[str]", at: "pd.Series[pd.Timestamp]", reading: DateReading, clock: Clock
) -> "pd.Series[str]":
    """The zones in which moments read from the texts are written; none of a date alone."""
    figures = take_apart(texts)
    figured = figures.is_date | figures.open
    timed = np.where(figured, figures.has_time, at != at.dt.normalize())
    zones = pd.Series(clock.zone, texts.index, dtype="str").where(timed)
    if clock.keeps:
        east: list[int | None] = [None] * len(texts)
        if figures.placed:
            stated = figured & figures.has_time & figures.has_offset
            minutes = figures.minutes_east.tolist()
            east = [each if is_so else None for each, is_so in zip(minutes, stated, strict=True)]
        if reading.unit in (Unit.SECONDS, Unit.MILLISECONDS):
            east = [e if is_so else 0 for e, is_so in zip(east, figured, strict=True)]
        if reading.format is not None and "%z" in reading.format:
            declared = [_stated_east(text, reading.format) for text in narrow(texts)]
            east = [e if d is None else d for e, d in zip(east, declared, strict=True)]
        placed = [None if each is None else zone_east(each) for each in east]
        zones = pd.Series(placed, texts.index, dtype="str").fillna(zones)
    return zones.where(at.notna())


def _stated_east(text: str, date_format: str) -> int | None:
    """Minutes east of UTC in a text of a format as strptime knows it; None where it has none."""
    try:
        offset = datetime.strptime(text, date_format).utcoffset()  # noqa: DTZ007
    except ValueError:
        return None
    return None if offset is None else round(offset.total_seconds() / 60)


def judged(at: "pd.Series[pd.Timestamp]", code: "pd.Series[str]") -> pd.DataFrame:
    """The moments and codes together, without the moments that are too far off."""
    year = at.dt.year
    code[year >= FIRST_FAR_YEAR] = Code.FAR_FUTURE.value
    code[year < FIRST_NEAR_YEAR] = Code.FAR_PAST.value
    return pd.DataFrame({"at": at.where(code.isna()), "code": code})


def by_order(figures: Figures, order: Order) -> "pd.Series[pd.Timestamp]":
    """The wall clock in cells that are open to an order of their numbers, by this one."""
    parts = figures.parts(order)
    year = parts["year"]
    year = np.where(figures.short_year, year + np.where(year < 69, 2000, 1900), year)
    return moments(figures, year, parts["month"], parts["day"]).where(figures.allows(order))


def _read_plain(cells: "pd.Series[str]") -> "pd.Series[pd.Timestamp] | None":
    """A column of ISO dates and times without offset, and nothing else: read at once."""
    try:
        at = pc.cast(arrow(cells), pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    return pd.Series(at.to_numpy(zero_copy_only=False), cells.index)


def _read(values: "pd.Series[str]", reading: DateReading) -> pd.DataFrame:
    figures = take_apart(values)
    order = reading.day_order
    at = moments(figures, figures.a, figures.b, figures.c).where(figures.is_date)
    at = at.fillna(_whatever_the_order(figures) if order is None else by_order(figures, order))
    for mark, own in reading.by_mark:
        at = at.mask(figures.open & (figures.mark == mark), by_order(figures, own))
    at = at.mask(figures.mixed)
    if reading.zone is not None and figures.placed:
        utc = at - pd.to_timedelta(figures.minutes_east, unit="m")
        at = at.mask(figures.has_offset, _in_zone(utc, reading.zone))
    if reading.moves:
        at = at.mask(figures.has_time & ~figures.has_offset, _moved(at, reading))
    texts = narrow(values)
    if reading.format is not None:
        declared = _read_declared(texts, reading.zone, reading.format)
        if reading.moves and re.search("%[HI](?!.*%z)", reading.format):
            declared = _moved(declared, reading)
        at = declared.fillna(at)
    if reading.unit is not None:
        at = at.fillna(_read_counted(texts, reading.unit, reading.zone))
    if reading.first_day is not None:
        at = at.fillna(numbered_days(texts, reading.first_day))
    return judged(at, _codes(figures, texts, reading).where(at.isna()))


def _whatever_the_order(figures: Figures) -> "pd.Series[pd.Timestamp]":
    """The moments that every order agrees on, as in 05/05/2026."""
    one, other = by_order(figures, Order.DAY_MONTH), by_order(figures, Order.MONTH_DAY)
    return one.where((one == other) & ~figures.year_first)


def _codes(figures: Figures, texts: "pd.Series[str]", reading: DateReading) -> "pd.Series[str]":
    """Why each text would not be a date, if it is not."""
    code = pd.Series(Code.DATE_UNREADABLE.value, texts.index, dtype="str")
    code[looks_bare(texts)] = Code.DATE_UNIT_UNKNOWN.value
    code[figures.is_date | figures.open] = Code.DATE_IMPOSSIBLE.value
    if reading.day_order is None:
        known = [mark for mark, _ in reading.by_mark]
        code[figures.open & ~np.isin(figures.mark, known)] = Code.DATE_ORDER_UNKNOWN.value
    code[figures.mixed] = Code.DATE_UNREADABLE.value
    code[figures.unknown_era] = Code.ERA_UNKNOWN.value
    code[is_missing_mark(texts)] = pd.NA
    return code


def _read_counted(
    texts: "pd.Series[str]", unit: Unit, zone: str | None
) -> "pd.Series[pd.Timestamp]":
    at = counted(texts, unit)
    return at if zone is None or unit is Unit.SERIAL else _in_zone(at, zone)


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


def _moved(at: "pd.Series[pd.Timestamp]", reading: DateReading) -> "pd.Series[pd.Timestamp]":
    """Wall clock of the zone that is stated as the wall clock of the reading's zone.

    An hour that a change of clocks leaves out is the next one, one that comes twice the first.
    """
    assert reading.zone is not None
    first = np.ones(len(at), dtype=bool)
    stated = at.dt.tz_localize(reading.stated, ambiguous=first, nonexistent="shift_forward")
    return stated.dt.tz_convert(reading.zone).dt.tz_localize(None)


def _in_zone(at: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    """Wall clock of UTC as the wall clock of a zone."""
    return at.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
