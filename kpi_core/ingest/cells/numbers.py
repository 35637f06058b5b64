"""Numbers as files write them: with separators, currencies, brackets, percent."""

import math
import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.ingest.cells.text import arrow, each_once, narrow

_WRITTEN = re.compile(
    r"(?P<bracket>\()? *(?P<sign>[-+−△▲])? *(?:US\$|R\$|[$¥€£\\])? *(?P<inner>[-−])?"
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?P<power>[eE][+-]?\d{1,3})?"
    r" *(?:(?P<percent>%)|円|[$€£])? *(?(bracket)\))"
)
"""A point is decimal, a comma parts thousands. In CP932 the backslash may be the yen sign."""
_TWO_WAYS = re.compile(r"(?:R\$|€) *\d{1,3}\.\d{3}|\d{1,3}\.\d{3} *€")
"""R$ 100.000 is a hundred thousand where it is written, and a hundred elsewhere."""


def read_numbers(cells: "pd.Series[str]") -> pd.DataFrame:
    """Column `number`, and `bad` where a cell holds something that is none.

    `number` is missing for these and for missing cells. 12.5% is 0.125; (1,234) is -1234.
    """
    number = _read_plain(cells)
    if number is None:
        number = each_once(cells, _read)["number"]
    return pd.DataFrame({"number": number, "bad": cells.notna() & number.isna()})


def _read_plain(cells: "pd.Series[str]") -> "pd.Series[float] | None":
    """A column of bare numbers, and nothing else: read at once."""
    try:
        number = pc.cast(arrow(cells), pa.float64())
    except pa.ArrowInvalid:
        return None
    finite = pc.all(pc.is_finite(number)).as_py() is not False  # "inf" and "nan" are words
    return pd.Series(number.to_numpy(zero_copy_only=False), cells.index) if finite else None


def _read(values: "pd.Series[str]") -> pd.DataFrame:
    return pd.DataFrame({"number": [_written(text) for text in narrow(values)]}, dtype="float64")


def _written(text: str) -> float:
    match = _WRITTEN.fullmatch(text)
    if match is None or _TWO_WAYS.fullmatch(text):
        return math.nan
    number = float(match["number"].replace(",", "") + (match["power"] or ""))
    if match["percent"]:
        number /= 100
    minus = match["bracket"] or match["inner"] or (match["sign"] or "+") in "-−△▲"
    return math.nan if math.isinf(number) else -number if minus else number
