"""The ledger of imports: a row each, with its issues and its receipt. The row is the commit."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from kpi_core.domain.issue import Issue
from kpi_core.records import audit, schema
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.changes import ChangeKind, add_change
from kpi_core.records.chunks import chunks
from kpi_core.records.ended_sources import resume_source
from kpi_core.records.errors import StoreError
from kpi_core.records.fact_files import FactFile, add_files
from kpi_core.records.import_receipts import add_issues, stored_row
from kpi_core.records.small_facts import Columns, add_small

_BY_IMPORT = "import "


@dataclass(frozen=True)
class NewImport:
    """An import to be committed, under the number that `reserve_id` gave.

    `covers` names every stage, activity and measure the file has a column for. `ranks_at` is
    where it stands in the order of its source, if not at its data through. `repeats` is the
    current import of the same bytes. The one that it `replaces` is undone with it, and comes back
    when this one is undone. `adds`: its numbers come on top of those that are broken down
    by other columns. `small` has columns by kind, for what goes into no file.
    """

    import_id: int
    source: str
    thing: str
    file_name: str
    file_hash: str
    content_hash: str
    mapping_name: str
    mapping: str
    grain: str
    rows: int
    imported_at: datetime
    imported_by: str
    data_through: datetime | None = None
    ranks_at: datetime | None = None
    repeats: int | None = None
    replaces: int | None = None
    demo: bool = False
    covers: Iterable[tuple[str, str]] = ()
    first_event: datetime | None = None
    adds: bool = False
    issues: Iterable[Issue] = ()
    files: Iterable[FactFile] = ()
    small: Mapping[str, Columns] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportRecord:
    """A row of the ledger.

    `new`, `changed` and `unchanged` are 0 until the import is applied; `is_applied` says so.
    """

    import_id: int
    source: str
    thing: str
    file_name: str
    file_hash: str
    content_hash: str
    mapping_name: str
    grain: str
    rows: int
    data_through: datetime | None
    ranks_at: datetime | None
    repeats: int | None
    demo: bool
    imported_at: datetime
    imported_by: str
    undone_at: datetime | None
    undone_by: str | None
    new: int
    changed: int
    unchanged: int
    rejected_rows: int
    flagged: int
    covers: tuple[tuple[str, str], ...]
    first_event: datetime | None
    adds: bool
    is_applied: bool

    @property
    def is_current(self) -> bool:
        """Not undone."""
        return self.undone_at is None

    @property
    def replaced_by(self) -> int | None:
        """The import that took its place; None where it is current or was undone by a user."""
        number = (self.undone_by or "").removeprefix(_BY_IMPORT)
        return int(number) if number.isdecimal() and number != self.undone_by else None


def reserve_id(conn: Connection) -> int:
    """An import's number, from 1 on; one that was committed is never used again."""
    table = schema.counters
    row = (
        update(table)
        .where(table.c.name == "import")
        .values(value=table.c.value + 1)
        .returning(table.c.value)
    )
    return int(conn.execute(row).scalar_one())


def last_id(conn: Connection) -> int:
    """The number that was given last; 0 before the first."""
    table = schema.counters
    return int(conn.scalar(select(table.c.value).where(table.c.name == "import")) or 0)


def add_import(conn: Connection, new: NewImport) -> None:
    """Commit an import: ledger row, issues, files, small facts, change and audit entry.

    A source that had ended goes on with it.
    """
    resume_source(conn, new.source, new.imported_by, new.imported_at)
    conn.execute(
        insert(schema.imports).values(
            import_id=new.import_id,
            source=new.source,
            thing=new.thing,
            file_name=new.file_name,
            file_hash=new.file_hash,
            content_hash=new.content_hash,
            mapping_name=new.mapping_name,
            mapping=new.mapping,
            grain=new.grain,
            row_total=new.rows,
            data_through=new.data_through,
            ranks_at=new.ranks_at,
            repeats=new.repeats,
            replaces=new.replaces,
            demo=new.demo,
            imported_at=new.imported_at,
            imported_by=new.imported_by,
            new_facts=0,
            changed_facts=0,
            unchanged_facts=0,
            rejected_rows=0,
            flagged=0,
            covers=json.dumps(sorted(new.covers)),
            first_event=new.first_event,
            adds=new.adds,
        )
    )
    add_issues(conn, new.import_id, new.issues)
    add_files(conn, (replace(file, import_ids=(new.import_id,)) for file in new.files))
    for kind, columns in new.small.items():
        add_small(conn, new.import_id, kind, columns)
    if new.replaces is not None:
        _end(conn, new.replaces, _by_import(new.import_id), new.imported_at)
    add_change(conn, ChangeKind.IMPORT, new.import_id)
    _note(conn, AuditAction.IMPORT, new.import_id, new.file_name, new.imported_by, new.imported_at)


