"""Tables as they were read from files, to be read again: one Parquet file each in `archive/`.

A table is named by the hash of the bytes that it was read from. It is there as long as an import
of it is current that is at most 90 days older than the newest one.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.domain.issue_code import OF_RECORDS
from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import Store
from kpi_core.ingest.extract.cell_sql import without_mail
from kpi_core.ingest.extract.column_types import Id
from kpi_core.ingest.extract.staging import Staged, any_row, one_row
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.synonyms import says_something
from kpi_core.parsing.phone_numbers import without_phones
from kpi_core.parsing.pii import may_name_persons, person_kind
from kpi_core.parsing.text_column import trimmed_sql
from kpi_core.records.errors import StoreError, of_system, translated
from kpi_core.records.ledger import ImportRecord
from kpi_core.sql_text import literal, one_file, quoted
from kpi_core.tabular.rows import columns
from kpi_core.tabular.table import Table

FOLDER = "archive"
KEPT_FOR = timedelta(days=90)
"""Before the newest import. What is older is corrected by a newer export, not read again."""
TIDY_AFTER_SECONDS = 3600.0
ABANDONED_SECONDS = 86_400.0
"""A file still half written after a day belongs to a process that ended."""

_HASH = re.compile(r"[0-9a-f]{64}")
_ENDING = ".parquet"
_FRESH = ".new"
_HEADER = "header"
_TIDIED = ".tidied"
_RELATION = "table_archived"


@dataclass(frozen=True)
class Archive:
    """The folder of the tables; made with the first of them, for its owner only."""

    folder: Path

    @classmethod
    def of(cls, data: Path) -> "Archive":
        """That of a data folder."""
        return cls(data / FOLDER)

    def path(self, file_hash: str) -> Path:
        """The place of a file's table. The hash is a SHA-256 in hexadecimal."""
        if not _HASH.fullmatch(file_hash):
            raise ValueError(f"Not the SHA-256 of a file: {file_hash!r}")
        return self.folder / f"{file_hash}{_ENDING}"

    def add(self, file_hash: str, staged: Staged) -> StoreError | None:
        """Store a table in the place of an earlier one of the same file.

        It is written beside, synced and renamed. What went wrong is returned: the import that it
        belongs to is committed.
        """
        path = self.path(file_hash)
        fresh = path.with_name(f".{path.name}.{os.getpid()}{_FRESH}")
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            staged.scratch.execute(
                f"copy (select * from {quoted(staged.relation)}) to {literal(str(fresh))}"
                " (format parquet, compression zstd,"
                f" kv_metadata {{{_HEADER}: {literal(json.dumps(staged.header))}}})"
            )
            fresh.chmod(0o600)
            _sync(fresh)
            fresh.replace(path)
            _sync(self.folder)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            return translated(error, str(path)) or StoreError("no_permission", path=str(path))
        except OSError as error:
            return of_system(error, str(path))
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        return None

    def show(
        self, file_hash: str, scratch: DuckDBPyConnection, name: str
    ) -> tuple[str, ...] | None:
        """Make a temporary view of a table; its header, or None where it is not there."""
        path = self.path(file_hash)
        if not path.is_file():
            return None
        try:
            rows = scratch.execute(
                "select decode(value) from parquet_kv_metadata($path) where decode(key) = $key",
                {"path": one_file(path), "key": _HEADER},
            ).fetchall()
            scratch.execute(
                f"create or replace temp view {quoted(name)} as"
                f" select * from read_parquet({literal(one_file(path))})"
            )
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise translated(error, str(path)) or StoreError("damaged", path=str(path)) from error
        return tuple(json.loads(rows[0][0])) if rows else None

    def tidy_now_and_then(self, store: Store, file_hash: str) -> None:
        """Tidy, unless that was done in the hour before this file's table was written."""
        try:
            since = _written(self.path(file_hash)) - _written(self.folder / _TIDIED)
        except OSError:
            since = TIDY_AFTER_SECONDS
        if since >= TIDY_AFTER_SECONDS:
            self.tidy(store)

    def tidy(self, store: Store) -> None:
        """Remove the tables of no current import, those too old, and what was left half written.

        What cannot be removed stays.
        """
        if not self.folder.is_dir():
            return
        # Files are listed before the ledger is read: an import writes its row, then its table.
        files = [file for file in self.folder.glob(f"*{_ENDING}") if _HASH.fullmatch(file.stem)]
        needed = _needed(store.imports())
        _remove(file for file in files if file.stem not in needed)
        with suppress(OSError):
            self.folder.chmod(0o700)
            tidied = self.folder / _TIDIED
            tidied.touch(mode=0o600)
            abandoned = _written(tidied) - ABANDONED_SECONDS
            _remove(f for f in self.folder.glob(f".*{_FRESH}") if _written(f) < abandoned)


