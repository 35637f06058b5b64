"""One thing wrong at one place of a file, as a code that the catalogs word."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What an issue does to its row."""

    REJECTED = "rejected"
    """the row, or the event the cell stands for, was not imported"""
    FLAGGED = "flagged"
    """imported, but worth a look"""


@dataclass(frozen=True)
class Issue:
    """One thing wrong at one place. `code` names the sentence in the catalogs (`issues.<code>`).

    `line` is the record's number in the file, the header being 1; None when it is about the
    whole file. `value` is cut to 80 characters.
    """

    code: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = Severity.REJECTED
