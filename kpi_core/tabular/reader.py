"""A file opened: whatever it is, to a table of text, or to what has to be asked before."""

from collections.abc import Callable
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from types import MappingProxyType
from zipfile import ZipFile

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Answers, Ask
from kpi_core.tabular.archives import (
    Allowance,
    Damaged,
    TooLarge,
    archive,
    member,
    members,
    unzipped,
)
from kpi_core.tabular.byte_scan import Survey, survey
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.content import Content, Part, content, keys
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.delimited_text import text_content, utf8_text
from kpi_core.tabular.encoding import start_of_text
from kpi_core.tabular.excel import sheets_of, too_large
from kpi_core.tabular.file_kind import LOOKED_AT, Kind, kind_of
from kpi_core.tabular.header import Header
from kpi_core.tabular.html import declared_encoding, tables_of
from kpi_core.tabular.limits import MAX_BYTES, MAX_EXPANDED, MAX_NESTED, MAX_PAGE
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.select_table import chosen
from kpi_core.tabular.split_tables import Found, tables_in
from kpi_core.tabular.table import Table

_NOTHING_SAID: Answers = MappingProxyType({})
_AS_FOUND = How()
_OFFICE = {
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "xl/workbook.bin": "xlsb",
    "content.xml": "OpenDocument",
}


def open_file(
    source: Path | bytes,
    name: str,
    how: How = _AS_FOUND,
    answers: Answers = _NOTHING_SAID,
    *,
    file_hash: str = "",
) -> Opened:
    """The table in a file, or the questions that come first. `answers` win over `how`.

    A file that is no table comes back refused, never as an error. `file_hash` is the hash of its
    bytes where it is known.
    """
    raw = Source(source)
    settled = with_answers(how, answers)
    if raw.size > MAX_BYTES:
        issue = about_file(Code.FILE_TOO_LARGE, value=f"{raw.size:,} > {MAX_BYTES:,}")
        return Opened(name, Kind.OTHER, "", issues=(issue,))
    seen = survey(raw, start_of_text(raw), file_hash)
    try:
        content = _Opener(settled, answers).content(raw, seen)
        if content.refused is not None:
            return Opened(name, content.kind, seen.hash, issues=(content.refused,))
        return chosen(name, seen.hash, content, settled, answers)
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        return Opened(name, Kind.OTHER, seen.hash, issues=(about_file(Code.NO_ROOM),))


def with_answers(how: How, answers: Answers) -> How:
    """How a file is to be read once a user has answered."""
    header = answers.get(Ask.HEADER, "")
    return replace(
        how,
        encoding=answers.get(Ask.ENCODING, how.encoding),
        table=answers.get(Ask.TABLE, how.table),
        header=int(header) if header.isdecimal() else how.header,
    )


class _Opener:
    """Opens a file and what is packed in it, all of it within one allowance."""

    def __init__(self, how: How, answers: Answers) -> None:
        self._how = how
        self._answers = answers
        self._allowance = Allowance()

    def content(self, source: Source, seen: Survey, depth: int = 0) -> Content:
        """All tables of a file, whatever kind it is."""
        kind, said = kind_of(source.read(0, LOOKED_AT))
        match kind:
            case Kind.CSV:
                return text_content(source, seen, self._how, self._answers)
            case Kind.HTML:
                return page_content(source, seen, self._how, self._answers)
            case Kind.XLS:
                return workbook_content(source, kind)
            case Kind.OTHER:
                return Content(kind, refused=about_file(Code.NOT_A_TABLE, value=said))
            case _:
                return self._packed(source, kind, depth)

    def _packed(self, source: Source, kind: Kind, depth: int) -> Content:
        """What is in a gz or zip file; a workbook is a zip file, too."""
        if depth >= MAX_NESTED:
            return Content(kind, refused=about_file(Code.NESTED_TOO_DEEP, value=f"> {MAX_NESTED}"))
        try:
            if kind is Kind.GZ:
                content = self._within(unzipped(source, self._allowance), depth)
                return content if content.refused else replace(content, kind=kind)
            with archive(source) as zipped:
                return self._zipped(source, zipped, depth)
        except TooLarge:
            value = f"> {MAX_EXPANDED:,}"
            return Content(kind, refused=about_file(Code.EXPANDS_TOO_FAR, value=value))
        except Damaged:
            return Content(kind, refused=about_file(Code.DAMAGED, value=kind))

    def _within(self, source: Source, depth: int) -> Content:
        return self.content(source, survey(source, start_of_text(source)), depth + 1)

    def _zipped(self, source: Source, zipped: ZipFile, depth: int) -> Content:
        names = set(zipped.namelist())
        if "xl/workbook.xml" in names:
            issue = too_large(zipped)
            if issue is not None:
                return Content(Kind.XLSX, refused=issue)
            return workbook_content(source, Kind.XLSX)
        if other := next((said for name, said in _OFFICE.items() if name in names), None):
            return Content(Kind.OTHER, refused=about_file(Code.NOT_A_TABLE, value=other))
        listed = members(zipped)
        if isinstance(listed, Issue):
            return Content(Kind.ZIP, refused=listed)
        opened = [
            (name, self._within(member(zipped, info, self._allowance), depth))
            for name, info in listed
        ]
        return _together(opened)


