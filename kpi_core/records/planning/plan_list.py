"""The plans as a list: their order, and which were put into the archive or deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from kpi_core.records import schema
from kpi_core.records.audit import AuditAction, AuditEntry, add_entry
from kpi_core.records.changes import ChangeKind, add_change


@dataclass(frozen=True)
class PlanEntry:
    """A plan in the list. An archived one is shown on no board, a deleted one can come back."""

    plan_id: str
    archived_at: datetime | None
    deleted_at: datetime | None

    @property
    def is_in_use(self) -> bool:
        """Neither archived nor deleted."""
        return self.archived_at is None and self.deleted_at is None


def entries(conn: Connection) -> tuple[PlanEntry, ...]:
    """Every plan there ever was, in the order of the list."""
    table, listed = schema.revisions, schema.plan_list
    query = (
        select(table.c.plan_id, listed.c.archived_at, listed.c.deleted_at)
        .join(listed, listed.c.plan_id == table.c.plan_id, isouter=True)
        .group_by(table.c.plan_id, listed.c.position, listed.c.archived_at, listed.c.deleted_at)
        .order_by(listed.c.position.is_(None), listed.c.position, func.min(table.c.entry))
    )
    return tuple(PlanEntry(*row) for row in conn.execute(query))


def arrange(conn: Connection, plan_ids: Sequence[str], *, who: str, now: datetime) -> None:
    """Put these plans in this order; the first is the one that is shown unasked."""
    for position, plan_id in enumerate(plan_ids):
        _set(conn, plan_id, position=position)
    _note(conn, AuditAction.PLANS_ARRANGED, ", ".join(plan_ids), who, now)


def archive(conn: Connection, plan_id: str, *, who: str, now: datetime) -> None:
    """Put a plan into the archive: its revisions stay, no board shows it."""
    _set(conn, plan_id, archived_at=now)
    _note(conn, AuditAction.PLAN_ARCHIVED, plan_id, who, now)


def remove(conn: Connection, plan_id: str, *, who: str, now: datetime) -> None:
    """Delete a plan from the list. Its revisions stay, so that it can be restored."""
    _set(conn, plan_id, deleted_at=now)
    _note(conn, AuditAction.PLAN_DELETED, plan_id, who, now)


def restore(conn: Connection, plan_id: str, *, who: str, now: datetime) -> None:
    """Use a plan again that was archived or deleted; nothing where it is in use."""
    table = schema.plan_list
    query = (
        update(table)
        .where(
            table.c.plan_id == plan_id,
            table.c.archived_at.is_not(None) | table.c.deleted_at.is_not(None),
        )
        .values(archived_at=None, deleted_at=None)
    )
    if conn.execute(query).rowcount:
        _note(conn, AuditAction.PLAN_RESTORED, plan_id, who, now)


def _set(conn: Connection, plan_id: str, **values: object) -> None:
    table = schema.plan_list
    known = conn.execute(select(table).where(table.c.plan_id == plan_id)).one_or_none()
    row = {} if known is None else dict(known._mapping)
    conn.execute(delete(table).where(table.c.plan_id == plan_id))
    conn.execute(insert(table).values(**(row | {"plan_id": plan_id} | values)))


def _note(conn: Connection, action: AuditAction, subject: str, who: str, now: datetime) -> None:
    add_change(conn, ChangeKind.PLAN_LIST)
    add_entry(conn, AuditEntry(now, who, action, subject, ""))
