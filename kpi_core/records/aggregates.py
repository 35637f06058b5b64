"""The aggregates that the facts maintain, as documents under their keys."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import schema
from kpi_core.records.changes import ChangeKind, add_change


def aggregates(conn: Connection) -> tuple[tuple[str, str], ...]:
    """Key and JSON document of the aggregates to maintain, oldest first."""
    table = schema.aggregates
    query = select(table.c.key, table.c.document).order_by(table.c.entry)
    return tuple((row.key, row.document) for row in conn.execute(query))


def add_aggregates(conn: Connection, pairs: Iterable[tuple[str, str]]) -> None:
    """Add those whose key is new; the process that maintains the cache is notified."""
    known = dict(aggregates(conn))
    new = {key: document for key, document in pairs if key not in known}
    if new:
        rows = [{"key": key, "document": document} for key, document in new.items()]
        conn.execute(insert(schema.aggregates), rows)
        add_change(conn, ChangeKind.AGGREGATES)


def keep_aggregates(conn: Connection, keys: Collection[str]) -> None:
    """Remove all but these; the process that maintains the cache is notified."""
    gone = [key for key, _ in aggregates(conn) if key not in keys]
    for key in gone:
        conn.execute(delete(schema.aggregates).where(schema.aggregates.c.key == key))
    if gone:
        add_change(conn, ChangeKind.AGGREGATES)
