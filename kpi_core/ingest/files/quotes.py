"""Quotation marks in a CSV file, all looked at together."""

import numpy as np


def count_quotes(text: bytes | memoryview, delimiter: str) -> int | None:
    """The number of quotation marks; None where one does not open or close a whole cell.

    Taken in turn, they open and close. An opening one follows a border of cells or, being
    doubled, a closing one; a closing one is followed likewise.
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    at = np.flatnonzero(signs == ord('"'))
    if len(at) == 0:
        return 0
    if len(at) % 2:
        return None
    border = np.zeros(256, dtype=bool)
    border[[ord(sign) for sign in (delimiter, "\r", "\n")]] = True
    opening, closing, last = at[0::2], at[1::2], len(signs) - 1
    doubled = closing[:-1] + 1 == opening[1:]
    opens = border[signs[np.maximum(opening - 1, 0)]] | (opening == 0)
    opens[1:] |= doubled
    closes = border[signs[np.minimum(closing + 1, last)]] | (closing == last)
    closes[:-1] |= doubled
    return len(at) if opens.all() and closes.all() else None
