"""Taking an import back: what stood before it stands again."""

from datetime import datetime

from duckdb import DuckDBPyConnection

from kpi_core.storage import audit, ledger, rollup
from kpi_core.storage.audit import AuditAction, AuditEntry
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import ImportRecord
from kpi_core.storage.scripts import run


def withdraw(
    cursor: DuckDBPyConnection, import_id: int, *, who: str, now: datetime
) -> ImportRecord:
    """Undo an import; StoreError for one that is unknown or undone already."""
    record = ledger.find(cursor, import_id)
    if not record.stands:
        raise StoreError("already_undone", import_id=import_id)
    run(cursor, "writes/mark_undone", import_id=import_id, who=who, now=now)
    run(cursor, "writes/write_out_echoes", import_id=import_id)
    run(cursor, "writes/keep_without", import_id=import_id)
    run(cursor, "writes/inherit_channels")
    rollup.refresh(cursor)
    audit.record(cursor, AuditEntry(now, who, AuditAction.UNDO, str(import_id), record.file_name))
    return ledger.find(cursor, import_id)
