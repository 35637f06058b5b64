"""What a cell looks like, as far as telling a header from data needs it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """The look of a cell."""

    BLANK = "blank"
    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth"
    ADDRESS = "address"
    TEXT = "text"


_NUMBER = re.compile(
    r"[-+(]*(?:[A-Z]{0,3}[$¥€£₹])?\s?[-+]?\d[\d,.'\s]*(?:e[-+]?\d+)?\s?[%€円)]*", re.IGNORECASE
)
_DATE = re.compile(
    r"\d{4}([-/.年])\d{1,2}[-/.月]\d{1,2}日?(?:[T ].*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:[T ].*)?"
    r"|(?:令和|平成|昭和|[RHS])\s?\d{1,2}[.年/].*"
    r"|(?:\w{3},? )?\d{1,2}[ -][A-Za-z]{3,9}\.?,?[ -]\d{2,4}.*"
    r"|(?:\w{3},? )?[A-Za-z]{3,9}\.? \d{1,2}, \d{4}.*"
    r"|\d{1,2}:\d{2}(?::\d{2})?"
)
_NOTHING = re.compile(
    r"[-‐–—―ー－]+|n[./]?a\.?|#n/a|null|none|nan|unknown|tb[acd]|[?？]+|…"
    r"|不明|未定|未設定|未入力|該当なし|なし|無し?",
    re.IGNORECASE,
)
_TRUTH = re.compile(r"true|false|yes|no", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|https?://\S+", re.IGNORECASE)
_COMMONEST_SHARE = 0.6
_YEAR = re.compile(r"\d{4}")
_YEARS = range(1900, 2101)


def look(cell: str) -> Look:
    """What the cell looks like."""
    text = cell.strip()
    if not text:
        return Look.BLANK
    if len(text) > 60:
        return Look.ADDRESS if _ADDRESS.fullmatch(text) else Look.TEXT
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _DATE.fullmatch(text):
        return Look.DATE
    if _NUMBER.fullmatch(text):
        return Look.NUMBER
    if _TRUTH.fullmatch(text):
        return Look.TRUTH
    return Look.ADDRESS if _ADDRESS.fullmatch(text) else Look.TEXT


@dataclass(frozen=True)
class Verdict:
    """Columns that speak for a record being the header of the rows below it, and against it."""

    supporting: int
    opposing: int


def verdict(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Verdict:
    """A header is text over numbers or dates; data is like what is below it."""
    below = [row for row in rows if list(row) != list(header)]
    supporting = opposing = 0
    years = _are_years(header)
    for position, cell in enumerate(header):
        own = look(cell)
        column = [row[position] for row in below if position < len(row) and row[position].strip()]
        looks = Counter(map(look, column))
        common, times = looks.most_common(1)[0] if looks else (Look.BLANK, 0)
        settled = times >= _COMMONEST_SHARE * len(column) and times > 0
        if own is Look.ADDRESS:
            opposing += 1
        elif own in (Look.TEXT, Look.TRUTH):
            supporting += settled and common in (Look.NUMBER, Look.DATE, Look.ADDRESS)
            opposing += cell in column
        elif own in (Look.NUMBER, Look.DATE) and not years:
            opposing += (settled and common is own) or not below
    return Verdict(supporting, opposing)


def _are_years(header: Sequence[str]) -> bool:
    """All numbers in it are years, one after the other, as over periods."""
    numbers = [cell.strip() for cell in header if look(cell) is Look.NUMBER]
    if not all(_YEAR.fullmatch(number) and int(number) in _YEARS for number in numbers):
        return False
    values = [int(number) for number in numbers]
    return len(values) > 1 and abs(values[0] - values[1]) == 1 and len(set(values)) == len(values)


def like_a_header(cells: Sequence[str]) -> bool:
    """Several cells, all of them text, none twice."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(filled) > 1
        and len(set(filled)) == len(filled)
        and all(look(cell) in (Look.TEXT, Look.TRUTH) for cell in filled)
    )


def like_no_row(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """A header of other rows than these: none of its cells is like one of the same column.

    A cell that says that there is nothing, or that has digits where others have, is data.
    """
    for position, cell in enumerate(map(str.strip, header)):
        if _NOTHING.fullmatch(cell):
            return False
        column = {row[position].strip() for row in rows if position < len(row)}
        if cell and cell in column:
            return False
        if re.search(r"\d", cell) and _shape(cell) in set(map(_shape, column)):
            return False
    return True


def _shape(cell: str) -> str:
    """What is written there, without which letters and digits: `L17` and `M-2` differ."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip()))
