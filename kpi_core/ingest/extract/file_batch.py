"""One file as a batch of facts, by a mapping."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from duckdb import DuckDBPyConnection

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.facts.batch import Batch
from kpi_core.facts.batch import Grain as BatchGrain
from kpi_core.ingest.extract.daily_counts import read_days
from kpi_core.ingest.extract.event_rows import read_events
from kpi_core.ingest.extract.extraction import Source
from kpi_core.ingest.extract.lead_rows import read_leads
from kpi_core.ingest.extract.merge_rows import merged
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.snapshot_rows import read_snapshot
from kpi_core.ingest.extract.staging import Staged, any_row, stage
from kpi_core.ingest.extract.typed_columns import Reading
from kpi_core.mapping.covered_stages import covers
from kpi_core.mapping.document import Blank, Grain, Mapping
from kpi_core.parsing.stated_zones import zone_above
from kpi_core.tabular.opened_file import Opened
from kpi_core.tabular.table import Table

SAMPLE = 2_000
"""Rows that show how dates are written, so that SQL can read them."""


def read_batch(
    table: Table,
    mapping: Mapping,
    scratch: DuckDBPyConnection,
    *,
    file_name: str,
    file_hash: str,
    now: datetime,
    secret: bytes | None,
    exported_at: datetime | None = None,
    demo: bool = False,
    staged: Staged | None = None,
    home: str | None = None,
    check: Callable[[], None] = lambda: None,
) -> Batch:
    """What a table says: relations in `scratch`, good until it closes.

    A table that cannot be read gives no fact, and the reason as an issue. `now` and `exported_at`
    are wall clocks; up to the second the file is known to tell everything. Mail addresses that
    stand for leads are hashed with the key `secret`; without it their rows are rejected.
    Moments that say where on earth they are meant are moved to the zone `home`. `staged` is the
    table where it is staged already. `check` raises to stop.
    """
    batch = Batch(
        source=mapping.source,
        file_name=file_name,
        content_hash=content_hash(file_hash, mapping),
        mapping_name=mapping.name,
        mapping=mapping.text,
        grain=BatchGrain.PUSH if mapping.corrects else BatchGrain(mapping.grain.value),
        thing=mapping.thing,
        covers=covers(mapping, table.header),
        without_ids=mapping.id is None and mapping.grain is not Grain.DAY,
        rows=table.rows,
        issues=table.issues,
        data_through=exported_at,
        demo=demo,
        file_hash=file_hash,
    )
    if table.refused or not table.rows:
        return batch
    if missing := _missing_columns(mapping, table.header):
        return replace(batch, issues=missing)
    rows = merged(staged or stage(table, scratch), mapping)
    notes = Notes(scratch)
    notes.add(table.issues)
    source = Source(
        staged=rows,
        mapping=present(mapping, table.header),
        notes=notes,
        reading=Reading(rows, check),
        now=now,
        secret=secret,
        first_day=table.first_day,
        head=tuple(tuple(cells) for _, cells in table.head(SAMPLE)),
        home=home,
        stated=zone_above(table.title),
    )
    return replace(_facts(batch, source), scratch=scratch, issues=notes.relation)


def present(mapping: Mapping, header: tuple[str, ...]) -> Mapping:
    """The mapping without the stages of which a table says nothing: it lacks their dates.

    Where ids are made of the rows, a column that is missing is part of them.
    """
    if mapping.id is None:
        return mapping
    stages = tuple(
        each
        for each in mapping.stages
        if each.date in header or each.where or each.blank is Blank.UNDATED
    )
    return mapping.model_copy(update={"stages": stages or mapping.stages})


def _facts(batch: Batch, source: Source) -> Batch:
    """The batch with the relations that its grain gives."""
    leads: str | None
    match source.mapping.grain:
        case Grain.LEAD:
            events, leads = read_leads(source)
        case Grain.EVENT:
            events, leads = read_events(source)
        case Grain.SNAPSHOT:
            events, leads = read_snapshot(source)
        case Grain.DAY:
            return replace(batch, numbers=read_days(source))
    return replace(batch, events=events, leads=leads)


def table_of(opened: Opened) -> Table:
    """The table of an opened file; one that is refused, with the reasons, where there is none."""
    if opened.table is not None:
        return opened.table
    asked = ", ".join(question.key for question in opened.questions if question.open)
    left_open = (about_file(Code.LEFT_OPEN, value=asked),) if asked else ()
    return Table(issues=(*opened.issues, *left_open))


def content_hash(file_hash: str, mapping: Mapping) -> str:
    """What is the same for the same bytes read by the same mapping."""
    return hashlib.sha256(f"{file_hash}\0{mapping.text}".encode()).hexdigest()


def says_nothing(batch: Batch) -> bool:
    """No fact was found in the file; its issues say why."""
    if batch.scratch is None:
        return True
    events = batch.events
    if batch.grain in (BatchGrain.LEAD, BatchGrain.SNAPSHOT):
        events = events and f"{events} where not withdrawn"
    return not any(
        any_row(batch.scratch, relation)
        for relation in (events, batch.numbers)
        if isinstance(relation, str)
    )


def _missing_columns(mapping: Mapping, header: tuple[str, ...]) -> tuple[Issue, ...]:
    return tuple(
        about_file(Code.COLUMN_MISSING, column=column, value=", ".join(header))
        for column in mapping.required
        if column not in header
    )
