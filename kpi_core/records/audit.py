"""Who did what, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from kpi_core.records import schema


class AuditAction(StrEnum):
    """What was done."""

    IMPORT = "import"
    UNDO = "undo"
    DATA_THROUGH = "data_through"
    SOURCE_ENDED = "source_ended"
    SOURCE_RESUMED = "source_resumed"
    REVISION = "revision"
    PLANS_ARRANGED = "plans_arranged"
    PLAN_ARCHIVED = "plan_archived"
    PLAN_DELETED = "plan_deleted"
    PLAN_RESTORED = "plan_restored"
    PROPOSED = "proposed"
    AGREED = "agreed"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PREFERENCE = "preference"
    DISPLAY = "display"
    DISPLAY_OFF = "display_off"
    MAPPING_SAVED = "mapping_saved"
    MAPPING_DELETED = "mapping_deleted"
    TOKEN_MADE = "token_made"  # noqa: S105
    ERASED = "erased"
    PASSWORD_SET = "password_set"  # noqa: S105
    PASSWORD_REMOVED = "password_removed"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105


@dataclass(frozen=True)
class AuditEntry:
    """One action. `subject` is an import's or a token's number, or a plan's, a mapping's or a
    source's name, or that of a preference.

    Of an erased lead it is a mark made of the id, and `detail` names the sources.
    `detail` is the file's name, the moment set as data through, the reason of a revision, the
    fingerprint of a mapping or the name of a token.
    """

    at: datetime
    who: str
    action: AuditAction
    subject: str
    detail: str


def add_entry(conn: Connection, entry: AuditEntry) -> None:
    """Note an action in the transaction that does it."""
    conn.execute(
        insert(schema.audit).values(
            done_at=entry.at,
            done_by=entry.who,
            action=entry.action.value,
            subject=entry.subject,
            detail=entry.detail,
        )
    )


def entries(conn: Connection, limit: int) -> tuple[AuditEntry, ...]:
    """The newest actions, newest first."""
    query = select(schema.audit).order_by(schema.audit.c.entry.desc()).limit(limit)
    return tuple(
        AuditEntry(row.done_at, row.done_by, AuditAction(row.action), row.subject, row.detail)
        for row in conn.execute(query).all()
    )
