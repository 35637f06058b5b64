"""Mappings saved under a name, so that the next file of that shape needs no answers."""

from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection

from kpi_core.storage import audit
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.errors import StoreError
from kpi_core.storage.scripts import ask, run


@dataclass(frozen=True)
class SavedMapping:
    """A mapping's text as it was saved. `fingerprint` is that of the header it is for."""

    name: str
    text: str
    fingerprint: str
    saved_at: datetime
    saved_by: str


def save_mapping(cursor: DuckDBPyConnection, saved: SavedMapping) -> None:
    """Save a mapping in the place of the one of the same name."""
    run(
        cursor,
        "writes/save_mapping",
        name=saved.name,
        document=saved.text,
        fingerprint=saved.fingerprint,
        saved_at=saved.saved_at,
        saved_by=saved.saved_by,
    )
    deed = AuditEntry(
        saved.saved_at, saved.saved_by, AuditAction.MAPPING_SAVED, saved.name, saved.fingerprint
    )
    audit.record(cursor, deed)


def saved_mappings(cursor: DuckDBPyConnection) -> tuple[SavedMapping, ...]:
    """The saved mappings, by name."""
    return tuple(SavedMapping(*row) for row in ask(cursor, "questions/saved_mappings"))


def delete_mapping(cursor: DuckDBPyConnection, name: str, *, who: str, now: datetime) -> None:
    """Forget a mapping; StoreError where none has the name."""
    if all(saved.name != name for saved in saved_mappings(cursor)):
        raise StoreError("unknown_mapping", name=name)
    run(cursor, "writes/delete_mapping", name=name)
    audit.record(cursor, AuditEntry(now, who, AuditAction.MAPPING_DELETED, name, ""))
