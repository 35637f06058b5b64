"""Records that hold no data: totals, footers, comments."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from kpi_core.tabular.cell_shape import Look, look
from kpi_core.tabular.limits import LONGEST_READ

_OF_WHAT = r"(?:\s*[:：].*)?"
TOTAL_WORDS = (
    rf"(?:grand[\s-]+|sub[\s-]?)?totals?(?:\s*\(.*\))?{_OF_WHAT}|(?:総|小|累)?合?計{_OF_WHAT}"
)
AVERAGE_WORDS = r"averages?|avg\.?|平均値?"
BEGINNINGS = ("to", "gr", "su", "av", "総", "小", "累", "合", "計", "平")
"""How the words of totals begin, in small letters."""

_TOTAL = re.compile(TOTAL_WORDS, re.IGNORECASE)
_AVERAGE = re.compile(AVERAGE_WORDS, re.IGNORECASE)
_GRAND_TOTAL = re.compile(r"grand\s+totals?|総合?計|合計", re.IGNORECASE)
_NOTHING = re.compile(r"[-–—]+")
_LABEL = re.compile(r"#\s.*[:：]")
_FOOTER = re.compile(
    r"confidential information\s*-\s*do not distribute"
    r"|copyright\s*(?:©|\(c\)|\?)?\s*(?:©|\(c\))?\s*\d{4}"
    r"|©\s*\d{4}|社外秘|無断転載",
    re.IGNORECASE,
)


class Total(StrEnum):
    """How surely a record adds up others, or is their average."""

    SUM = "sum"
    """It says so, and holds nothing but numbers beside: no data, wherever it stands."""
    NAMED = "named"
    """It says so, but might be a name: no data where the table begins or ends with it."""
    DATED = "dated"
    """It says so, but is dated as data is."""
    LAST_CELL = "last_cell"
    """Its last cell says so: no data where the table begins or ends with it."""


def extent(cells: Sequence[str]) -> int:
    """How far a record is filled: the position of its last cell that is not blank, from 1."""
    for position in range(len(cells), 0, -1):
        if cells[position - 1].strip():
            return position
    return 0


def is_comment(cells: Sequence[str]) -> bool:
    """A line such as `# Start date: 20230101`, even where commas cut it."""
    first = cells[0].strip() if cells else ""
    if not first.startswith("#") or first == "#":
        return False
    return extent(cells) == 1 or _LABEL.match(first) is not None


def is_single(cells: Sequence[str]) -> bool:
    """Nothing but its first cell is filled."""
    return not any(map(str.strip, cells[1:])) and extent(cells) == 1


def total_of(cells: Sequence[str]) -> Total | None:
    """Whether it adds up others, as `Total: Account` and `小計` say; None for data."""
    first = _first_filled(cells)
    if len(first) > LONGEST_READ:
        return None
    if first[:2].lower().startswith(BEGINNINGS):
        looks = _looks_beside(cells, first)
        if _TOTAL.fullmatch(first):
            if looks & {Look.DATE, Look.ADDRESS}:
                return Total.DATED
            return Total.SUM if looks <= {Look.NUMBER} else Total.NAMED
        if _AVERAGE.fullmatch(first) and looks <= {Look.NUMBER}:
            return Total.NAMED
    last = _first_filled(reversed(cells))[:LONGEST_READ]
    if last[:2].lower().startswith(BEGINNINGS) and _GRAND_TOTAL.fullmatch(last):
        return Total.LAST_CELL if _looks_beside(cells, last) <= {Look.NUMBER} else None
    return None


def _looks_beside(cells: Sequence[str], word: str) -> set[Look]:
    """What the cells look like that hold something else."""
    others = {cell.strip() for cell in cells} - {"", word}
    return {look(cell) for cell in others if not _NOTHING.fullmatch(cell)}


def _first_filled(cells: Iterable[str]) -> str:
    for cell in cells:
        if filled := cell.strip():
            return filled
    return ""


def is_footer(cells: Sequence[str]) -> bool:
    """A line that a report ends with."""
    return is_single(cells) and _FOOTER.search(cells[0][:LONGEST_READ]) is not None
