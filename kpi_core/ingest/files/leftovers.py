"""Records that hold no data: totals, footers, comments."""

import re
from collections.abc import Iterable, Sequence

_TOTAL = re.compile(
    r"(?:grand\s+|sub)?totals?(?:\s*\(.*\))?(?:\s*[:：].*)?|(?:総|小|累)?合?計(?:\s*[:：].*)?",
    re.IGNORECASE,
)
_MAYBE_TOTAL = re.compile(r"grand|sub|total|[総小累合計]", re.IGNORECASE)
_GRAND_TOTAL = re.compile(r"grand\s+totals?|総合?計|合計", re.IGNORECASE)
_LABEL = re.compile(r"#\s.*[:：]")
_FOOTER = re.compile(
    r"confidential information\s*-\s*do not distribute"
    r"|copyright\s*(?:©|\(c\)|\?)?\s*(?:©|\(c\))?\s*\d{4}"
    r"|©\s*\d{4}|社外秘|無断転載",
    re.IGNORECASE,
)


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


def is_total(cells: Sequence[str]) -> bool:
    """It says that it adds up others: `Total: Account`, `合計`, or `Grand total` at its end."""
    first = _first_filled(cells)
    if _MAYBE_TOTAL.match(first) and _TOTAL.fullmatch(first):
        return True
    last = _first_filled(reversed(cells))
    return _MAYBE_TOTAL.match(last) is not None and _GRAND_TOTAL.fullmatch(last) is not None


def _first_filled(cells: Iterable[str]) -> str:
    for cell in cells:
        if filled := cell.strip():
            return filled
    return ""


def is_footer(cells: Sequence[str]) -> bool:
    """A line that a report ends with."""
    return is_single(cells) and _FOOTER.search(cells[0]) is not None
