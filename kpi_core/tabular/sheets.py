"""The tables of workbooks and of pages of HTML."""

from collections.abc import Callable
from dataclasses import replace

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Answers
from kpi_core.tabular.byte_scan import Survey
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.content import Content, Part, content, keys
from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.delimited_text import utf8_text
from kpi_core.tabular.excel import sheets_of
from kpi_core.tabular.file_kind import LOOKED_AT, Kind
from kpi_core.tabular.html import declared_encoding, tables_of
from kpi_core.tabular.limits import MAX_PAGE
from kpi_core.tabular.read_options import How
from kpi_core.tabular.split_tables import Found, tables_in
from kpi_core.tabular.utf8 import start_of_text


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
