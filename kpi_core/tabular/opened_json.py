"""An opened file as JSON: what a reader process answers, all but the rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from datetime import date
from itertools import islice
from typing import Any, overload

from kpi_core.domain.issue import Issue, Severity
from kpi_core.domain.question import Ask, Option, Question
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.opened_file import Kind, Opened, TableHead
from kpi_core.tabular.rows import FIRST_ROWS, ParquetRows
from kpi_core.tabular.table import Table

Document = dict[str, Any]
IN_A_PIECE = 2_000
"""Issues of rows that are sent at a time."""
_ISSUE_FIELDS = tuple(each.name for each in fields(Issue))


class IssuesOfRows(Sequence[Issue]):
    """What is wrong with the rows of a table, held in columns: each issue is made when it is read.

    As objects of their own, a million of them would hold up everybody with each collection of
    garbage.
    """

    def __init__(self, pieces: Sequence[Mapping[str, Any]]) -> None:
        """ValueError or KeyError where the columns of a piece are not those of issues."""
        self._pieces = [tuple(list(piece[name]) for name in _ISSUE_FIELDS) for piece in pieces]
        for *columns, severities in self._pieces:
            if {len(column) for column in columns} != {len(severities)}:
                raise ValueError("Columns of issues differ in length.")
            for each in set(severities):
                Severity(each)

    def __len__(self) -> int:
        return sum(len(codes) for codes, *_ in self._pieces)

    def __iter__(self) -> Iterator[Issue]:
        for piece in self._pieces:
            for code, line, column, value, severity in zip(*piece, strict=True):
                yield Issue(code, line, column, value, Severity(severity))

    @overload
    def __getitem__(self, at: int) -> Issue: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Issue, ...]: ...

    def __getitem__(self, at: int | slice) -> Issue | tuple[Issue, ...]:
        if isinstance(at, slice):
            return tuple(islice(self, *at.indices(len(self))))
        return next(islice(self, range(len(self))[at], None))


def _pieces_of(issues: Sequence[Issue]) -> list[Document]:
    """Issues in columns, a bounded number at a time."""
    return [
        dict(
            zip(
                _ISSUE_FIELDS,
                zip(*map(astuple, issues[start : start + IN_A_PIECE]), strict=True),
                strict=True,
            )
        )
        for start in range(0, len(issues), IN_A_PIECE)
    ]


def document_of(opened: Opened) -> Document:
    """The document of a file whose rows, if it has any, are in a Parquet file."""
    plain = {each.name: getattr(opened, each.name) for each in fields(Opened)}
    return plain | {
        "tables": [asdict(each) for each in opened.tables],
        "questions": [asdict(each) for each in opened.questions],
        "issues": [asdict(each) for each in opened.issues],
        "table": None if opened.table is None else _document_of_table(opened.table),
    }


def opened_of(document: Mapping[str, Any], file: Source) -> Opened:
    """The opened file of a document, with the rows of a Parquet file.

    KeyError, TypeError or ValueError where it is no such document.
    """
    table = document["table"]
    return Opened(
        name=str(document["name"]),
        kind=Kind(document["kind"]),
        file_hash=str(document["file_hash"]),
        encoding=document["encoding"],
        delimiter=document["delimiter"],
        tables=tuple(_head(each) for each in document["tables"]),
        questions=tuple(_question(each) for each in document["questions"]),
        issues=_issues(document["issues"]),
        table=None if table is None else _table(table, file),
    )


def _document_of_table(table: Table) -> Document:
    body = table.body
    assert isinstance(body, ParquetRows)
    return {
        "header": table.header,
        "rows": table.rows,
        "issues": _pieces_of(table.issues),
        "left_out": dict(table.left_out),
        "title": table.title,
        "first_day": None if table.first_day is None else table.first_day.isoformat(),
        "last_day": None if table.last_day is None else table.last_day.isoformat(),
        "first_line": body.first_line,
        "without_blank": body.without_blank,
        "repeated": body.header,
        "first": body.first[:FIRST_ROWS],
        "first_are_all": body.first_are_all,
    }


def _table(document: Mapping[str, Any], file: Source) -> Table:
    header = tuple(map(str, document["header"]))
    first_line = document["first_line"]
    return Table(
        header=header,
        rows=int(document["rows"]),
        issues=IssuesOfRows(document["issues"]),
        left_out={str(what): int(times) for what, times in document["left_out"].items()},
        title=tuple(map(str, document["title"])),
        first_day=_day(document["first_day"]),
        last_day=_day(document["last_day"]),
        body=ParquetRows(
            file,
            len(header),
            first_line=None if first_line is None else int(first_line),
            without_blank=bool(document["without_blank"]),
            header=tuple(map(str, document["repeated"])),
            first=tuple((int(line), list(map(str, cells))) for line, cells in document["first"]),
            first_are_all=bool(document["first_are_all"]),
        ),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _head(document: Mapping[str, Any]) -> TableHead:
    header = tuple(map(str, document["header"]))
    return TableHead(str(document["key"]), header, document["rows"], str(document["title"]))


def _question(document: Mapping[str, Any]) -> Question:
    options = tuple(
        Option(str(each["value"]), each["text"], tuple(map(str, each["examples"])))
        for each in document["options"]
    )
    return Question(
        Ask(document["code"]),
        options,
        document["answer"],
        str(document["subject"]),
        bool(document["given"]),
        bool(document["free"]),
    )


def _issues(documents: list[Mapping[str, Any]]) -> tuple[Issue, ...]:
    return tuple(
        Issue(
            str(each["code"]), each["line"], each["column"], each["value"],
            Severity(each["severity"]),
        )
        for each in documents
    )  # fmt: skip
