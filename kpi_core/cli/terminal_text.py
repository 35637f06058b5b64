"""Text for a terminal: no control characters, and columns that keep their width in any script."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import zip_longest

_WIDE = ("W", "F")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def plain(text: str) -> str:
    """A text on one line, without anything that could steer the terminal.

    Line breaks and tabs become spaces; escape sequences lose the character that starts them.
    """
    spaced = "".join(" " if sign in "\t\n\r\v\f\u2028\u2029" else sign for sign in text)
    return "".join(sign for sign in spaced if unicodedata.category(sign) not in _UNSEEN)


def width(text: str) -> int:
    """The width of a text in a terminal, in columns: East Asian signs take two, accents none."""
    shown = [sign for sign in text if not unicodedata.combining(sign)]
    return len(shown) + sum(unicodedata.east_asian_width(sign) in _WIDE for sign in shown)


def aligned(
    rows: Iterable[Sequence[str]], *, right: Sequence[bool] = (), indent: int = 2
) -> list[str]:
    """Rows as lines, each column as wide as its widest cell; `right` names columns of numbers."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip_longest(*cells, fillvalue="")]
    lines = []
    for row in cells:
        padded = []
        for n, cell in enumerate(row):
            space = " " * (widths[n] - width(cell))
            padded.append(space + cell if n < len(right) and right[n] else cell + space)
        lines.append((" " * indent + "  ".join(padded)).rstrip())
    return lines
