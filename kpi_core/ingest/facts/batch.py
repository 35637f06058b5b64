"""One file as a batch of facts, by a mapping."""

import hashlib
from dataclasses import replace
from datetime import datetime

from kpi_core.ingest.facts.days import read_days
from kpi_core.ingest.facts.events import read_events
from kpi_core.ingest.facts.leads import read_leads
from kpi_core.ingest.facts.rows import Rows
from kpi_core.ingest.files.table import read_table
from kpi_core.ingest.finding import Code, about_file
from kpi_core.ingest.meaning.mapping import Grain, Mapping
from kpi_core.storage.facts import Batch, Issue

FILE_HASH_LENGTH = 12


def read_batch(
    content: bytes,
    file_name: str,
    mapping: Mapping,
    *,
    now: datetime,
    exported_at: datetime | None = None,
    secret: bytes | None = None,
    demo: bool = False,
) -> Batch:
    """What a file says. One that cannot be read gives no fact, and the reason as an issue.

    `now` and `exported_at` are wall clocks; up to the second the file is known to tell
    everything. Mail addresses that stand for leads are hashed with the key `secret`; without
    it their rows are rejected.
    """
    table = read_table(content)
    batch = Batch(
        source=mapping.source,
        file_name=file_name,
        content_hash=hashlib.sha256(content + b"\0" + mapping.text.encode()).hexdigest(),
        mapping_name=mapping.name,
        mapping=mapping.text,
        rows=table.rows,
        issues=table.issues,
        data_through=exported_at,
        demo=demo,
    )
    if table.refused or not table.rows:
        return batch
    if missing := _missing_columns(mapping, table.header):
        return replace(batch, issues=missing)
    file_hash = hashlib.sha256(content).hexdigest()[:FILE_HASH_LENGTH]
    rows = Rows(table, mapping, file_hash, now, secret, list(table.issues))
    if mapping.grain is Grain.DAY:
        counts, measures = read_days(rows)
        batch = replace(batch, counts=counts, measures=measures)
    else:
        read = read_leads if mapping.grain is Grain.LEAD else read_events
        events, attributes = read(rows)
        batch = replace(batch, events=events, attributes=attributes)
    issues = sorted(rows.issues, key=lambda issue: issue.line or 0)
    return replace(batch, issues=tuple(issues))


def says_nothing(batch: Batch) -> bool:
    """No fact was found in the file; its issues say why."""
    return not (len(batch.events) or len(batch.counts) or len(batch.measures))


def _missing_columns(mapping: Mapping, header: tuple[str, ...]) -> tuple[Issue, ...]:
    return tuple(
        about_file(Code.COLUMN_MISSING, column=column, value=", ".join(header))
        for column in mapping.required
        if column not in header
    )
