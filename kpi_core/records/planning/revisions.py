"""A plan's text as it was saved, time after time. Its meaning is the plans' own."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.changes import ChangeKind, add_change
from kpi_core.records.errors import StoreError
from kpi_core.records.planning import plan_list


@dataclass(frozen=True)
class Revision:
    """One saved text. `effective_from` None: from the beginning."""

    revision: int
    effective_from: date | None
    text: str
    who: str
    why: str
    at: datetime


def save_revision(
    conn: Connection,
    plan_id: str,
    text: str,
    *,
    effective_from: date | None,
    who: str,
    why: str,
    now: datetime,
    expected: int | None = None,
) -> int:
    """Save a plan's text. Returns the revision's number.

    The newest revision, saved again with the same text for the same month on, changes
    nothing and keeps its number. StoreError where `expected` is given and is not the number of
    the newest, 0 for none: another user has saved one meanwhile.
    """
    saved = revisions(conn, plan_id)
    newest = saved[-1].revision if saved else 0
    if expected is not None and newest != expected:
        raise StoreError("plan_saved_meanwhile", revision=newest)
    if saved and (saved[-1].text, saved[-1].effective_from) == (text, effective_from):
        return saved[-1].revision
    plan_list.restore(conn, plan_id, who=who, now=now)
    number = len(saved) + 1
    conn.execute(
        insert(schema.revisions).values(
            plan_id=plan_id,
            revision=number,
            effective_from=effective_from,
            document=text,
            saved_by=who,
            reason=why,
            saved_at=now,
        )
    )
    add_change(conn, ChangeKind.REVISION)
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.REVISION, plan_id, why))
    return number


def revisions(conn: Connection, plan_id: str) -> tuple[Revision, ...]:
    """All revisions of a plan, oldest first; empty for an unknown plan."""
    table = schema.revisions
    query = (
        select(
            table.c.revision,
            table.c.effective_from,
            table.c.document,
            table.c.saved_by,
            table.c.reason,
            table.c.saved_at,
        )
        .where(table.c.plan_id == plan_id)
        .order_by(table.c.revision)
    )
    return tuple(Revision(*row) for row in conn.execute(query))


def plan_ids(conn: Connection) -> tuple[str, ...]:
    """The plans in use, as they were arranged; the others in the order of their first revisions.

    Archived and deleted ones are left out.
    """
    table, listed = schema.revisions, schema.plan_list
    query = (
        select(table.c.plan_id)
        .join(listed, listed.c.plan_id == table.c.plan_id, isouter=True)
        .where(listed.c.archived_at.is_(None), listed.c.deleted_at.is_(None))
        .group_by(table.c.plan_id, listed.c.position)
        .order_by(listed.c.position.is_(None), listed.c.position, func.min(table.c.entry))
    )
    return tuple(conn.scalars(query))
