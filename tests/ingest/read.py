"""Files read into frames by tests, with rows of leads as the events that they stand for."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import pandas as pd

from kpi_core.ingest.facts.batch import read_batch, says_nothing, table_of
from kpi_core.ingest.files.opening import open_file
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.storage.facts import (
    ATTRIBUTE_COLUMNS,
    COUNT_COLUMNS,
    EVENT_COLUMNS,
    LEAD_ROW_COLUMNS,
    MEASURE_COLUMNS,
    STAGE_BITS,
    Batch,
    Issue,
    Relation,
    Severity,
)

NOW = datetime.fromisoformat("2026-07-01 12:00")
LEADS = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "created"
"""
"""The least that a mapping of leads says."""


def mapping_of(text: str) -> Mapping:
    """A mapping that has no mistakes."""
    mapping = read_mapping(text)
    assert isinstance(mapping, Mapping), mapping
    return mapping


@dataclass(frozen=True)
class Read:
    """What a file says, every fact of a lead as an event too."""

    batch: Batch
    events: pd.DataFrame
    lead_rows: pd.DataFrame
    attributes: pd.DataFrame
    counts: pd.DataFrame
    measures: pd.DataFrame
    issues: tuple[Issue, ...]
    says_nothing: bool

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return self.batch.rows


def read_file(
    content: bytes,
    mapping: Mapping,
    *,
    name: str = "file.csv",
    secret: bytes | None = None,
    exported_at: datetime | None = None,
    now: datetime = NOW,
) -> Read:
    """What a file says; facts and issues in the order of their lines."""
    opened = open_file(content, name, mapping.file)
    with duckdb.connect() as scratch:
        batch = read_batch(
            table_of(opened), mapping, scratch,
            file_name=name, file_hash=opened.file_hash, now=now, exported_at=exported_at,
            secret=secret,
        )  # fmt: skip
        lead_rows = _frame(scratch, batch.lead_rows, LEAD_ROW_COLUMNS)
        events = _frame(scratch, batch.events, EVENT_COLUMNS)
        return Read(
            batch,
            pd.concat([events, *_events(lead_rows)], ignore_index=True),
            lead_rows,
            _frame(scratch, batch.attributes, ATTRIBUTE_COLUMNS),
            _frame(scratch, batch.counts, COUNT_COLUMNS),
            _frame(scratch, batch.measures, MEASURE_COLUMNS),
            _issues(scratch, batch.issues),
            says_nothing(batch),
        )


def _frame(
    scratch: duckdb.DuckDBPyConnection, relation: Relation, columns: dict[str, str]
) -> pd.DataFrame:
    assert relation is None or isinstance(relation, str)
    rows = "(select 0 as line where false)" if relation is None else relation
    found = scratch.execute(f"select * from {rows} order by line").df()
    return found.reindex(columns=list(columns)).astype(columns)


def _issues(
    scratch: duckdb.DuckDBPyConnection, issues: tuple[Issue, ...] | str
) -> tuple[Issue, ...]:
    """The issues one by one; what concerns the whole file comes first."""
    if not isinstance(issues, str):
        return issues
    rows = scratch.execute(
        f'select code, line, "column", value, severity from {issues} '
        'order by line nulls first, code, "column"'
    ).fetchall()
    return tuple(
        Issue(code, line, column, value, Severity(severity))
        for code, line, column, value, severity in rows
    )


def _events(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """An event for each stage that rows of leads tell, in the funnel's order."""
    parts = []
    for stage, bit in STAGE_BITS.items():
        at = rows[f"{stage}_at"]
        of_stage = rows[at.notna() | (rows["undated"] & bit > 0)]
        has = {name: of_stage[f"{name}_stages"] & bit > 0 for name in ("amount", "quality")}
        parts.append(
            of_stage.assign(
                stage=stage.value,
                activity=None,
                occurred_at=at[of_stage.index],
                amount=of_stage["amount"].where(has["amount"]),
                quality=of_stage["quality"].where(has["quality"]),
                withdrawn=False,
            )[list(EVENT_COLUMNS)].astype(EVENT_COLUMNS)
        )
    return [part for part in parts if len(part)]