def mark_undone(conn: Connection, import_id: int, who: str, now: datetime) -> None:
    """Undo an import; StoreError for one that is unknown or undone already.

    What it had replaced is current again.
    """
    _end(conn, import_id, who, now)
    table = schema.imports
    for restored in replaced(conn, import_id):
        conn.execute(
            update(table)
            .where(table.c.import_id == restored)
            .values(undone_at=None, undone_by=None)
        )
        add_change(conn, ChangeKind.IMPORT, restored)


def _end(conn: Connection, import_id: int, who: str, now: datetime) -> None:
    """Have an import count no more, and nothing in its place."""
    record = find_import(conn, import_id)
    if not record.is_current:
        raise StoreError("already_undone", import_id=import_id)
    table = schema.imports
    conn.execute(
        update(table).where(table.c.import_id == import_id).values(undone_at=now, undone_by=who)
    )
    add_change(conn, ChangeKind.UNDO, import_id)
    _note(conn, AuditAction.UNDO, import_id, record.file_name, who, now)


def _by_import(import_id: int) -> str:
    """Who undid an import that another one replaced."""
    return f"{_BY_IMPORT}{import_id}"


def set_data_through(
    conn: Connection, import_id: int, moment: datetime, who: str, now: datetime
) -> None:
    """Correct up to when an import tells everything; StoreError for an unknown one.

    With that it stands at this moment in the order of its source.
    """
    find_import(conn, import_id)
    table = schema.imports
    conn.execute(
        update(table)
        .where(table.c.import_id == import_id)
        .values(data_through=moment, ranks_at=None)
    )
    add_change(conn, ChangeKind.DATA_THROUGH, import_id)
    _note(conn, AuditAction.DATA_THROUGH, import_id, moment.isoformat(" "), who, now)


def imports(conn: Connection) -> tuple[ImportRecord, ...]:
    """The whole ledger, newest first."""
    query = select(*_COLUMNS).order_by(schema.imports.c.import_id.desc())
    return tuple(_record(row) for row in conn.execute(query))


def imports_of(conn: Connection, source: str) -> tuple[ImportRecord, ...]:
    """The ledger of a source, newest first."""
    table = schema.imports
    query = select(*_COLUMNS).where(table.c.source == source).order_by(table.c.import_id.desc())
    return tuple(_record(row) for row in conn.execute(query))


def is_repeated(conn: Connection, import_id: int) -> bool:
    """Whether a current import says the same bytes again."""
    table = schema.imports
    query = select(table.c.import_id).where(
        table.c.repeats == import_id, table.c.undone_at.is_(None)
    )
    return conn.execute(query.limit(1)).first() is not None


def find_import(conn: Connection, import_id: int) -> ImportRecord:
    """One row of the ledger; StoreError where there is none."""
    query = select(*_COLUMNS).where(schema.imports.c.import_id == import_id)
    return _record(stored_row(conn.execute(query).one_or_none(), import_id))


def find_imports(conn: Connection, import_ids: Iterable[int]) -> dict[int, ImportRecord]:
    """Rows of the ledger by their numbers; StoreError where one is missing."""
    wanted = dict.fromkeys(import_ids)
    rows = [
        row
        for some in chunks([*wanted])
        for row in conn.execute(select(*_COLUMNS).where(schema.imports.c.import_id.in_(some)))
    ]
    found = {record.import_id: record for record in map(_record, rows)}
    for import_id in wanted.keys() - found.keys():
        find_import(conn, import_id)
    return found


