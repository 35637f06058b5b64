"""The workspace's zone: that of the first plan, in which times without a zone are read."""

from sqlalchemy import Connection, delete, insert, select, update

from kpi_core.domain.calendar import moved
from kpi_core.records import schema

DEFAULT_ZONE = "Asia/Tokyo"
"""Before the first plan."""
DEMO = "demo"
"""Who saves the plan of the demo."""
_MOMENTS = ("data_through", "ranks_at", "imported_at", "undone_at", "first_event")


def zone(conn: Connection) -> str:
    """The workspace's zone."""
    return str(conn.scalar(select(schema.workspace.c.zone)) or DEFAULT_ZONE)


def follow(conn: Connection, plan_id: str, named: str) -> None:
    """Have the workspace's zone be that of a plan, where it is the first one of its own.

    That of the demo counts while there is no other. The ledger's moments stay the same moments.
    """
    before = zone(conn)
    if plan_id != _first_plan(conn):
        return
    conn.execute(delete(schema.workspace))
    conn.execute(insert(schema.workspace).values(id=1, zone=named))
    if named != before:
        _move_ledger(conn, before, named)


def _first_plan(conn: Connection) -> str | None:
    table = schema.revisions
    query = select(table.c.plan_id).order_by(table.c.saved_by == DEMO, table.c.entry).limit(1)
    return conn.scalar(query)


def _move_ledger(conn: Connection, before: str, now: str) -> None:
    table = schema.imports
    columns = [table.c[each] for each in _MOMENTS]
    for import_id, *moments in conn.execute(select(table.c.import_id, *columns)).all():
        values = {
            column: each and moved(each, before, now)
            for column, each in zip(_MOMENTS, moments, strict=True)
        }
        conn.execute(update(table).where(table.c.import_id == import_id).values(**values))