def _together(opened: list[tuple[str, Content]]) -> Content:
    """The tables of all files in a zip. Those that are none do not count where others are."""
    parts: list[Part] = []
    refused = [inner.refused for _, inner in opened if inner.refused is not None]
    for name, inner in opened:
        if inner.refused is None:
            single = len(inner.parts) == 1
            parts += [
                replace(part, key=name if single else f"{name}: {part.key}") for part in inner.parts
            ]
        elif inner.refused.code not in (Code.NOT_A_TABLE, Code.NO_ROWS):
            parts.append(Part(name, Found(Table(issues=(inner.refused,)), Header(0), 0)))
    if all(part.found is not None and part.found.table.refused for part in parts):
        return Content(Kind.ZIP, refused=refused[0] if refused else about_file(Code.NO_ROWS))
    return Content(Kind.ZIP, tuple(parts))


def page_content(source: Source, seen: Survey, how: How, answers: Answers) -> Content:
    """The tables of a page, or the question which encoding it is in."""
    if source.size > MAX_PAGE:
        value = f"{source.size:,} > {MAX_PAGE:,}"
        return Content(Kind.HTML, refused=about_file(Code.FILE_TOO_LARGE, value=value))
    declared = declared_encoding(source.read(0, LOOKED_AT))
    text = utf8_text(source, seen, how, answers, declared)
    if isinstance(text, Issue):
        return Content(Kind.HTML, refused=text)
    if text.source is None:
        return Content(Kind.HTML, (Part("", None, questions=text.questions),))
    parts = [
        replace(part, encoding=text.encoding, questions=text.questions, issues=text.issues)
        for records in tables_of(text.source.read(start_of_text(text.source)).decode())
        for part in _of_sheet("", records)
    ]
    return content(Kind.HTML, _with_own_keys(parts))


def _with_own_keys(parts: list[Part]) -> list[Part]:
    found = [part.found for part in parts if part.found]
    return [replace(part, key=key) for part, key in zip(parts, keys(found), strict=True)]


def workbook_content(source: Source, kind: Kind) -> Content:
    """The tables of all sheets."""
    sheets = sheets_of(source, kind)
    if isinstance(sheets, Issue):
        return Content(kind, refused=sheets)
    return content(kind, [part for name, records in sheets for part in _of_sheet(name, records)])


def _of_sheet(name: str, records: list[Record]) -> list[Part]:
    """The tables of a sheet under its name."""
    found = tables_in(iter(records), padded=True)

    def again(at: int) -> Callable[[int], Found]:
        return lambda header: tables_in(iter(records), padded=True, header=header, at=at)[at]

    return [
        Part(key, table, read_again=again(at))
        for at, (key, table) in enumerate(zip(keys(found, name), found, strict=True))
    ]
