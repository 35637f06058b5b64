"""Small batches, written down row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from kpi_core.storage.facts import (
    ATTRIBUTE_COLUMNS,
    COUNT_COLUMNS,
    EVENT_COLUMNS,
    MEASURE_COLUMNS,
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


Fact = Event | Attribute | Count | Measure


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
        issues=issues,
        data_through=data_through,
        demo=demo,
    )


def _frame(facts: Iterable[Fact], kind: type, columns: Mapping[str, str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"line": line, **vars(fact)}
        for line, fact in enumerate(facts, start=2)
        if isinstance(fact, kind)
    ]
    return pd.DataFrame(rows, columns=list(columns)).astype(dict(columns))
