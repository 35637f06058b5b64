"""The facts of small imports, which live beside their ledger row until they fill a file."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select

from kpi_core.records import schema
from kpi_core.records.chunks import chunks

Columns: TypeAlias = Mapping[str, list[Any]]
"""Lists of equal length by column: texts, numbers, booleans, moments, days and None."""


@dataclass(frozen=True)
class SmallFacts:
    """The facts of one kind of one import. Moments and days are ISO text by now."""

    import_id: int
    kind: str
    columns: dict[str, list[Any]]


def add_small(conn: Connection, import_id: int, kind: str, columns: Columns) -> None:
    """Keep an import's facts of one kind; ValueError for NaN, which JSON does not know."""
    document = json.dumps(dict(columns), allow_nan=False, default=_iso)
    row = insert(schema.small_facts).values(import_id=import_id, kind=kind, columns=document)
    conn.execute(row)


def small(conn: Connection, import_ids: Collection[int] | None = None) -> tuple[SmallFacts, ...]:
    """The small facts of the imports, or all of them, by import and kind."""
    table = schema.small_facts
    query = select(table).order_by(table.c.import_id, table.c.kind)
    parts = (
        [query]
        if import_ids is None
        else [query.where(table.c.import_id.in_(some)) for some in chunks(sorted(import_ids))]
    )
    return tuple(
        SmallFacts(row.import_id, row.kind, json.loads(row.columns))
        for part in parts
        for row in conn.execute(part)
    )


def count(conn: Connection) -> int:
    """How many imports and kinds there are small facts of."""
    return int(conn.scalar(select(func.count()).select_from(schema.small_facts)) or 0)


def remove_small(conn: Connection, import_ids: Collection[int]) -> None:
    """Remove the small facts of the imports, as after they went into a file."""
    table = schema.small_facts
    for some in chunks(import_ids):
        conn.execute(delete(table).where(table.c.import_id.in_(some)))


def _iso(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(f"Not a fact: {value!r}")
