"""Texts and names as SQL has them, and what of a cell may be kept."""

from collections.abc import Iterable

from kpi_core.domain.issue_code import LONGEST_VALUE
from kpi_core.sql_text import literal as literal
from kpi_core.sql_text import literals as literals

_PART = r"[^\s\p{Z}@＠<>\"',;:()]+"
_ADDRESS = rf"{_PART}[@＠]{_PART}[.．]{_PART}"


def any_of(conditions: Iterable[str]) -> str:
    """Where one of the conditions holds; nowhere without any."""
    return " or ".join(f"({condition})" for condition in conditions) or "false"


def all_of(conditions: Iterable[str]) -> str:
    """Where all conditions hold; everywhere without any."""
    return " and ".join(f"({condition})" for condition in conditions) or "true"


def without_mail(cell: str) -> str:
    """The cell with every mail address in it made unreadable."""
    hidden = f"regexp_replace({cell}, {literal(_ADDRESS)}, '…@…', 'g')"
    return f"case when {no_at_sign(cell)} then {cell} else {hidden} end"


def no_at_sign(cell: str) -> str:
    """Whether a cell holds no mail address for certain."""
    return f"(not contains({cell}, '@') and ({is_ascii(cell)} or not contains({cell}, '＠')))"


def shown(cell: str) -> str:
    """A cell fit to be kept with an issue: short, and without anybody's mail address."""
    return f"left({without_mail(cell)}, {LONGEST_VALUE})"


def is_ascii(cell: str) -> str:
    """Whether a text has as many bytes as characters."""
    return f"strlen({cell}) = length({cell})"
