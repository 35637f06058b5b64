"""Mappings saved under a name, so that the next file of that shape needs no answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.errors import StoreError


@dataclass(frozen=True)
class SavedMapping:
    """A mapping's text as it was saved. `fingerprint` is that of the header it is for."""

    name: str
    text: str
    fingerprint: str
    saved_at: datetime
    saved_by: str


def save_mapping(conn: Connection, saved: SavedMapping) -> None:
    """Save a mapping in the place of the one of the same name."""
    table = schema.saved_mappings
    conn.execute(delete(table).where(table.c.name == saved.name))
    conn.execute(
        insert(table).values(
            name=saved.name,
            document=saved.text,
            fingerprint=saved.fingerprint,
            saved_at=saved.saved_at,
            saved_by=saved.saved_by,
        )
    )
    audit.add_entry(
        conn,
        AuditEntry(
            saved.saved_at,
            saved.saved_by,
            AuditAction.MAPPING_SAVED,
            saved.name,
            saved.fingerprint,
        ),
    )


def saved_mappings(conn: Connection) -> tuple[SavedMapping, ...]:
    """The saved mappings, by name."""
    rows = conn.execute(select(schema.saved_mappings))
    return tuple(sorted((SavedMapping(*row) for row in rows), key=lambda saved: saved.name))


def delete_mapping(conn: Connection, name: str, *, who: str, now: datetime) -> None:
    """Delete a saved mapping; StoreError where none has the name."""
    table = schema.saved_mappings
    if not conn.execute(delete(table).where(table.c.name == name)).rowcount:
        raise StoreError("unknown_mapping", name=name)
    audit.add_entry(conn, AuditEntry(now, who, AuditAction.MAPPING_DELETED, name, ""))
