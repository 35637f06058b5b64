"""Bare numbers that stand for moments: Excel's serials, seconds and milliseconds since 1970."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.parsing.date_reading import Unit
from kpi_core.parsing.text_column import arrow

PATTERNS = {
    Unit.SERIAL: r"^[2-7]\d{4}(?:\.\d+)?$",
    Unit.SECONDS: r"^\d{10}(?:\.\d+)?$",
    Unit.MILLISECONDS: r"^\d{13}(?:\.\d+)?$",
}
"""The numbers that a unit makes a day of, from 1954 on as serials."""

_NUMBER = r"^\d{1,14}(?:\.\d+)?$"
_MICROSECONDS = {Unit.SERIAL: 86_400_000_000, Unit.SECONDS: 1_000_000, Unit.MILLISECONDS: 1_000}
_DAY_ZERO = {Unit.SERIAL: np.datetime64("1899-12-30", "us")}
_EPOCH = np.datetime64("1970-01-01", "us")
_SECOND = 1_000_000


def looks_bare(texts: "pd.Series[str]") -> "np.ndarray":
    """Which texts are a number and nothing else."""
    return _matches(texts, _NUMBER)


def of_unit(texts: "pd.Series[str]", unit: Unit) -> "np.ndarray":
    """Which texts would be a moment of our time, counted in this unit."""
    return _matches(texts, PATTERNS[unit])


def counted(texts: "pd.Series[str]", unit: Unit) -> "pd.Series[pd.Timestamp]":
    """The moments that numbers of this unit stand for, in UTC unless they are serials.

    Serials are exact to the second: Excel shows no more decimals than that takes.
    Missing where the text is no such number.
    """
    fits = of_unit(texts, unit)
    if unit is Unit.SERIAL:
        fits |= _matches(texts, r"^\d{1,5}(?:\.\d+)?$")  # 0 is Excel's 1900-01-00
    numbers = np.array([float(text) for text in texts[fits]], dtype="float64")
    micros = np.rint(numbers * _MICROSECONDS[unit]).astype("int64")
    if unit is Unit.SERIAL:
        micros = (micros + _SECOND // 2) // _SECOND * _SECOND
    at = pd.Series(pd.NaT, texts.index, dtype="M8[us]")
    at[fits] = _DAY_ZERO.get(unit, _EPOCH) + micros.astype("m8[us]")
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
