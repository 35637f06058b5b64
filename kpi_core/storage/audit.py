"""Who did what to the store, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from duckdb import DuckDBPyConnection

from kpi_core.storage.scripts import ask, run


class AuditAction(StrEnum):
    """What was done."""

    IMPORT = "import"
    UNDO = "undo"
    DATA_THROUGH = "data_through"
    REVISION = "revision"


@dataclass(frozen=True)
class AuditEntry:
    """One deed. `subject` is an import's number or a plan's name.

    `detail` is the file's name, the moment set as data through, or the reason of a revision.
    """

    at: datetime
    who: str
    action: AuditAction
    subject: str
    detail: str


def record(cursor: DuckDBPyConnection, entry: AuditEntry) -> None:
    """Write a deed down, in the transaction that does it."""
    run(
        cursor,
        "writes/add_audit",
        done_at=entry.at,
        done_by=entry.who,
        action=entry.action.value,
        subject=entry.subject,
        detail=entry.detail,
    )


def entries(cursor: DuckDBPyConnection, limit: int) -> tuple[AuditEntry, ...]:
    """The newest deeds, newest first."""
    return tuple(
        AuditEntry(at, who, AuditAction(action), subject, detail)
        for at, who, action, subject, detail in ask(cursor, "questions/audit", limit=limit)
    )
