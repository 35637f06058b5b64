"""Cells that hold a date in figures, taken apart: what stands in them, before it is judged."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.parsing.text_column import arrow, narrow
from kpi_core.parsing.text_dates import UNKNOWN_ERA, in_figures

_TIME = (
    r"(?:[Tt\s,]\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?"
    r"\s*(?P<offset>[Zz]|(?:UTC|GMT)?(?P<sign>[+-])(?P<hours_east>\d{2}|\d):?(?P<minutes_east>\d{2})?"
    r"|UTC|GMT)?)?$"
)
_YEAR_FIRST = r"^(?P<a>\d{4})[-/.\s]\s*(?P<b>\d{1,2})[-/.\s]\s*(?P<c>\d{1,2})" + _TIME
_YEAR_OPEN = r"^(?P<a>\d{1,2})[-/.\s](?P<b>\d{1,2})[-/.\s](?P<c>\d{4}|\d{1,2})" + _TIME
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
    micros: "np.ndarray"
    """Of the day; negative where there is no such time."""
    has_time: "np.ndarray"
    has_offset: "np.ndarray"
    minutes_east: "np.ndarray"

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


def _matched(texts: "pd.Series[str]", unknown_era: "np.ndarray | None" = None) -> Figures:
    column = arrow(texts)
    first, other = (pc.extract_regex(column, pattern) for pattern in (_YEAR_FIRST, _YEAR_OPEN))
    is_date, is_open = (np.asarray(each.is_valid()) for each in (first, other))
    found = pc.if_else(first.is_valid(), first, other)

    def text(name: str) -> pa.Array:
        return pc.fill_null(pc.struct_field(found, name), "")

    a, b, c = (_number(text(name)) for name in "abc")
    length_a, length_c = (np.asarray(pc.utf8_length(text(name))) for name in "ac")
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
