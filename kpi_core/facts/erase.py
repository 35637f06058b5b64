"""Erasing one person: after it no file of the store holds the lead's id."""

import logging
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.facts.log import Log
from kpi_core.facts.store import Store
from kpi_core.records import audit, changes, fact_files, import_receipts, ledger, small_facts
from kpi_core.records.audit import AuditAction, AuditEntry
from kpi_core.records.changes import ChangeKind
from kpi_core.records.errors import StoreError
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.small_facts import SmallFacts
from kpi_core.sql_text import literal, literals, one_file, quoted

_log = logging.getLogger(__name__)

ARCHIVE = "archive"
TRIES = 5
"""How often it starts again while others import or compact."""
_MARK_LENGTH = 16


@dataclass(frozen=True)
class Erased:
    """What was erased. `sources` by name; `rows` of facts; `tables` of the archive."""

    sources: tuple[str, ...]
    rows: int
    tables: int


@dataclass(frozen=True)
class _Snapshot:
    """What there is at one moment, of one source or of all."""

    version: int
    imports: tuple[ImportRecord, ...]
    files: tuple[FactFile, ...]
    small: tuple[SmallFacts, ...]

    def sources(self, import_ids: Collection[int]) -> dict[str, int]:
        """Of the sources of some imports the newest of these imports."""
        return {
            each.source: each.import_id
            for each in sorted(self.imports, key=lambda record: record.import_id)
            if each.import_id in import_ids
        }


def erase(
    store: Store, leads: Sequence[str], *, source: str | None = None, who: str, now: datetime
) -> Erased:
    """Erase a lead by its ids, in one source or in all; StoreError where no facts hold any.

    The first id is the one that it is named by. Files with its facts are rewritten, and archived
    tables that hold an id are removed. The audit entry has no id, only a mark made of it and of
    the store's own key.
    """
    for _ in range(TRIES):
        with store.records.reading() as conn:
            snapshot = _snapshot(conn, source)
        erased = _erase(store, leads, snapshot, source, who=who, now=now)
        if erased is not None:
            return erased
    raise StoreError("erase_unstable", path=str(store.data))


def mark_of(store: Store, lead: str) -> str:
    """What stands for an id in the audit: the id is found from it with the store's key alone."""
    return sha256(store.records.secret() + lead.encode()).hexdigest()[:_MARK_LENGTH]


def _snapshot(conn: Any, source: str | None) -> _Snapshot:
    imports = tuple(each for each in ledger.imports(conn) if source in (None, each.source))
    ids = [each.import_id for each in imports]
    return _Snapshot(
        changes.data_version(conn),
        imports,
        fact_files.files(conn, ids),
        small_facts.small(conn, ids),
    )


def _erase(
    store: Store,
    leads: Sequence[str],
    snapshot: _Snapshot,
    source: str | None,
    *,
    who: str,
    now: datetime,
) -> Erased | None:
    """Erase as of a snapshot; None where the log has changed since."""
    mark = mark_of(store, leads[0])
    written: list[FactFile] = []
    try:
        with duckdb.connect(":memory:") as scratch:
            old, rows, held = _rewrite(store.cache.log, scratch, leads, snapshot, written)
        small, small_rows, small_held = _without(leads, snapshot.small)
        sources = snapshot.sources(held | small_held)
        if not sources:
            raise StoreError("unknown_lead", lead=leads[0])
        with store.records.writing() as conn:
            if _snapshot(conn, source) != snapshot:
                store.cache.log.remove(store.data / file.path for file in written)
                return None
            fact_files.replace_files(conn, [file.path for file in old], written)
            small_facts.remove_small(conn, {each.import_id for each in small})
            for each in small:
                if next(iter(each.columns.values()), []):
                    small_facts.add_small(conn, each.import_id, each.kind, each.columns)
            _clear_ledger(conn, leads, snapshot.imports)
            for import_id in sources.values():
                changes.add_change(conn, ChangeKind.ERASE, import_id)
            names = ", ".join(sorted(sources))
            audit.add_entry(conn, AuditEntry(now, who, AuditAction.ERASED, mark, names))
    except BaseException:
        store.cache.log.remove(store.data / file.path for file in written)
        raise
    store.cache.log.remove(store.data / file.path for file in old)
    hashes = {each.file_hash for each in snapshot.imports if each.file_hash}
    tables = _remove_tables(store.data / ARCHIVE, hashes, leads)
    _overwrite_freed(store.records.path)
    store.catch_up()
    return Erased(tuple(sorted(sources)), rows + small_rows, tables)


