"""What a file is about: concluded from it where it is certain, asked where it is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import tomli_w

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Answers, Ask, Question, open_questions
from kpi_core.ingest.extract.preview import UnderstoodRow, understood
from kpi_core.mapping.advisories import refusals, remarks
from kpi_core.mapping.columns import layout
from kpi_core.mapping.document import Grain, Mapping
from kpi_core.mapping.header_match import spelled_as
from kpi_core.mapping.infer import suggest
from kpi_core.mapping.known_formats import by_evidence
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.period_columns import as_mapped, parts_of_period, with_period
from kpi_core.mapping.profile import NAMED_BY
from kpi_core.mapping.questions import YES
from kpi_core.mapping.shipped import Known, certain
from kpi_core.mapping.unmapped_values import knowing, questions_about, unknown_values
from kpi_core.parsing.pii import PersonKind, person_kind
from kpi_core.tabular.file_cache import open_in_reader, opened_files
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.rows import HeldRows
from kpi_core.tabular.table import Table

KEEP = "keep:"
AFRESH = frozenset({Ask.TABLE.value, Ask.ENCODING.value, Ask.HEADER.value, Ask.GRAIN.value})
"""A user who answers one of these does not want the file opened as the last of its shape."""
PREVIEW_ROWS = 5
ROWS_LOOKED_AT = 1_000
"""So many show whether a column that a known mapping leaves unread holds dates."""
NOTES_TOLD = 1_000
"""Of what is wrong with rows; a receipt counts all."""
MERGED_ROWS = 50
"""Of so many rows the first leads are put together, where leads have several."""


@dataclass(frozen=True)
class DroppedColumn:
    """A column that looks personal, and is left out unless the user keeps it."""

    header: str
    kind: PersonKind


@dataclass(frozen=True)
class Inspection:
    """What was concluded of a file, and what is asked.

    `questions` are all decisions in the order in which they are asked; `mapping` is None while
    one is open, or where `issues` refuse the file. `known` names the mapping that fitted the
    header: then nothing is asked but what a stage is that it does not know, and how cells are
    read that its formats do not fit. `notes` are worth
    knowing and stop nothing. `preview` shows the first rows as they will be understood.
    """

    name: str
    opened: Opened
    questions: tuple[Question, ...] = ()
    mapping: Mapping | None = None
    known: str | None = None
    dropped: tuple[DroppedColumn, ...] = ()
    header: tuple[str, ...] = ()
    rows: int = 0
    preview: tuple[UnderstoodRow, ...] = ()
    notes: tuple[Issue, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def answers_needed(self) -> tuple[Question, ...]:
        """What the user has to be asked."""
        return open_questions(self.questions)

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of which the mapping makes nothing, but for those that look personal."""
        if self.mapping is None:
            return ()
        dropped = (column.header for column in self.dropped)
        columns = self.mapping.columns
        parts = (part for name in columns for part in parts_of_period(name, self.header))
        settled = {*columns, *parts, *self.mapping.passed_over, *dropped}
        return tuple(column for column in self.header if column not in settled)

    @property
    def settled(self) -> bool:
        """Every decision is made."""
        return not self.answers_needed

    @property
    def refused(self) -> bool:
        """No answer makes this file one that can be imported."""
        return bool(self.issues)


def inspect(
    source: Path | bytes,
    name: str,
    *,
    now: datetime,
    answers: Answers | None = None,
    mapping: Mapping | None = None,
    known: Sequence[Known] = (),
    scratch: duckdb.DuckDBPyConnection | None = None,
    preview: bool = True,
    home: str | None = None,
) -> Inspection:
    """What a file is about. The same file and answers always give the same inspection.

    `mapping` reads the file, whatever the header; of `known` and those that ship the one that
    fits does, unless the user answered what the rows are. `now` is a wall clock of the zone
    `home`. Without `preview` nothing is said that only a user who looks at it wants to know:
    neither the first rows nor remarks on what fits a known mapping.
    """
    answers = answers or {}
    opened = open_in_reader(source, name, How() if mapping is None else mapping.file, answers)
    if opened.table is None and mapping is None and not AFRESH.intersection(answers):
        before, opened = _as_before(opened, source, known)
        known = known if before is None else (before,)
    if opened.table is None:
        return Inspection(name, opened, opened.questions, issues=opened.issues)
    if scratch is not None:
        return _looked_at(opened, opened.table, answers, mapping, known, scratch, preview, home)
    with duckdb.connect(config={"temp_directory": str(opened_files().folder)}) as own:
        return _looked_at(opened, opened.table, answers, mapping, known, own, preview, home)


def _as_before(
    opened: Opened, source: Path | bytes, known: Sequence[Known]
) -> tuple[Known | None, Opened]:
    """The file opened as a saved mapping says one of this shape is; as it was where none does."""
    if open_questions(opened.questions):
        for each in known:
            mapping = each if isinstance(each, Mapping) else read_mapping(each.text)
            if isinstance(mapping, Mapping) and mapping.file != How():
                so = open_in_reader(source, opened.name, mapping.file, {})
                found = None if so.table is None else _certain(so.table, (each,))[1]
                if found is not None and found.file == mapping.file:
                    return each, so
    return None, opened


