"""Quotation marks in a text: whether all are in their place, and what a line says if not."""

import re
from collections.abc import Iterable

import numpy as np

_QUOTE = ord('"')


def quotes_are_sound(blocks: Iterable[bytes], delimiter: str) -> bool:
    """Each quotation mark opens or closes a whole cell.

    By turns they open and close. An opening one follows a border of cells or, being
    doubled, a closing one; a closing one is followed likewise.
    """
    border = np.zeros(256, dtype=bool)
    border[[*map(ord, (delimiter, "\r", "\n", '"'))]] = True
    before, opening = b"\n", True
    for block in blocks:
        before, opening, sound = _look(before + block, border, opening)
        if not sound:
            return False
    _, opening, sound = _look(before + b"\n", border, opening)
    return sound and opening


def _look(text: bytes, border: np.ndarray, opening: bool) -> tuple[bytes, bool, bool]:
    """The marks of a text but for its first and last byte, whose neighbours are not in sight.

    What the next text has to begin with, whether its first mark opens, and whether all is well.
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    at = np.flatnonzero(signs[1:-1] == _QUOTE) + 1
    first = 0 if opening else 1
    opens, closes = at[first::2], at[1 - first :: 2]
    sound = border[signs[opens - 1]].all() and border[signs[closes + 1]].all()
    return text[-2:], opening == (len(at) % 2 == 0), bool(sound)


def cells_unescaped(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of a line if marks within cells are not doubled: a border follows the closing one.

    No cell where one is not closed.
    """
    sign = re.escape(delimiter)
    border = rf"(?:{sign}|\Z)"
    bare = rf'(?P<bare>[^"{sign}][^{sign}]*|)'
    cell = re.compile(rf'(?: *"(?P<quoted>.*?)" *(?={border})|{bare})(?P<end>{border})', re.DOTALL)
    text, at, cells = line.rstrip("\r\n"), 0, []
    while found := cell.match(text, at):
        cell_text = found["quoted"]
        if cell_text is None:
            cell_text = found["bare"]
        elif '"' not in cell_text.replace('""', ""):
            cell_text = cell_text.replace('""', '"')
        cells.append(cell_text)
        if not found["end"]:
            return tuple(cells)
        at = found.end()
    return ()
