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
    DISPLAY = "display"
    DISPLAY_OFF = "display_off"
    MAPPING_SAVED = "mapping_saved"
    MAPPING_DELETED = "mapping_deleted"
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105


@dataclass(frozen=True)
class AuditEntry:
    """One deed. `subject` is an import's or a token's number, or a plan's or a mapping's name.

    `detail` is the file's name, the moment set as data through, the reason of a revision, the
    fingerprint of a mapping or the name of a token.
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
