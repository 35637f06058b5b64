"""Texts and names as SQL has them, and what of a cell may be kept."""

from collections.abc import Iterable

from kpi_core.ingest.finding import LONGEST_VALUE

_ADDRESS = r"[^\s\p{Z}@<>\"',;:()]+@[^\s\p{Z}@<>\"',;:()]+\.[^\s\p{Z}@<>\"',;:()]+"


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts in a row, as `in (…)` has them."""
    return ", ".join(literal(text) for text in texts)


def any_of(conditions: Iterable[str]) -> str:
    """Where one of the conditions holds; nowhere without any."""
    return " or ".join(f"({condition})" for condition in conditions) or "false"


def all_of(conditions: Iterable[str]) -> str:
    """Where all conditions hold; everywhere without any."""
    return " and ".join(f"({condition})" for condition in conditions) or "true"


def without_mail(cell: str) -> str:
    """The cell with every mail address in it made unreadable."""
    hidden = f"regexp_replace({cell}, {literal(_ADDRESS)}, '…@…', 'g')"
    return f"case when contains({cell}, '@') then {hidden} else {cell} end"


def shown(cell: str) -> str:
    """A cell fit to be kept with an issue: short, and without anybody's mail address."""
    return f"left({without_mail(cell)}, {LONGEST_VALUE})"


def is_ascii(cell: str) -> str:
    """Whether a text has as many bytes as characters."""
    return f"strlen({cell}) = length({cell})"