def _rewrite(
    log: Log,
    scratch: DuckDBPyConnection,
    leads: Collection[str],
    snapshot: _Snapshot,
    written: list[FactFile],
) -> tuple[list[FactFile], int, set[int]]:
    """Write files without the leads, into `written`.

    Returns those in whose place they come, how many rows went, and of which imports.
    """
    old: list[FactFile] = []
    total, held = 0, set()
    ids = {each.import_id for each in snapshot.imports}
    for file in snapshot.files:
        if problem := log.problem(file, thorough=True):
            raise problem
        relation = log.scan([file])
        names = [name for name, *_ in scratch.execute(f"describe from {relation}").fetchall()]
        if "lead" not in names:
            continue
        theirs = f"lead in ({literals(leads)})"
        if not ids.issuperset(file.import_ids):
            theirs += f" and import_id in ({', '.join(map(str, sorted(ids)))})"
        found = scratch.execute(
            f"select import_id, count(*) from {relation} where {theirs} group by import_id"
        ).fetchall()
        if not found:
            continue
        name = f"{file.import_ids[0]:08d}-{file.import_ids[-1]:08d}"
        rest = f"select * from {relation} where not ({theirs})"
        made = log.write(scratch, {file.kind: rest}, name)
        written += [replace(each, import_ids=file.import_ids) for each in made]
        old.append(file)
        held |= {import_id for import_id, _ in found}
        total += sum(count for _, count in found)
    return old, total, held


def _without(
    leads: Collection[str], small: Sequence[SmallFacts]
) -> tuple[list[SmallFacts], int, set[int]]:
    """All small facts of the imports that hold the leads, without these; rows, and imports."""
    held = {
        each.import_id for each in small if set(leads).intersection(each.columns.get("lead", ()))
    }
    rest, total = [], 0
    for each in small:
        if each.import_id not in held:
            continue
        ids: list[Any] = each.columns.get("lead", [None] * len(next(iter(each.columns.values()))))
        places = [place for place, lead in enumerate(ids) if lead not in leads]
        total += len(ids) - len(places)
        columns = {name: [cells[at] for at in places] for name, cells in each.columns.items()}
        rest.append(SmallFacts(each.import_id, each.kind, columns))
    return rest, total, held


def _clear_ledger(conn: Any, leads: Collection[str], imports: Sequence[ImportRecord]) -> None:
    """Take ids out of receipts and issues."""
    import_ids = [each.import_id for each in imports]
    import_receipts.clear_cells(conn, import_ids, leads)
    import_receipts.clear_cases(conn, import_ids, leads)


def _remove_tables(archive: Path, hashes: Collection[str], leads: Collection[str]) -> int:
    """Remove the archived tables of the files that have a cell with one of the ids."""
    removed = 0
    with duckdb.connect(":memory:") as scratch:
        for path in sorted(archive.glob("*.parquet")):
            if path.stem in hashes and _has_cell(scratch, path, leads):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _has_cell(scratch: DuckDBPyConnection, path: Path, leads: Collection[str]) -> bool:
    relation = f"read_parquet({literal(one_file(path))})"
    names = [
        name
        for name, kind, *_ in scratch.execute(f"describe from {relation}").fetchall()
        if kind == "VARCHAR"
    ]
    if not names:
        return False
    cells = " or ".join(f"trim({quoted(name)}) in ({literals(leads)})" for name in names)
    found = scratch.execute(f"select 1 from {relation} where {cells} limit 1").fetchall()
    return bool(found)


def _overwrite_freed(records: str) -> None:
    """Have SQLite give back what was deleted; PostgreSQL does so by itself in time."""
    if not Path(records).is_file():
        return
    try:
        with closing(sqlite3.connect(records, timeout=5, isolation_level=None)) as conn:
            conn.execute("vacuum")
            conn.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        _log.warning("Freed pages of %s could not be given back: %s", records, error)
