"""Which table of a file is meant, and which of its records is the header."""

import re
from dataclasses import replace

from kpi_core.domain.question import Answers, Ask, Option, Question, decided
from kpi_core.tabular.cell_shape import Look, look
from kpi_core.tabular.content import Content, Part
from kpi_core.tabular.opened_file import How, Opened, TableHead
from kpi_core.tabular.split_tables import NO_HEADER, Found

ROWS_LOOKED_AT = 20
"""So many first rows show whether a table has dates."""
_MONTH = re.compile(r"(?:19|20)\d{2}(?:[-/.]W?|年)\d{1,2}(?:月|週)?", re.IGNORECASE)
_HEADERS_OFFERED = 8
_CELLS_SHOWN = 6
_LONGEST = 120


def chosen(name: str, file_hash: str, content: Content, how: How, answers: Answers) -> Opened:
    """The table that was asked for, or the only one."""
    parts = sorted(content.parts, key=lambda part: (_is_empty(part), not _is_dated(part)))
    opened = Opened(name, content.kind, file_hash, tables=tuple(map(_head, parts)))
    questions: tuple[Question, ...] = ()
    part = parts[0]
    if len(parts) > 1:
        by_key = {part.key: part for part in parts}
        options = tuple(Option(part.key, part.key, _header(part)[:_CELLS_SHOWN]) for part in parts)
        filled = [part.key for part in parts if not _is_empty(part)]
        concluded = filled[0] if len(filled) == 1 else None
        concluded = how.table if how.table in by_key else concluded
        question = decided(Ask.TABLE, answers, options, concluded)
        questions = (question,)
        if question.answer is None:
            return replace(opened, questions=questions)
        part = by_key[question.answer]
    opened = replace(opened, encoding=part.encoding, delimiter=part.delimiter)
    questions += part.questions
    if part.found is None:
        return replace(opened, questions=questions)
    found = part.found
    if how.header is not None and how.header != found.header_line and part.read_again:
        found = part.read_again(how.header)
    if found.table.refused:
        return replace(opened, questions=questions, issues=tuple(found.table.issues))
    asked = _about_header(part.found, found, how, answers)
    table = replace(found.table, issues=(*part.issues, *found.table.issues))
    return replace(
        opened, questions=(*questions, asked), table=None if asked.answer is None else table
    )


def _is_empty(part: Part) -> bool:
    """A header without a row is offered after tables that have some."""
    found = part.found
    return found is not None and not found.table.refused and not found.table.rows


def _is_dated(part: Part) -> bool:
    """A table whose rows have dates is offered before those of which no row is of a day."""
    found = part.found
    if found is None or found.table.refused:
        return True
    head = found.table.head(ROWS_LOOKED_AT)
    return any(look(cell) is Look.DATE or _MONTH.fullmatch(cell) for _, row in head for cell in row)


def _about_header(first: Found, found: Found, how: How, answers: Answers) -> Question:
    """Which record is the header. It is asked where the first record looks like the others."""
    shown = [record for record in first.head if record.cells and not record.blank]
    options = [
        Option(str(record.number), " | ".join(record.cells[:_CELLS_SHOWN])[:_LONGEST])
        for record in shown[:_HEADERS_OFFERED]
    ]
    none = Option(str(NO_HEADER))
    offered = {option.value for option in options} | {none.value}
    if str(found.header_line) not in offered:
        options.append(
            Option(str(found.header_line), " | ".join(found.table.header[:_CELLS_SHOWN]))
        )
    guess = str(first.header_line)
    options.sort(key=lambda option: option.value != guess)
    options.insert(0 if first.header.missing else 1, none)
    given = how.header is not None or first.header.certain
    return decided(Ask.HEADER, answers, options, str(found.header_line) if given else None)


def _head(part: Part) -> TableHead:
    rows = part.found.table.rows if part.found else None
    title = " / ".join(part.found.table.title) if part.found else ""
    return TableHead(part.key, _header(part), rows, title)


def _header(part: Part) -> tuple[str, ...]:
    return part.found.table.header if part.found else ()
