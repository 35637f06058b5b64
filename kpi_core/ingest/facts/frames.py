"""A batch with its relations as frames: for small tables that outlive their scratch connection."""

from dataclasses import replace
from datetime import datetime

import duckdb
import pandas as pd

from kpi_core.ingest.facts.batch import read_batch, table_of
from kpi_core.ingest.files.opening import open_file
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.storage.facts import (
    ATTRIBUTE_COLUMNS,
    COUNT_COLUMNS,
    EVENT_COLUMNS,
    ISSUE_COLUMNS,
    LEAD_ROW_COLUMNS,
    MEASURE_COLUMNS,
    Batch,
    Issue,
    Severity,
)

_KINDS = {
    "lead_rows": LEAD_ROW_COLUMNS,
    "events": EVENT_COLUMNS,
    "attributes": ATTRIBUTE_COLUMNS,
    "counts": COUNT_COLUMNS,
    "measures": MEASURE_COLUMNS,
}


def read_small(
    content: bytes,
    name: str,
    mapping: Mapping,
    *,
    now: datetime,
    exported_at: datetime | None = None,
    secret: bytes | None = None,
    demo: bool = False,
) -> Batch:
    """What a small file says, in frames."""
    opened = open_file(content, name, mapping.file)
    with duckdb.connect() as scratch:
        batch = read_batch(
            table_of(opened), mapping, scratch,
            file_name=name, file_hash=opened.file_hash, now=now, exported_at=exported_at,
            secret=secret, demo=demo,
        )  # fmt: skip
        return in_frames(batch)


def in_frames(batch: Batch) -> Batch:
    """The same batch without a scratch connection; facts and issues in the order of their lines."""
    if batch.scratch is None:
        return batch
    frames = {
        name: _frame(batch.scratch, relation, columns)
        for name, columns in _KINDS.items()
        if isinstance(relation := getattr(batch, name), str)
    }
    return replace(batch, **frames, issues=listed_issues(batch), scratch=None)


def listed_issues(batch: Batch) -> tuple[Issue, ...]:
    """The issues one by one; what concerns the whole file comes first."""
    if not isinstance(batch.issues, str):
        return batch.issues
    assert batch.scratch is not None
    rows = batch.scratch.execute(
        f"select {', '.join(_quoted(ISSUE_COLUMNS))} from {batch.issues} "
        'order by line nulls first, code, "column"'
    ).fetchall()
    return tuple(
        Issue(code, line, column, value, Severity(severity))
        for code, line, column, value, severity in rows
    )


def _frame(
    scratch: duckdb.DuckDBPyConnection, relation: str, columns: dict[str, str]
) -> pd.DataFrame:
    found = scratch.execute(f"select * from {relation} order by line").df()
    return found.reindex(columns=list(columns)).astype(columns)


def _quoted(names: dict[str, str]) -> list[str]:
    return [f'"{name}"' for name in names]
