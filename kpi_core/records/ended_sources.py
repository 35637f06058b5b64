"""Sources that have ended: no number waits for them any more."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import schema
from kpi_core.records.audit import AuditAction, AuditEntry, add_entry
from kpi_core.records.changes import ChangeKind, add_change


def ended_sources(conn: Connection) -> frozenset[str]:
    """The sources that have ended."""
    return frozenset(conn.scalars(select(schema.ended_sources.c.source)))


def end_source(conn: Connection, source: str, who: str, now: datetime) -> None:
    """Have a source end; one that has ended stays so."""
    if source in ended_sources(conn):
        return
    conn.execute(insert(schema.ended_sources).values(source=source, ended_at=now, ended_by=who))
    _note(conn, AuditAction.SOURCE_ENDED, source, who, now)


def resume_source(conn: Connection, source: str, who: str, now: datetime) -> None:
    """Have a source go on; nothing where it has not ended."""
    table = schema.ended_sources
    if conn.execute(delete(table).where(table.c.source == source)).rowcount:
        _note(conn, AuditAction.SOURCE_RESUMED, source, who, now)


def _note(conn: Connection, action: AuditAction, source: str, who: str, now: datetime) -> None:
    add_change(conn, ChangeKind.SOURCE)
    add_entry(conn, AuditEntry(now, who, action, source, ""))
