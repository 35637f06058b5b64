"""What was chosen for the whole workspace, and the names that visitors gave in their browsers."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import schema
from kpi_core.records.audit import AuditAction, AuditEntry, add_entry
from kpi_core.records.changes import ChangeKind, add_change


def preference(conn: Connection, name: str) -> str | None:
    """What was chosen under a name; None where nothing was."""
    table = schema.preferences
    return conn.scalar(select(table.c.value).where(table.c.name == name))


def set_preference(conn: Connection, name: str, value: str, *, who: str, now: datetime) -> None:
    """Choose something for all."""
    table = schema.preferences
    conn.execute(delete(table).where(table.c.name == name))
    conn.execute(insert(table).values(name=name, value=value))
    add_change(conn, ChangeKind.PREFERENCE)
    add_entry(conn, AuditEntry(now, who, AuditAction.PREFERENCE, name, value))


def visitor_name(conn: Connection, browser: str) -> str | None:
    """The name given in a browser; None where none was."""
    table = schema.browsers
    return conn.scalar(select(table.c.name).where(table.c.browser == browser))


def name_visitor(conn: Connection, browser: str, name: str, now: datetime) -> None:
    """Keep the name given in a browser."""
    table = schema.browsers
    conn.execute(delete(table).where(table.c.browser == browser))
    conn.execute(insert(table).values(browser=browser, name=name, named_at=now))
