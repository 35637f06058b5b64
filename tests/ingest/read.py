"""Files read into frames by tests, with rows of leads as the events that they stand for."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from kpi_core.ingest.facts.frames import read_small
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.storage.facts import EVENT_COLUMNS, STAGE_BITS, Batch, Issue

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
) -> Read:
    """What a file says."""
    batch = read_small(content, name, mapping, now=NOW, secret=secret, exported_at=exported_at)
    assert not isinstance(batch.issues, str)
    lead_rows = _frame(batch.lead_rows)
    return Read(
        batch,
        pd.concat([_frame(batch.events), *_events(lead_rows)], ignore_index=True),
        lead_rows,
        _frame(batch.attributes),
        _frame(batch.counts),
        _frame(batch.measures),
        batch.issues,
    )


def _frame(facts: pd.DataFrame | str) -> pd.DataFrame:
    assert not isinstance(facts, str)
    return facts


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
