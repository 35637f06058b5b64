"""What is somebody's and not needed to count: recognised, then dropped or hashed."""

import hashlib
import hmac
import re

import pandas as pd

_MAIL = re.compile(r"[^\s@<>\"',;:()]+@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:()]+")
HASH_LENGTH = 32


def without_mail(text: str) -> str:
    """The text with every mail address in it made unreadable."""
    return _MAIL.sub("…@…", text) if "@" in text else text


def looks_like_mail(cells: "pd.Series[str]") -> "pd.Series[bool]":
    """Which cells hold a mail address, alone or among other text; never true of a missing one."""
    found = cells.str.contains("@", regex=False).fillna(False).astype(bool)
    if found.any():
        found[found] = [_MAIL.search(cell) is not None for cell in cells[found]]
    return found


def hashed(cells: "pd.Series[str]", secret: bytes) -> "pd.Series[str]":
    """A keyed hash of each: equal for equal addresses, whatever their case or the spaces around."""
    return cells.map(
        lambda cell: hmac.new(secret, cell.strip().casefold().encode(), hashlib.sha256).hexdigest()[
            :HASH_LENGTH
        ]
    ).astype("str")
