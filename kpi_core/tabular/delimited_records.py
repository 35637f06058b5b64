"""Records of text read one after the other, so that each that is wrong can be named."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import BinaryIO, NamedTuple

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.limits import MAX_CELL, MAX_COLUMNS
from kpi_core.tabular.quotes import cells_unescaped

ENDS = frozenset({Code.UNBALANCED_QUOTE, Code.TOO_MANY_COLUMNS})
"""Issues after which nothing more is read."""

csv.field_size_limit(MAX_CELL)


class Record(NamedTuple):
    """One record: its number, its cells, and how many lines of the file it ends after.

    `issue` says why it cannot be read; then it has no cells. `perhaps` are those of a record with
    a stray quotation mark, as they would be if marks within cells were not doubled.
    """

    number: int
    cells: list[str]
    last_line: int
    issue: Issue | None = None
    perhaps: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Nothing is in any cell."""
        return self.issue is None and not any(map(str.strip, self.cells))


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `spaced`: a space stands before opening quotation marks."""

    delimiter: str
    spaced: bool = False


def read_records(source: Source, start: int, dialect: Dialect, first: int = 1) -> Iterator[Record]:
    """All records of UTF-8 text from byte `start` on, numbered from `first`.

    Reading ends at a record with an issue of `ENDS`.
    """
    with _opened(source) as file:
        file.seek(start)
        lines = _Lines(TextIOWrapper(file, encoding="utf-8", newline=""))
        reader = csv.reader(
            lines, delimiter=dialect.delimiter, skipinitialspace=dialect.spaced, strict=True
        )
        number, issue = first - 1, None
        while issue is None or issue.code not in ENDS:
            number += 1
            begins, issue = reader.line_num, None
            try:
                cells = next(reader)
                if len(cells) > MAX_COLUMNS:
                    issue = _too_wide(number, len(cells))
                    cells = []
                yield Record(number, cells, reader.line_num + first - 1, issue)
            except StopIteration:
                return
            except csv.Error as error:
                issue = _wrong(number, str(error), reader.line_num - begins)
                perhaps: tuple[str, ...] = ()
                if issue.code == Code.STRAY_QUOTE:
                    perhaps = cells_unescaped(lines.last, dialect.delimiter)
                yield Record(number, [], reader.line_num + first - 1, issue, perhaps)


class _Lines:
    """Lines one after the other; the last is remembered."""

    def __init__(self, lines: TextIOWrapper) -> None:
        self.last = ""
        self._lines = lines

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        return self.last


def _too_wide(number: int, width: int) -> Issue:
    value = f"{width:,} > {MAX_COLUMNS:,}"
    return about_file(Code.TOO_MANY_COLUMNS, line=number, value=value)


def _wrong(number: int, said: str, lines: int) -> Issue:
    if "field limit" in said and lines <= 1:
        value = f"> {MAX_CELL:,}"
        return about_file(Code.CELL_TOO_LARGE, line=number, value=value)
    ran_on = lines > 1 or "unexpected end" in said
    return about_file(Code.UNBALANCED_QUOTE if ran_on else Code.STRAY_QUOTE, line=number)


def _opened(source: Source) -> BinaryIO:
    return BytesIO(source.place) if isinstance(source.place, bytes) else source.place.open("rb")
