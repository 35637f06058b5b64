"""The public shape of what the API answers about plans."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from kpi_core.web.api.models import Document, LocalTime, Text


class PlanState(StrEnum):
    """Whether a plan is shown."""

    IN_USE = "in_use"
    ARCHIVED = "archived"
    DELETED = "deleted"


class PlanEntry(Document):
    """A plan and its newest revision. `kpi` is null where this version cannot read it."""

    id: str
    name: Text
    kpi: Text | None
    revision: int
    saved_at: LocalTime
    saved_by: str
    state: PlanState


class Plans(Document):
    plans: list[PlanEntry]


class SavedPlan(Document):
    """The newest revision after the request. `effective_from` null: from the beginning."""

    id: str
    revision: int
    effective_from: date | None
    is_new: bool
