"""A column of text, made ready to be read: trimmed, missing where blank, each value once."""

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

_MISSING = re.compile(r"[-‐‑–—―ー－−]+|n[./]?a\.?|#n/a|null|none|nan|…|\*+", re.IGNORECASE)
"""Ways of writing that there is nothing to write."""

_SPACE = r"\s\x0b\x1c-\x1f\x85\p{Z}"
"""What Python calls space, for RE2."""


def trimmed(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Without the spaces around; missing where nothing is left."""
    bare = cells.str.strip()
    return bare.where(bare != "")


def trimmed_sql(cell: str) -> str:
    """The same in SQL, for an expression of type varchar. Plain text is looked at and left."""
    ascii_only = f"strlen({cell}) = length({cell}) and {cell} >= '!' and {cell} < chr(127)"
    bare = f"regexp_replace({cell}, '^[{_SPACE}]+|[{_SPACE}]+$', '', 'g')"
    return (
        f"case when {ascii_only} and right({cell}, 1) > ' ' then {cell} else nullif({bare}, '') end"
    )


def is_missing_mark(cells: "pd.Series[str]") -> "np.ndarray":
    """Which cells only say that there is nothing: -, N/A, ―, null. Not so the missing ones."""
    found: np.ndarray = cells.str.fullmatch(_MISSING).to_numpy(dtype=bool, na_value=False)
    return found


def folded(text: str) -> str:
    """As it is compared where case, width and the number of spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def narrow(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Full-width digits and signs as ASCII ones."""
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


def is_one_of(cells: "pd.Series[str]", allowed: tuple[str, ...]) -> "np.ndarray":
    """Which cells are one of these texts, without regard to case and width."""
    wanted = {folded(value) for value in allowed}
    codes, values = pd.factorize(cells)
    hits = [folded(value) in wanted for value in values]
    found: np.ndarray = np.array([*hits, False])[codes]  # a missing cell has code -1: the last
    return found
