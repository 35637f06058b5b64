"""The ledger of imports: a line each, with what was wrong in them."""

from datetime import date, datetime
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import (
    Batch,
    ImportRecord,
    Issue,
    MonthChange,
    Receipt,
    Severity,
)
from kpi_core.storage.scripts import Row, ask, ask_one, run

ISSUES_SHOWN = 1000
"""A receipt carries no more issues than this; it counts them all, and the ledger keeps them."""


class Novelty(NamedTuple):
    """What an import says against what stood before."""

    new: int
    changed: int
    unchanged: int
    attributes: int
    undated: int
    new_leads: int
    lost_leads: int
    newest: date | None

    @property
    def says_nothing(self) -> bool:
        """No fact and no attribute differs from what stands."""
        return not (self.new or self.changed or self.attributes)


def next_import_id(cursor: DuckDBPyConnection) -> int:
    """Imports are numbered from 1 on; a number is never used again."""
    return int(ask_one(cursor, "questions/next_import")[0])


def standing_repeat(cursor: DuckDBPyConnection, batch: Batch) -> tuple[int, datetime | None] | None:
    """The newest standing import of the same bytes and mapping, with its data through."""
    rows = ask(cursor, "questions/repeat", source=batch.source, content_hash=batch.content_hash)
    return (rows[0][0], rows[0][1]) if rows else None


def standing_demos(cursor: DuckDBPyConnection) -> list[int]:
    """The demo imports that are not undone, newest first."""
    return [import_id for (import_id,) in ask(cursor, "questions/standing_demos")]


def add_import(
    cursor: DuckDBPyConnection,
    import_id: int,
    batch: Batch,
    novelty: Novelty,
    *,
    data_through: datetime | None,
    who: str,
    now: datetime,
) -> None:
    """Write the import's line; its issues are there already and are counted."""
    run(
        cursor,
        "writes/add_import",
        import_id=import_id,
        source=batch.source,
        file_name=batch.file_name,
        content_hash=batch.content_hash,
        mapping_name=batch.mapping_name,
        mapping=batch.mapping,
        row_total=batch.rows,
        new_facts=novelty.new,
        changed_facts=novelty.changed,
        unchanged_facts=novelty.unchanged,
        new_leads=novelty.new_leads,
        undated=novelty.undated,
        data_through=data_through,
        demo=batch.demo,
        imported_at=now,
        imported_by=who,
        file_hash=batch.file_hash,
    )


def records(cursor: DuckDBPyConnection) -> tuple[ImportRecord, ...]:
    """The whole ledger, newest first."""
    return tuple(ImportRecord(*row) for row in ask(cursor, "questions/imports"))


def find(cursor: DuckDBPyConnection, import_id: int) -> ImportRecord:
    """One line of the ledger; StoreError where there is none."""
    for record in records(cursor):
        if record.import_id == import_id:
            return record
    raise StoreError("unknown_import", import_id=import_id)


def issues(cursor: DuckDBPyConnection, import_id: int, limit: int) -> tuple[Issue, ...]:
    """What was wrong in an import, by line; what concerns the whole file comes first."""
    rows = ask(cursor, "questions/issues", import_id=import_id, limit=limit)
    return tuple(_issue(row) for row in rows)


def receipt(cursor: DuckDBPyConnection, import_id: int) -> Receipt:
    """What an import did; StoreError for an unknown one."""
    rows = ask(cursor, "questions/receipt", import_id=import_id)
    if not rows:
        raise StoreError("unknown_import", import_id=import_id)
    *numbers, file_hash = rows[0]
    shown = issues(cursor, import_id, ISSUES_SHOWN)
    return Receipt(*(*numbers, shown, None, file_hash, months(cursor, import_id)))


def months(cursor: DuckDBPyConnection, import_id: int) -> tuple[MonthChange, ...]:
    """What stood per month before and after an import, of all it says or changes."""
    return tuple(MonthChange(*row) for row in ask(cursor, "questions/months", import_id=import_id))


def mapping_of(cursor: DuckDBPyConnection, import_id: int) -> str:
    """The text of the mapping by which an import was read; StoreError for an unknown one."""
    rows = ask(cursor, "questions/mapping_of", import_id=import_id)
    if not rows:
        raise StoreError("unknown_import", import_id=import_id)
    return str(rows[0][0])


def _issue(row: Row) -> Issue:
    code, line, column, value, severity = row
    return Issue(code, line, column, value, Severity(severity))
