"""Delimited text: from bytes in some encoding to its tables."""

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Answers, Ask, Option, Question, decided
from kpi_core.tabular.byte_scan import Survey, survey
from kpi_core.tabular.byte_source import Source
from kpi_core.tabular.content import Content, Part, content, keys
from kpi_core.tabular.delimited_records import Dialect, read_records
from kpi_core.tabular.encoding import (
    as_utf8,
    bad_byte,
    broken,
    encoding_of,
    encoding_options,
    start_of_text,
)
from kpi_core.tabular.fast_csv import FROM_BYTES, Plain, read_at_once
from kpi_core.tabular.file_kind import Kind
from kpi_core.tabular.header import LOOKED_AT
from kpi_core.tabular.opened_file import How
from kpi_core.tabular.split_tables import Found, tables_in

DELIMITERS = ",\t;|"
_SEPARATOR_LINE = re.compile(rb'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINES = 50
_SPACED = re.compile(r'(?:^|[,;|\t]) +"[^"\n]*(?:""[^"\n]*)*"(?=[,;|\t]|$)', re.MULTILINE)
_UNSPACED = re.compile(r'[,;|\t]"')


def separator_line(start: bytes) -> tuple[str, int] | None:
    """What a first line `sep=;` says, and its length; None without one."""
    found = _SEPARATOR_LINE.match(start)
    return (found[1].decode(), found.end()) if found and found[1].isascii() else None


def dialect_of(start: str, delimiter: str | None = None) -> Dialect:
    """The dialect of a text, from its first lines.

    The delimiter is the one that cuts most lines into the same number of cells, two or more.
    """
    bare = _QUOTED.sub("", start)
    lines = [line for line in re.split(r"\r\n|\r|\n", bare) if line.strip()][:_LINES]
    spaced = bool(_SPACED.search(start)) and not _UNSPACED.search(start)
    return Dialect(delimiter or max(DELIMITERS, key=lambda sign: _fit(lines, sign)), spaced)


def _fit(lines: list[str], sign: str) -> tuple[float, int]:
    """How evenly a sign cuts the lines: lines of the commonest number of cells, weighed."""
    counts = [line.count(sign) for line in lines]
    cut = [count for count in counts if count]
    if not cut:
        return (0.0, 0)
    commonest = max(set(cut), key=lambda count: (cut.count(count), count))
    even = cut.count(commonest)
    return (even / len(lines) * (1 + min(commonest, 20) / 10), commonest)


_START = 1 << 18
_SUBSETS = {"cp932": "shift_jis", "cp1252": "iso8859-1", "iso2022_jp_ext": "iso2022_jp"}
"""What people call an encoding that has more signs than the one of that name."""


@dataclass(frozen=True)
class Text:
    """A file's text in UTF-8, and how it came about. Without `source` its encoding is asked."""

    encoding: str | None
    source: Source | None
    seen: Survey
    questions: tuple[Question, ...] = ()
    issues: tuple[Issue, ...] = ()


def text_content(
    source: Source,
    seen: Survey,
    how: How,
    answers: Answers,
    *,
    at_once_from: int = FROM_BYTES,
) -> Content:
    """The tables of a delimited text, or the question which encoding it is in."""
    text = utf8_text(source, seen, how, answers)
    if isinstance(text, Issue):
        return Content(Kind.CSV, refused=text)
    if text.source is None:
        return Content(Kind.CSV, (Part("", None, questions=text.questions),))
    return _tables(text, text.source, how, at_once_from)


def utf8_text(
    source: Source, seen: Survey, how: How, answers: Answers, declared: str | None = None
) -> Text | Issue:
    """A file as UTF-8, or the issue about the first byte that does not fit.

    `declared` is what the file itself says, if it says anything.
    """
    found = encoding_of(source, seen)
    if found.refused is not None:
        return found.refused
    encoding = found.encoding
    questions: tuple[Question, ...] = ()
    if encoding is None:
        options = encoding_options(source, DELIMITERS, found.mark)
        settled = _settled(options, how.encoding, declared)
        question = decided(Ask.ENCODING, answers, options, settled)
        encoding, questions = question.answer, (question,)
        if not options:
            return about_file(Code.ENCODING_UNKNOWN, value=str(seen.first_bad_byte or 0))
        if encoding is None:
            return Text(None, None, seen, questions)
    try:
        text = as_utf8(source, encoding, found.mark)
    except UnicodeError:
        byte = bad_byte(source, encoding, found.mark)
        return broken(source, encoding, byte or 0)
    if text is not source:
        seen = survey(text, start_of_text(text))
    return Text(encoding, text, seen, questions, found.issues)


def _settled(options: Iterable[Option], *names: str | None) -> str | None:
    """The encoding that was named beforehand, if it is a candidate."""
    for name in filter(None, names):
        try:
            codec = codecs.lookup(name).name
        except LookupError:
            continue
        for option in options:
            if codec in {codecs.lookup(option.value).name, _SUBSETS.get(option.value)}:
                return option.value
    return None


def _tables(text: Text, source: Source, how: How, at_once_from: int) -> Content:
    start = start_of_text(source)
    first, delimiter = 1, how.delimiter
    beginning = source.read(start, _START)
    if said := separator_line(beginning):
        delimiter, first = delimiter or said[0], 2
        start, beginning = start + said[1], beginning[said[1] :]
    if _is_binary(beginning):
        return Content(Kind.CSV, refused=about_file(Code.NOT_A_TABLE, value="binary"))
    dialect = dialect_of(beginning.decode("utf-8", "ignore"), delimiter)
    odd = bool(text.seen.controls or text.seen.marks)
    plain = Plain(source, start, first, dialect, text.seen)

    def read(header: int | None = None, at: int = 0) -> list[Found]:
        if source.size >= at_once_from and at == 0:
            whole = _at_once(plain, header)
            if whole is not None:
                return [whole]
        records = read_records(source, start, dialect, first)
        return tables_in(records, odd=odd, header=header, at=at)

    def again(at: int) -> Callable[[int], Found]:
        return lambda header: read(header, at)[at]

    found = read(how.header if how.table is None else None)
    parts = [
        Part(key, table, text.encoding, dialect.delimiter, text.questions, text.issues, again(at))
        for at, (key, table) in enumerate(zip(keys(found), found, strict=True))
    ]
    return content(Kind.CSV, parts)


def _at_once(text: Plain, header: int | None) -> Found | None:
    if not text.sound():
        return None
    records = read_records(text.source, text.start, text.dialect, text.first)
    head = list(islice(records, LOOKED_AT))
    started = tables_in(iter(head), header=header)
    return read_at_once(text, started[0], head) if len(started) == 1 else None


def _is_binary(start: bytes) -> bool:
    """Something else than text: NULs in its first line."""
    return b"\0" in start.splitlines()[0] if start else False