def archived(
    store: Store, before: Receipt, scratch: DuckDBPyConnection
) -> tuple[Table, Staged] | None:
    """The table of an import as it was read; None where it is not in the archive.

    The records that could not be read then are its issues again.
    """
    if not before.file_hash or before.import_id is None:
        return None
    header = Archive.of(store.data).show(before.file_hash, scratch, _RELATION)
    if header is None:
        return None
    names = {name for name, *_ in scratch.execute(f"describe {_RELATION}").fetchall()}
    first_day = f"any_value({FIRST_DAY})" if FIRST_DAY in names else "null"
    rows, day = one_row(scratch, f"select count(*), {first_day} from {_RELATION}")
    issues = tuple(
        issue
        for issue in store.issues(before.import_id, limit=before.issue_count)
        if issue.code in OF_RECORDS
    )
    table = Table(header, rows + len(issues), issues, first_day=day)
    return table, Staged(scratch, _RELATION, header)


def _needed(imports: Iterable[ImportRecord]) -> frozenset[str]:
    """The hashes of the files of current imports that are not too old."""
    imports = tuple(imports)
    newest = max((record.imported_at for record in imports), default=None)
    return frozenset(
        record.file_hash
        for record in imports
        if record.is_current and newest is not None and newest - record.imported_at <= KEPT_FOR
    )


def _written(file: Path) -> float:
    """When a file was written, in seconds of its disk's clock."""
    return file.stat().st_mtime


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the disk hold what was written; a folder's names where the system can."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


KEPT = "table_to_archive"
FIRST_DAY = "first_day"
"""A column of the kept table: where the days are numbered, which is the first."""
SAMPLE = 2_000


def kept(table: Table, staged: Staged, mapping: Mapping, secret: bytes) -> Staged:
    """The table as it may be kept.

    Columns that look like names, addresses and so on are left out, unless the mapping reads or
    keeps them. Mail addresses are hashed where they are ids, and made unreadable elsewhere; so
    are phone numbers in columns that no mapping reads.
    """
    rows = [cells for _, cells in table.head(SAMPLE)]
    places = {name: place for place, name in enumerate(table.header)}
    header = [
        name
        for name in staged.header
        if name in mapping.keep
        or name in mapping.columns
        or not may_be_somebodys(name, [row[places[name]] for row in rows])
    ]
    chosen, join = [], ""
    for place, name in zip(columns(len(header)), header, strict=True):
        cell = f"s.{staged.cell(name)}"
        if name == mapping.id and _hash_ids(staged, staged.cell(name), secret):
            join = f" left join ids_hashed h on h.cell = {trimmed_sql(cell)}"
            cell = f"coalesce(h.value, {cell})"
        elif name not in mapping.keep:
            cell = without_mail(cell if name in mapping.columns else without_phones(cell))
        chosen.append(f"{cell} as {place}")
    if table.first_day is not None:
        chosen.append(f"date '{table.first_day.isoformat()}' as {FIRST_DAY}")
    staged.scratch.execute(
        f"create or replace temp view {KEPT} as select {', '.join(['s.line', *chosen])} "
        f"from {staged.relation} s{join}"
    )
    return Staged(staged.scratch, KEPT, tuple(header))


def may_be_somebodys(name: str, cells: Sequence[str]) -> bool:
    """Whether a column that no mapping reads may be personal.

    Where its header says nothing, and no list of words comes again and again, that goes for
    what looks like full names as well: a city is lost for it, and never counted.
    """
    filled = [bare for cell in cells if (bare := cell.strip())]
    values = tuple(dict.fromkeys(filled))
    if person_kind(name, values) is not None:
        return True
    is_list = len(values) * 2 <= len(filled)
    return not is_list and not says_something(name) and may_name_persons(values)


def _hash_ids(staged: Staged, cell: str, secret: bytes) -> bool:
    """Make `ids_hashed` of those ids that hold a mail address; whether there is any."""
    scratch = staged.scratch
    some = f"{staged.relation} where contains({cell}, '@') or contains({cell}, '＠')"
    if not any_row(scratch, some):
        return False
    distinct = scratch.execute(f"select distinct {trimmed_sql(cell)} as cell from {some}")
    found = distinct.df()["cell"].astype("str")
    frame = Id(secret).read(found)[["value"]].assign(cell=found)
    scratch.register("ids_read", frame)
    scratch.execute("create or replace temp table ids_hashed as select cell, value from ids_read")
    scratch.unregister("ids_read")
    return True