def _looked_at(
    opened: Opened,
    table: Table,
    answers: Answers,
    mapping: Mapping | None,
    known: Sequence[Known],
    scratch: duckdb.DuckDBPyConnection,
    preview: bool,
    home: str | None,
) -> Inspection:
    """The inspection of a table."""
    fitted = None
    if mapping is None and Ask.GRAIN not in answers:
        table, fitted = _certain(table, known)
        mapping = fitted and opened_so(fitted, answers)
    elif mapping is not None:
        table = as_mapped(table, mapping)
    if mapping is None:
        return _asked(_seen(opened, table), table, answers, scratch, home)
    seen = _seen(opened, table)
    mapping = spelled_as(mapping, table.header)
    if missing := [name for name in mapping.required if name not in table.header]:
        has = ", ".join(table.header)
        issues = (about_file(Code.COLUMN_MISSING, column=name, value=has) for name in missing)
        return replace(seen, issues=tuple(issues))
    mapping, formats = by_evidence(table, mapping, answers, scratch)
    unknown = unknown_values(table, mapping, answers, scratch) if fitted is not None else ()
    questions = (*questions_about(unknown), *formats)
    mapping = knowing(mapping, unknown)
    seen = replace(
        seen,
        questions=(*seen.questions, *questions),
        mapping=None if open_questions(questions) else mapping,
        known=None if fitted is None else fitted.name,
    )
    if not preview:
        return seen
    return replace(
        seen,
        dropped=_dropped(table, mapping),
        preview=_preview(table, mapping, scratch, home),
        notes=(*seen.notes, *_remarks(table, mapping, scratch)),
    )


def _seen(opened: Opened, table: Table) -> Inspection:
    """An inspection of a table that says what is known before its columns are looked at."""
    return Inspection(
        opened.name, replace(opened, table=table), opened.questions, header=table.header,
        rows=table.rows, notes=tuple(table.issues[:NOTES_TOLD]),
    )  # fmt: skip


def _certain(table: Table, known: Sequence[Known]) -> tuple[Table, Mapping | None]:
    """The mapping that reads the table without a question, and the table as it reads it."""
    joined = with_period(table)
    for each in (table,) if joined is table else (table, joined):
        found = certain(each.header, known, [row for _, row in each.head(ROWS_LOOKED_AT)])
        if found is not None:
            return each, found
    return table, None


def opened_so(mapping: Mapping, answers: Answers) -> Mapping:
    """A known mapping with what the user said of the file itself: it opens no other way."""
    said: dict[str, str | int] = {
        name: answers[name] for name in (Ask.TABLE, Ask.ENCODING) if name in answers
    }
    if answers.get(Ask.HEADER, "").isdecimal():
        said[Ask.HEADER] = int(answers[Ask.HEADER])
    if not said or mapping.file != How():
        return mapping
    again = read_mapping(f"{mapping.text.rstrip()}\n\n{tomli_w.dumps({'file': said})}")
    return again if isinstance(again, Mapping) else mapping


def _asked(
    seen: Inspection,
    table: Table,
    answers: Answers,
    scratch: duckdb.DuckDBPyConnection,
    home: str | None,
) -> Inspection:
    """With the decisions about a table that no mapping is known for."""
    kept = [
        key.removeprefix(KEEP)
        for key, answer in answers.items()
        if key.startswith(KEEP) and answer == YES
    ]
    columns = layout(table, kept, scratch)
    if not columns.dated and (joined := with_period(table)) is not table:
        table, columns = joined, layout(joined, kept, scratch)
        seen = replace(_seen(seen.opened, table), questions=seen.questions)
    dropped = tuple(
        DroppedColumn(column.header, column.profile.person)
        for column in columns.columns
        if column.profile.person is not None and not column.kept
    )
    if refused := refusals(columns, table.issues):
        return replace(seen, dropped=dropped, issues=refused)
    suggestion = suggest(columns, seen.opened, answers, home)
    seen = replace(seen, questions=suggestion.questions, dropped=dropped)
    drafted = suggestion.mapping()
    if drafted is None:
        return replace(seen, issues=(about_file(Code.NOTHING_MAPPED),) if seen.settled else ())
    return replace(
        seen,
        mapping=drafted if seen.settled else None,
        dropped=tuple(each for each in dropped if each.header != drafted.id),
        preview=_preview(table, drafted, scratch, home),
        notes=(*seen.notes, *remarks(columns, drafted)),
    )


def _dropped(table: Table, mapping: Mapping) -> tuple[DroppedColumn, ...]:
    """The columns that a mapping leaves out and that look personal by the first rows."""
    rows = [row for _, row in table.head(NAMED_BY)]
    found = []
    for at, header in enumerate(table.header):
        column = [row[at].strip() for row in rows if at < len(row)]
        kind = person_kind(header, tuple(dict.fromkeys(cell for cell in column if cell)))
        if kind is not None and header != mapping.id and header not in mapping.keep:
            found.append(DroppedColumn(header, kind))
    return tuple(found)


def _remarks(
    table: Table, mapping: Mapping, scratch: duckdb.DuckDBPyConnection
) -> tuple[Issue, ...]:
    """What is to be said of rows without an id, or without dates; of others nothing is."""
    if mapping.grain is Grain.DAY or (mapping.grain is not Grain.SNAPSHOT and mapping.id):
        return ()
    return remarks(layout(table, mapping.keep, scratch), mapping)


def _preview(
    table: Table, mapping: Mapping, scratch: duckdb.DuckDBPyConnection, home: str | None
) -> tuple[UnderstoodRow, ...]:
    """The first rows as they will be understood."""
    rows = table.head(PREVIEW_ROWS if mapping.merge is None else MERGED_ROWS)
    cells = zip(*(row for _, row in rows), strict=True)
    held = {"line": pa.array([line for line, _ in rows], pa.int64())}
    held |= {f"c{at}": pa.array(column, pa.string()) for at, column in enumerate(cells)}
    few = replace(table, rows=len(rows), issues=(), body=HeldRows(pa.table(held)))
    read = understood(few, mapping, scratch, len(rows), home)
    if mapping.merge is not None:
        read = tuple(row for row in read if row.lead is not None)
    return read[:PREVIEW_ROWS]
