"""Numbers as files write them, read by what was decided for their column."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kpi_core.parsing.number_formats import Decimal, spelled
from kpi_core.parsing.text_column import arrow, each_once, is_missing_mark, narrow
from kpi_core.tabular.limits import LONGEST_READ

MOST = 1e15
"""A number of this size or more is a mistake: of so many digits nothing could be added up."""

__all__ = ["MOST", "Decimal", "NumberReading", "fast_number", "read_numbers"]

_PLAIN = {
    Decimal.POINT: r"^[+-]?(?:\d+\.?\d*|\.\d+)$",
    Decimal.COMMA: r"^[+-]?\d+$",
}
_GROUPED = r"^[¥$£]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$"
"""Thousands parted by commas, as in ¥1,234,567: read without being taken apart."""


@dataclass(frozen=True)
class NumberReading:
    """How the numbers of a column are to be read. Without a word the decimal sign is the point."""

    decimal: Decimal | None = None

    @property
    def sign(self) -> Decimal:
        """The decimal sign by which cells are read."""
        return self.decimal or Decimal.POINT


def read_numbers(cells: "pd.Series[str]", reading: NumberReading) -> pd.DataFrame:
    """Column `number`, and `bad` where a cell holds something that is none.

    `number` is missing for these, for missing cells and for those that say "none" (--, N/A).
    12.5% is 0.125; (1,234) is -1234; 12万 is 120000.
    """
    number = _read_plain(cells) if reading.sign is Decimal.POINT else None
    if number is None:
        return each_once(cells, lambda values: _read(values, reading.sign)).assign(
            bad=lambda read: read["bad"].fillna(False).astype(bool)
        )
    return pd.DataFrame({"number": number, "bad": cells.notna() & number.isna()})


def fast_number(cell: str, reading: NumberReading) -> str:
    """SQL for the number in a trimmed cell; null where only read_numbers can tell."""
    number = f"try_cast({cell} as double)"
    short = f"strlen({cell}) <= {LONGEST_READ}"
    if reading.sign is Decimal.COMMA:
        fits = f"{short} and regexp_matches({cell}, '{_PLAIN[Decimal.COMMA]}')"
        return f"case when {fits} and abs({number}) < {MOST:.0f} then {number} end"
    grouped = f"try_cast(translate({cell}, '¥$£,', '') as double)"
    return (
        f"case when abs({number}) < {MOST:.0f} and {short} and not contains({cell}, '_') "
        f"then {number} when {short} and regexp_matches({cell}, '{_GROUPED}') "
        f"and abs({grouped}) < {MOST:.0f} then {grouped} end"
    )


def _read_plain(cells: "pd.Series[str]") -> "pd.Series[float] | None":
    """A column of bare numbers, and nothing else: read at once."""
    try:
        number = pc.cast(arrow(cells), pa.float64())
    except pa.ArrowInvalid:
        return None
    # "inf" and "nan" are words.
    finite = pc.all(pc.less(pc.abs(number), MOST)).as_py() is not False
    return pd.Series(number.to_numpy(zero_copy_only=False), cells.index) if finite else None


def _read(values: "pd.Series[str]", sign: Decimal) -> pd.DataFrame:
    texts = narrow(values)
    if sign is Decimal.POINT:
        grouped = texts.str.contains(_GROUPED).to_numpy(dtype=bool)
        texts = texts.mask(grouped, texts.str.replace(r"[¥$£,]", "", regex=True))
    plain = np.array(pc.match_substring_regex(arrow(texts), _PLAIN[sign]))
    number = pd.Series(np.nan, texts.index, dtype="float64")
    number[plain] = np.asarray(pc.cast(arrow(texts[plain]), pa.float64()))
    number[~plain] = [
        np.nan if (found := spelled(text)) is None else found.by(sign) for text in texts[~plain]
    ]
    number = number.where(number.abs() < MOST)
    return pd.DataFrame({"number": number, "bad": number.isna() & ~is_missing_mark(texts)})
