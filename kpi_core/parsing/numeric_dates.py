"""Dates in figures: three numbers, taken apart before they are judged, or one that counts."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.parsing.date_formats import COUNTS, TIME, YEAR_FIRST, Order, Unit, open_date
from kpi_core.parsing.text_column import arrow, narrow
from kpi_core.parsing.text_dates import UNKNOWN_ERA, in_figures

_DATE = f"^(?:{YEAR_FIRST}|{open_date()}){TIME}$"
_DAY_IN_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True)
class Figures:
    """Texts taken apart. Arrays have an element per text, of no meaning where it is no date.

    A text `is_date` with its year first, or is `open` to the order of its three numbers.
    """

    texts: "pd.Series[str]"
    is_date: "np.ndarray"
    open: "np.ndarray"
    unknown_era: "np.ndarray"
    a: "np.ndarray"
    b: "np.ndarray"
    c: "np.ndarray"
    short_year: "np.ndarray"
    """An open one whose year has two digits, wherever it stands."""
    year_last: "np.ndarray"
    """An open one whose last number may be the year."""
    year_first: "np.ndarray"
    """An open one whose first number may be the year, of two digits."""
    mark: "np.ndarray"
    """The sign between the numbers of an open one."""
    mixed: "np.ndarray"
    """Its numbers are parted by two signs, as in 2026-07/14: no way of writing a date."""
    micros: "np.ndarray"
    """Of the day; negative where there is no such time."""
    has_time: "np.ndarray"
    has_offset: "np.ndarray"
    minutes_east: "np.ndarray"

    def parts(self, order: Order) -> "dict[str, np.ndarray]":
        """The numbers of open texts by what they are in this order: year, month and day."""
        return dict(zip(order.parts, (self.a, self.b, self.c), strict=True))

    def allows(self, order: Order) -> "np.ndarray":
        """Which texts may have their year where this order has it."""
        return self.year_first if order is Order.YEAR_MONTH else self.year_last

    @cached_property
    def placed(self) -> bool:
        """Some of the moments say where on earth."""
        return bool((self.has_offset & (self.is_date | self.open)).any())


def take_apart(cells: "pd.Series[str]") -> Figures:
    """The figures of each cell. Words are brought to figures where there are any."""
    texts = narrow(cells)
    figures = _matched(texts)
    left = ~(figures.is_date | figures.open) & texts.notna().to_numpy()
    if not left.any():
        return figures
    words = texts.copy()
    words[left] = [in_figures(text) for text in texts[left]]
    unknown = (words == UNKNOWN_ERA).to_numpy(dtype=bool, na_value=False)
    if not unknown.any() and words.equals(texts):
        return figures
    return _matched(words, unknown)


def moments(
    figures: Figures, year: "np.ndarray", month: "np.ndarray", day: "np.ndarray"
) -> "pd.Series[pd.Timestamp]":
    """The wall clock as it is written, by these years, months and days; missing where none is."""
    first = (year - 1970).astype("M8[Y]").astype("M8[M]") + (np.clip(month, 1, 12) - 1)
    days = first.astype("M8[D]") + (np.clip(day, 1, 31) - 1)
    sound = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1)
    sound &= (days.astype("M8[M]") == first) & (figures.micros >= 0)
    at = pd.Series(days.astype("M8[us]") + figures.micros, figures.texts.index)
    return at.where(sound & (figures.is_date | figures.open))


def looks_bare(texts: "pd.Series[str]") -> "np.ndarray":
    """Which texts are a number and nothing else."""
    return _matches(texts, r"^\d{1,14}(?:\.\d+)?$")


def of_unit(texts: "pd.Series[str]", unit: Unit) -> "np.ndarray":
    """Which texts would be a moment of our time, counted in this unit."""
    return _matches(texts, COUNTS[unit].pattern)


def counted(texts: "pd.Series[str]", unit: Unit) -> "pd.Series[pd.Timestamp]":
    """The moments that numbers of this unit stand for, in UTC unless they are serials.

    Serials are exact to the second: Excel shows no more decimals than that takes.
    Missing where the text is no such number.
    """
    fits = of_unit(texts, unit)
    if unit is Unit.SERIAL:
        fits |= _matches(texts, r"^\d{1,5}(?:\.\d+)?$")  # 0 is Excel's 1900-01-00
    numbers = np.array([float(text) for text in texts[fits]], dtype="float64")
    micros = np.rint(numbers * COUNTS[unit].microseconds).astype("int64")
    if unit is Unit.SERIAL:
        micros = (micros + 500_000) // 1_000_000 * 1_000_000
    at = pd.Series(pd.NaT, texts.index, dtype="M8[us]")
    at[fits] = np.datetime64(COUNTS[unit].day_zero, "us") + micros.astype("m8[us]")
    return at


def numbered_days(texts: "pd.Series[str]", first_day: date) -> "pd.Series[pd.Timestamp]":
    """The days of a report that counts them from 0000; missing where the text is no such number."""
    fits = _matches(texts, r"^\d{4}$")
    at = pd.Series(pd.NaT, texts.index, dtype="M8[us]")
    numbers = np.array([int(text) for text in texts[fits]], dtype="m8[D]")
    at[fits] = np.datetime64(first_day, "us") + numbers
    return at


def _matches(texts: "pd.Series[str]", pattern: str) -> "np.ndarray":
    found: pa.Array = pc.match_substring_regex(arrow(texts), pattern)
    return np.array(pc.fill_null(found, False))


def _matched(texts: "pd.Series[str]", unknown_era: "np.ndarray | None" = None) -> Figures:
    column = arrow(texts)
    found = pc.extract_regex(column, _DATE)

    def text(name: str) -> pa.Array:
        return pc.fill_null(pc.struct_field(found, name), "")

    year_first = pc.not_equal(text("year"), "")
    is_date = np.asarray(year_first)
    is_open = np.asarray(found.is_valid()) & ~is_date
    a, b, c = (
        _number(pc.if_else(year_first, text(part), text(name)))
        for part, name in zip(Order.YEAR_MONTH.parts, "abc", strict=True)
    )
    length_a, length_c = (np.asarray(pc.utf8_length(text(name))) for name in "ac")
    mixed = pc.or_(
        pc.not_equal(text("after_year"), text("before_day")),
        pc.not_equal(text("mark"), text("mark_again")),
    )
    east = _number(text("hours_east")) * 60 + _number(text("minutes_east"))
    minus = np.asarray(pc.equal(text("sign"), "-"))
    micros = _time_of_day(
        _number(text("hour")),
        _number(text("minute")),
        _number(text("second")),
        _number(pc.utf8_slice_codeunits(pc.utf8_rpad(text("fraction"), 6, "0"), 0, 6)),
        text("half"),
    )
    far = (east > 14 * 60) | (_number(text("minutes_east")) > 59)
    return Figures(
        texts,
        is_date,
        is_open,
        np.zeros(len(texts), dtype=bool) if unknown_era is None else unknown_era,
        a,
        b,
        c,
        is_open & (length_c < 3),
        is_open & (length_c != 1),
        is_open & (length_a == 2) & (length_c < 3),
        np.array(pc.replace_substring_regex(text("mark"), r"\s", " ").to_pylist(), dtype=object),
        np.asarray(mixed),
        np.where(far, -1, micros),
        np.asarray(pc.not_equal(text("hour"), "")),
        np.asarray(pc.not_equal(text("offset"), "")),
        np.where(minus, -east, east),
    )


def _time_of_day(
    hour: "np.ndarray",
    minute: "np.ndarray",
    second: "np.ndarray",
    micros: "np.ndarray",
    half: pa.Array,
) -> "np.ndarray":
    """Microseconds of the day, -1 where there is no such time. 24:00 is the end of the day.

    Noon is 12 PM and, in Japan, 0 PM.
    """
    morning, evening = (np.asarray(pc.equal(pc.utf8_lower(half), sign)) for sign in "ap")
    sound = (hour < 24) & (minute < 60) & (second < 60)
    sound &= ~((morning | evening) & (hour > 12))
    hour = np.where(morning & (hour == 12), 0, np.where(evening & (hour < 12), hour + 12, hour))
    found = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
    sound |= (found == _DAY_IN_MICROSECONDS) & ~(morning | evening)
    return np.where(sound, found, -1)


def _number(digits: pa.Array) -> "np.ndarray":
    """Whole numbers; 0 where there are no digits."""
    return np.asarray(pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64()))
