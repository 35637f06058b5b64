"""Quotation marks in a text, all looked at together."""

from collections.abc import Iterable

import numpy as np

_QUOTE = ord('"')


def quotes_are_sound(blocks: Iterable[bytes], delimiter: str) -> bool:
    """Each quotation mark opens or closes a whole cell.

    Taken in turn, they open and close. An opening one follows a border of cells or, being
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
