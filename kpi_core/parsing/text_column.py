"""A column of text, made ready to be read: trimmed, null where blank, each value once."""

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from kpi_core.tabular.limits import LONGEST_READ

_MISSING = re.compile(
    r"[-‐‑–—―ー－−]+|n[./]?a\.?|#n/a|null|none|nan|…|\*+"
    r"|0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?",
    re.IGNORECASE,
)
"""Ways of writing that there is nothing to write. MySQL's is a date of noughts."""

_CUT = "\0"
"""Ends what is left of a longer one, so that it is none of them. No cell has a NUL."""

_SPACE = r"\s\x0b\x1c-\x1f\x85\p{Z}"
"""What Python calls space, for RE2."""


def trimmed_sql(cell: str, *, others: str = "true") -> str:
    """The same in SQL, for an expression of type varchar. Plain text is looked at and left.

    Cells with other signs than those of ASCII, or with spaces around, are null unless `others`.
    """
    ascii_only = f"strlen({cell}) = length({cell}) and {cell} >= '!' and {cell} < chr(127)"
    bare = f"regexp_replace({cell}, '^[{_SPACE}]+|[{_SPACE}]+$', '', 'g')"
    plain = f"{ascii_only} and substr({cell}, -1) > ' '"
    return f"case when {plain} then {cell} when {others} then nullif({bare}, '') end"


def is_missing_mark(cells: "pd.Series[str]") -> "np.ndarray":
    """Which cells only say that there is nothing: -, N/A, 0000-00-00. Not so the missing ones."""
    found: np.ndarray = cells.str.fullmatch(_MISSING).to_numpy(dtype=bool, na_value=False)
    return found


def folded(text: str) -> str:
    """As it is compared where case, width and the number of spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def narrowed(text: str) -> str:
    """Full-width digits and signs as ASCII ones, for patterns; of a long text its beginning.

    Patterns take time by the square of a text's length, or worse.
    """
    if len(text) > LONGEST_READ:
        text = text[:LONGEST_READ] + _CUT
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def narrow(cells: "pd.Series[str]") -> "pd.Series[str]":
    """The same of a column."""
    long = (cells.str.len() > LONGEST_READ).fillna(False).astype(bool)
    if long.any():
        cells = cells.mask(long, cells[long].str.slice(0, LONGEST_READ) + _CUT)
    wide = ~cells.str.isascii().fillna(True).astype(bool)
    if wide.any():
        cells = cells.copy()
        cells[wide] = cells[wide].str.normalize("NFKC")
    return cells


def each_once(
    cells: "pd.Series[str]", read: "Callable[[pd.Series[str]], pd.DataFrame]"
) -> pd.DataFrame:
    """What `read` makes of a column, asked about every distinct value once.

    `read` gets the distinct values and answers with a row for each, in their order.
    Rows of missing cells are missing throughout.
    """
    codes, values = pd.factorize(cells)
    found = read(pd.Series(values, dtype="str"))
    return found.reindex(codes).set_axis(cells.index)


def arrow(cells: "pd.Series[str]") -> pa.Array:
    """The column as Arrow has it, in one piece."""
    array = pa.array(cells, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
