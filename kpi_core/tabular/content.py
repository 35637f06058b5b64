"""What came out of a file before a table was chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Question
from kpi_core.tabular.file_kind import Kind
from kpi_core.tabular.split_tables import Found

_LONGEST = 100


@dataclass(frozen=True)
class Part:
    """A table under the name that it goes by in the file.

    `found` is None where a question has to be answered before it can be read. `read_again` reads
    it with another record as its header.
    """

    key: str
    found: Found | None
    encoding: str | None = None
    delimiter: str | None = None
    questions: tuple[Question, ...] = ()
    issues: tuple[Issue, ...] = ()
    read_again: Callable[[int], Found] | None = None


@dataclass(frozen=True)
class Content:
    """The tables of a file, or the issue that forbids reading it."""

    kind: Kind
    parts: tuple[Part, ...] = ()
    refused: Issue | None = None


def content(kind: Kind, parts: Sequence[Part]) -> Content:
    """The parts, unless there are none, or one leaves the file in doubt."""
    for part in parts:
        if part.found is not None and part.found.table.refused:
            return Content(kind, refused=part.found.table.issues[0])
    return Content(kind, tuple(parts), None if parts else about_file(Code.NO_ROWS))


def keys(found: list[Found], within: str = "") -> list[str]:
    """Readable names for tables, by their headers, numbered where two are the same.

    `within` is the sheet or the file they are in; the only table there goes by that name alone.
    """
    if within and len(found) == 1:
        return [within]
    names: list[str] = []
    for table in found:
        header = " | ".join(table.table.header)[:_LONGEST]
        plain = f"{within}: {header}" if within else header
        name, times = plain, 1
        while name in names:
            times += 1
            name = f"{plain} ({times})"
        names.append(name)
    return names
