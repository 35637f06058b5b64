"""Small batches, written down row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.storage.facts import (
    ATTRIBUTE_COLUMNS,
    COUNT_COLUMNS,
    EVENT_COLUMNS,
    LEAD_ROW_COLUMNS,
    MEASURE_COLUMNS,
    STAGE_BITS,
    Batch,
    Issue,
)


def at(text: str) -> datetime:
    """A wall-clock moment such as `2026-07-01 09:00`."""
    return datetime.fromisoformat(text)


NOW = at("2026-07-01 09:00")


@dataclass(frozen=True)
class Event:
    """One row of a file of events."""

    lead: str
    stage: str | None = None
    occurred_at: datetime | None = None
    channel: str | None = None
    campaign: str | None = None
    owner: str | None = None
    account: str | None = None
    amount: float | None = None
    quality: float | None = None
    activity: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class LeadRow:
    """One row of a file of leads: the moments of its stages, None where nobody knows when."""

    lead: str
    reached: tuple[tuple[str, datetime | None], ...]
    channel: str | None = None
    campaign: str | None = None
    owner: str | None = None
    account: str | None = None
    amount: float | None = None
    amount_of: str | None = None
    quality: float | None = None
    quality_of: str | None = None

    def events(self) -> list[Event]:
        """What the row says, event by event."""
        return [
            Event(
                self.lead,
                stage,
                moment,
                self.channel,
                self.campaign,
                self.owner,
                self.account,
                self.amount if stage == self.amount_of else None,
                self.quality if stage == self.quality_of else None,
            )
            for stage, moment in self.reached
        ]

    def columns(self) -> dict[str, Any]:
        """The cells of the row by `LEAD_ROW_COLUMNS`."""
        bits = {stage.value: bit for stage, bit in STAGE_BITS.items()}
        return {
            **{name: cell for name, cell in vars(self).items() if name in LEAD_ROW_COLUMNS},
            **{f"{stage}_at": moment for stage, moment in self.reached},
            "undated": sum(bits[stage] for stage, moment in self.reached if moment is None),
            "amount_stages": bits.get(self.amount_of or "", 0),
            "quality_stages": bits.get(self.quality_of or "", 0),
        }


@dataclass(frozen=True)
class Attribute:
    """One attribute of a lead."""

    lead: str
    name: str
    value: str


@dataclass(frozen=True)
class Count:
    """Leads counted elsewhere."""

    stage: str
    day: date
    count: float
    channel: str | None = None


@dataclass(frozen=True)
class Measure:
    """One number of a day."""

    measure: str
    day: date
    value: float
    channel: str | None = None


Fact = Event | LeadRow | Attribute | Count | Measure


def batch(
    *facts: Fact,
    source: str = "crm",
    name: str = "file.csv",
    content_hash: str | None = None,
    data_through: datetime | None = None,
    demo: bool = False,
    issues: tuple[Issue, ...] = (),
) -> Batch:
    """A batch of these facts; line 2 is the first. Equal facts have an equal hash."""
    return Batch(
        source=source,
        file_name=name,
        content_hash=content_hash or repr((source, facts)),
        mapping_name="by hand",
        mapping="",
        rows=len(facts),
        events=_frame(facts, Event, EVENT_COLUMNS),
        attributes=_frame(facts, Attribute, ATTRIBUTE_COLUMNS),
        counts=_frame(facts, Count, COUNT_COLUMNS),
        measures=_frame(facts, Measure, MEASURE_COLUMNS),
        lead_rows=_frame(facts, LeadRow, LEAD_ROW_COLUMNS),
        issues=issues,
        data_through=data_through,
        demo=demo,
    )


def staged(said: Batch, scratch: DuckDBPyConnection) -> Batch:
    """The same batch, its facts and issues in temporary tables of a scratch cursor."""
    names: dict[str, Any] = {}
    for kind in ("events", "lead_rows", "attributes", "counts", "measures"):
        frame = getattr(said, kind)
        if frame is None:
            continue
        scratch.register("frame", frame)
        scratch.execute(f"create or replace temp table said_{kind} as from frame")
        scratch.unregister("frame")
        names[kind] = f"said_{kind}"
    scratch.execute(
        "create or replace temp table said_issues"
        ' (code varchar, line bigint, "column" varchar, "value" varchar, severity varchar)'
    )
    for issue in said.issues:
        assert not isinstance(issue, str)
        scratch.execute(
            "insert into said_issues values (?, ?, ?, ?, ?)",
            [issue.code, issue.line, issue.column, issue.value, issue.severity.value],
        )
    return replace(said, **names, issues="said_issues", scratch=scratch)


def _frame(facts: Iterable[Fact], kind: type, columns: Mapping[str, str]) -> pd.DataFrame | None:
    rows: list[dict[str, Any]] = [
        {"line": line, **(fact.columns() if isinstance(fact, LeadRow) else vars(fact))}
        for line, fact in enumerate(facts, start=2)
        if isinstance(fact, kind)
    ]
    return pd.DataFrame(rows, columns=list(columns)).astype(dict(columns)) if rows else None