def standing_repeat(conn: Connection, source: str, content_hash: str) -> ImportRecord | None:
    """The newest current import of the same bytes and mapping; None where there is none."""
    table = schema.imports
    query = (
        select(*_COLUMNS)
        .where(
            table.c.source == source,
            table.c.content_hash == content_hash,
            table.c.undone_at.is_(None),
        )
        .order_by(table.c.import_id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _record(row)


def newest_of_mapping(conn: Connection, source: str, mapping_name: str) -> ImportRecord | None:
    """The newest import of a source by a mapping; None before the first."""
    table = schema.imports
    query = (
        select(*_COLUMNS)
        .where(table.c.source == source, table.c.mapping_name == mapping_name)
        .order_by(table.c.import_id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _record(row)


def repeats_through(conn: Connection, import_id: int) -> datetime | None:
    """The latest data through of an import's bytes: its own, and of those that repeat it."""
    table = schema.imports
    rows = conn.scalars(
        select(table.c.data_through).where(
            (table.c.import_id == import_id) | (table.c.repeats == import_id),
            table.c.undone_at.is_(None),
        )
    )
    return max((moment for moment in rows if moment is not None), default=None)


def latest_through(conn: Connection, source: str) -> datetime | None:
    """The latest moment at which a current import of a source stands in its order."""
    table = schema.imports
    moment = func.coalesce(table.c.ranks_at, table.c.data_through, table.c.imported_at)
    query = select(func.max(moment)).where(table.c.source == source, table.c.undone_at.is_(None))
    found = conn.scalar(query)
    return datetime.fromisoformat(found) if isinstance(found, str) else found


def things(conn: Connection, source: str) -> frozenset[str]:
    """What the current imports of a source are about; empty for one without any."""
    table = schema.imports
    query = select(table.c.thing).where(table.c.source == source, table.c.undone_at.is_(None))
    return frozenset(str(thing) for thing in conn.scalars(query.distinct()))


def current_demos(conn: Connection) -> tuple[int, ...]:
    """The numbers of the demo imports that are not undone, newest first."""
    table = schema.imports
    query = (
        select(table.c.import_id)
        .where(table.c.demo.is_(True), table.c.undone_at.is_(None))
        .order_by(table.c.import_id.desc())
    )
    return tuple(conn.scalars(query))


def replaced(conn: Connection, import_id: int) -> tuple[int, ...]:
    """The imports whose place an import has taken, and whose facts are still there."""
    table, files, small = schema.imports, schema.fact_file_imports, schema.small_facts
    owner = func.coalesce(table.c.repeats, table.c.import_id)
    query = select(table.c.import_id).where(
        table.c.undone_by == _by_import(import_id),
        or_(exists().where(files.c.import_id == owner), exists().where(small.c.import_id == owner)),
    )
    return tuple(conn.scalars(query.order_by(table.c.import_id)))


def mapping_of(conn: Connection, import_id: int) -> str:
    """The text of the mapping by which an import was read; StoreError for an unknown one."""
    query = select(schema.imports.c.mapping).where(schema.imports.c.import_id == import_id)
    return str(stored_row(conn.execute(query).one_or_none(), import_id).mapping)


_LEDGER = schema.imports.c
_COLUMNS = (
    _LEDGER.import_id,
    _LEDGER.source,
    _LEDGER.thing,
    _LEDGER.file_name,
    _LEDGER.file_hash,
    _LEDGER.content_hash,
    _LEDGER.mapping_name,
    _LEDGER.grain,
    _LEDGER.row_total,
    _LEDGER.data_through,
    _LEDGER.ranks_at,
    _LEDGER.repeats,
    _LEDGER.demo,
    _LEDGER.imported_at,
    _LEDGER.imported_by,
    _LEDGER.undone_at,
    _LEDGER.undone_by,
    _LEDGER.new_facts,
    _LEDGER.changed_facts,
    _LEDGER.unchanged_facts,
    _LEDGER.rejected_rows,
    _LEDGER.flagged,
    _LEDGER.covers,
    _LEDGER.first_event,
    _LEDGER.adds,
    _LEDGER.receipt.is_not(None).label("is_applied"),
)
"""In the order of ImportRecord's fields."""


def _record(row: Row[*tuple[Any, ...]]) -> ImportRecord:
    *values, covers, first_event, adds, is_applied = row
    covered = tuple((what, name) for what, name in json.loads(covers))
    values += [covered, first_event, adds, bool(is_applied)]
    return ImportRecord(*values)


def _note(
    conn: Connection, action: AuditAction, import_id: int, detail: str, who: str, now: datetime
) -> None:
    audit.add_entry(conn, AuditEntry(now, who, action, str(import_id), detail))
