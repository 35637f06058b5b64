"""The Japanese eras, each with its first day."""

from datetime import date

ERAS: tuple[tuple[str, str, date], ...] = (
    ("令和", "R", date(2019, 5, 1)),
    ("平成", "H", date(1989, 1, 8)),
    ("昭和", "S", date(1926, 12, 25)),
    ("大正", "T", date(1912, 7, 30)),
    ("明治", "M", date(1868, 1, 25)),
)
"""Newest first: name, letter, first day. An era ends where the next one begins."""


def western(era: str, year: int, month: int, day: int) -> int | None:
    """The year of a day told by era; None where the era is not known or has no such day.

    A day that never was is left to whoever reads the date.
    """
    ends = date.max
    for name, letter, first in ERAS:
        if era in (name, letter):
            found = first.year + year - 1
            try:
                meant = date(found, month, day)
            except ValueError:
                return found if year >= 1 and found <= ends.year else None
            return found if year >= 1 and first <= meant < ends else None
        ends = first
    return None
