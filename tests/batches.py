"""Small batches, written down event by event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from kpi_core.domain.issue import Issue
from kpi_core.facts.batch import Batch, Grain

_NO_ATTRIBUTES: Mapping[str, Mapping[str, str]] = MappingProxyType({})
_TEXTS = dict.fromkeys(
    ("lead", "stage", "activity", "channel", "campaign", "owner", "account"), "str"
)
_COLUMNS = {
    "line": "int64",
    **_TEXTS,
    "occurred_at": "datetime64[us]",
    "withdrawn": "bool",
    "amount": "float64",
    "quality": "float64",
}


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


def batch(
    *events: Event,
    source: str = "crm",
    name: str = "file.csv",
    content_hash: str | None = None,
    mapping_name: str = "by hand",
    grain: Grain = Grain.EVENT,
    data_through: datetime | None = None,
    demo: bool = False,
    issues: tuple[Issue, ...] = (),
    attributes: Mapping[str, Mapping[str, str]] = _NO_ATTRIBUTES,
) -> Batch:
    """A batch of these events; line 2 is the first. Equal events have an equal hash.

    `attributes` are those of leads, by lead and name.
    """
    rows = [{"line": line, **vars(event)} for line, event in enumerate(events, start=2)]
    stages = {("stage", each.stage) for each in events if each.stage}
    activities = {("activity", each.activity) for each in events if each.activity}
    return Batch(
        source=source,
        file_name=name,
        content_hash=content_hash or repr((source, events)),
        mapping_name=mapping_name,
        mapping="",
        grain=grain,
        rows=len(rows),
        events=pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS) if rows else None,
        leads=_leads(attributes),
        issues=issues,
        covers=frozenset(stages | activities),
        data_through=data_through,
        demo=demo,
    )


def _leads(attributes: Mapping[str, Mapping[str, str]]) -> pd.DataFrame | None:
    if not attributes:
        return None
    names: Iterable[str] = sorted({name for each in attributes.values() for name in each})
    rows: list[dict[str, Any]] = [
        {"line": 2, "lead": lead, **{f"attr_{name}": said.get(name) for name in names}}
        for lead, said in attributes.items()
    ]
    kinds = {"line": "int64", "lead": "str"} | {f"attr_{name}": "str" for name in names}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
