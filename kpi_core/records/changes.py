"""The changes of the records that screens must see, in the order in which they were committed."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from kpi_core.records import schema


class ChangeKind(StrEnum):
    """What has changed."""

    IMPORT = "import"
    UNDO = "undo"
    DATA_THROUGH = "data_through"
    ERASE = "erase"
    REVISION = "revision"
    PLAN_LIST = "plan_list"
    PROPOSAL = "proposal"
    PREFERENCE = "preference"
    DISPLAY_OFF = "display_off"
    AGGREGATES = "aggregates"
    SOURCE = "source"
    PASSWORD = "password"  # noqa: S105


@dataclass(frozen=True)
class Change:
    """One change. `import_id` is None where it is not about an import."""

    id: int
    kind: ChangeKind
    import_id: int | None


def add_change(conn: Connection, kind: ChangeKind, import_id: int | None = None) -> int:
    """Note a change in the transaction that makes it. Returns the data version it leads to."""
    row = insert(schema.changes).values(kind=kind.value, import_id=import_id)
    return int(conn.execute(row.returning(schema.changes.c.id)).scalar_one())


def changes_since(conn: Connection, version: int) -> list[Change]:
    """The changes after a data version, oldest first."""
    table = schema.changes
    query = (
        select(table.c.id, table.c.kind, table.c.import_id)
        .where(table.c.id > version)
        .order_by(table.c.id)
    )
    return [
        Change(row.id, ChangeKind(row.kind), row.import_id) for row in conn.execute(query).all()
    ]


def data_version(conn: Connection) -> int:
    """The number of the newest change; 0 before the first."""
    return int(conn.scalar(select(func.coalesce(func.max(schema.changes.c.id), 0))) or 0)
