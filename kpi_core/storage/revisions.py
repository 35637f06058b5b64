"""A plan's text as it was saved, time after time. What it says is not known here."""

from dataclasses import dataclass
from datetime import date, datetime

from duckdb import DuckDBPyConnection

from kpi_core.storage.scripts import ask, run


@dataclass(frozen=True)
class Revision:
    """One saved text. `effective_from` None: from the beginning."""

    revision: int
    effective_from: date | None
    text: str
    who: str
    why: str
    at: datetime


def revisions(cursor: DuckDBPyConnection, plan_id: str) -> tuple[Revision, ...]:
    """All revisions of a plan, oldest first; empty for an unknown plan."""
    return tuple(Revision(*row) for row in ask(cursor, "questions/revisions", plan=plan_id))


def plan_ids(cursor: DuckDBPyConnection) -> tuple[str, ...]:
    """The plans, in the order in which they were first saved."""
    return tuple(plan for (plan,) in ask(cursor, "questions/plans"))


def add_revision(cursor: DuckDBPyConnection, plan_id: str, revision: Revision) -> None:
    """Write a revision down under its number."""
    run(
        cursor,
        "writes/add_revision",
        plan=plan_id,
        revision=revision.revision,
        effective_from=revision.effective_from,
        document=revision.text,
        saved_by=revision.who,
        reason=revision.why,
        saved_at=revision.at,
    )
