"""Who keeps the cache up to date: one process at a time, change by change of the records."""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

from duckdb import DuckDBPyConnection, TransactionException
from filelock import FileLock, Timeout

from kpi_core.domain.issue import Issue
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.tally import Tally
from kpi_core.facts import cache, receipts, tally_sql
from kpi_core.facts.batch import KINDS, NUMBERS, Grain
from kpi_core.facts.cache import Cache
from kpi_core.facts.change import Change, Statements
from kpi_core.facts.daily_numbers import NumberChange
from kpi_core.facts.expiry import remove_expired
from kpi_core.facts.log import Log, columns_of
from kpi_core.facts.receipts import Comparison
from kpi_core.facts.sql import literal, quoted
from kpi_core.records import changes, fact_files, ledger, small_facts
from kpi_core.records.changes import ChangeKind
from kpi_core.records.errors import StoreError
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records

_log = logging.getLogger(__name__)

_SECOND_BITS = 31
"""Import numbers are below 2^31; seconds since 1970 stand before them in a sequence."""
_numbers = count()

Waiting: TypeAlias = tuple[ChangeKind, int]
"""A change that could not be applied yet: of which kind, and of which import."""
_UNREADABLE = ("facts_missing", "facts_damaged")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock


def sequence_of(record: ImportRecord) -> int:
    """Where an import stands among those of its source: by data through, then by number."""
    moment = record.ranks_at or record.data_through or record.imported_at
    seconds = int((moment - _EPOCH).total_seconds())
    return (max(seconds, 0) << _SECOND_BITS) + record.import_id


@dataclass(frozen=True)
class Progress:
    """How far a rebuild of the cache has come: rows applied of those there are."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """In whole percent, rounded down."""
        return 100 if not self.total else min(100, 100 * self.done // self.total)


@dataclass
class Maintainer:
    """The process that holds the cache's lock. `cache.open` came before anything else here."""

    data: Path
    records: Records
    cache: Cache
    log: Log
    rebuilding: Progress | None = None
    _lock: FileLock | None = None
    _writer: RLock = field(default_factory=RLock)
    applied: int = 0
    _waiting: dict[Waiting, StoreError | None] = field(default_factory=dict)
    _unreadable: tuple[StoreError, ...] = ()
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)

    @classmethod
    def acquire(cls, data: Path, records: Records, log: Log) -> "Maintainer | None":
        """The maintainer of a data folder; None where another process is."""
        lock = FileLock(data / "cache.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return None
        try:
            store = Cache(data / "cache.duckdb")
            store.open(records.stages(), identity_of(records))
            maintainer = cls(data, records, store, log, _lock=lock)
            maintainer._remember()
        except BaseException:
            lock.release()
            raise
        return maintainer

    def _remember(self) -> None:
        """Read from the cache up to where it came; one that cannot be read is made anew."""
        try:
            with self.cache.cursor() as cursor:
                self.applied = int(cache.meta(cursor, "change") or 0)
                waiting = json.loads(cache.meta(cursor, "waiting") or "[]")
        except StoreError:
            if not self.cache.is_damaged:
                raise
            self._renew()
        else:
            self._waiting = {(ChangeKind(kind), number): None for kind, number in waiting}

    def close(self) -> None:
        """Wait for the change under way, then release the cache."""
        with self._writer:
            self.cache.close()
            if self._lock is not None:
                self._lock.release()

    # --- changes of the records ---

    def catch_up(self) -> int:
        """Apply what was committed since the last time. Returns the data version reached."""
        with self._writer:
            try:
                return self._apply_pending()
            except StoreError:
                if not self.cache.is_damaged:
                    raise
            return self._apply_pending()

    def _apply_pending(self) -> int:
        with self.records.reading() as conn:
            pending = changes.changes_since(conn, self.applied)
            is_ahead = not pending and changes.data_version(conn) < self.applied
        if self.cache.is_damaged or is_ahead:
            self._renew()
            with self.records.reading() as conn:
                pending = changes.changes_since(conn, self.applied)
        if self.applied == 0 and len(pending) > 1:
            return self._rebuild(pending[-1].id)
        self._add_missing()
        for change in pending:
            self._apply_or_wait(change)
        return self.applied

    def _renew(self) -> None:
        """Begin anew: the cache is damaged, or of a later moment than the records are."""
        self.cache.renew(self.records.stages(), identity_of(self.records))
        self.applied = 0
        self._waiting.clear()

    def _apply_or_wait(self, change: changes.Change) -> None:
        """Apply a change. Where its facts cannot be read it waits, and those after it do not."""
        try:
            self._apply_change(change)
        except StoreError as error:
            if error.code not in (*_UNREADABLE, "out_of_memory") or change.import_id is None:
                raise
            self._wait(change.kind, change.import_id, error, applied=change.id)
        except Exception as error:
            if change.import_id is None:
                raise
            if "has been invalidated" in str(error):  # by another use of the cache
                raise StoreError("cache_damaged", path=str(self.cache.path)) from error
            _log.exception("Import %s could not be counted", change.import_id)
            problem = StoreError("import_not_counted", import_id=change.import_id)
            self._wait(change.kind, change.import_id, problem, applied=change.id)

    def _wait(self, kind: ChangeKind, import_id: int, why: StoreError, *, applied: int) -> None:
        _log.warning("The %s of import %s waits: %s", kind.value, import_id, why)
        waiting = {**self._waiting, (kind, import_id): why}
        with self.cache.cursor() as cursor, cache.transaction(cursor):
            _set_waiting(cursor, waiting)
            cache.set_meta(cursor, "change", str(applied))
        self._waiting, self.applied = waiting, applied

    @property
    def problems(self) -> tuple[StoreError, ...]:
        """Files of facts that are missing or damaged, and imports that could not be counted."""
        found = [*self._unreadable, *(why for why in self._waiting.values() if why is not None)]
        return tuple({str(each): each for each in found}.values())

    def look_over(self) -> None:
        """Compare the sizes of the files of facts, and apply what waited and can be read again."""
        with self._writer:
            with self.records.reading() as conn:
                files = fact_files.files(conn)
            found = [(file, why) for file in files if (why := self.log.problem(file)) is not None]
            counted: set[int] = set()
            if found or self._waiting:
                rows = self.records.imports()
                counted = {each.import_id for each in in_order(rows, None)}
            unreadable = tuple(why for file, why in found if counted & {*file.import_ids})
            if [*map(str, unreadable)] != [*map(str, self._unreadable)]:
                _log.warning("Files of facts that cannot be read: %s", [*map(str, unreadable)])
            self._unreadable = unreadable
            self._take_up(counted)

    def _take_up(self, counted: Collection[int]) -> None:
        """Have changes that waited come again, once: with that the data version rises."""
        over = [key for key, why in self._waiting.items() if self._is_over(key, why, counted)]
        if not over:
            return
        with self.records.writing() as conn:
            for kind, import_id in over:
                changes.add_change(conn, kind, import_id)
        waiting = {key: why for key, why in self._waiting.items() if key not in over}
        with self.cache.cursor() as cursor, cache.transaction(cursor):
            _set_waiting(cursor, waiting)
        self._waiting = waiting

    def _is_over(self, key: Waiting, why: StoreError | None, counted: Collection[int]) -> bool:
        """Whether a change can be applied now; of a mistake of ours, that another process made."""
        if why is not None and why.code not in _UNREADABLE:
            return False
        kind, import_id = key
        if kind == ChangeKind.IMPORT and import_id not in counted:
            return True
        source = self.records.find_import(import_id).source
        ids = [each.import_id for each in in_order(self._ledger(source), None)]
        with self.records.reading() as conn:
            files = fact_files.files(conn, ids)
        found = [each for file in files if (each := self.log.problem(file, thorough=True))]
        if found:
            self._waiting[key] = found[0]
        return not found

    def sweep(self) -> None:
        """Remove facts of imports undone long ago, and files of facts that belong to no import."""
        with self._writer, self.cache.cursor() as cursor:
            remove_expired(cursor, self.records, self.log)
        with self.records.reading() as conn:
            known = frozenset(file.path for file in fact_files.files(conn))
            last = ledger.last_id(conn)
        self.log.sweep(known, last)

    def _apply_change(self, change: changes.Change) -> None:
        with self.cache.cursor() as cursor:
            tallies = self._tallies(cursor)
            settled: tuple[Receipt, tuple[Issue, ...]] | None = None
            with cache.transaction(cursor):
                match change.kind:
                    case ChangeKind.IMPORT:
                        assert change.import_id is not None
                        settled = self._import(cursor, change.import_id, tallies)
                    case ChangeKind.UNDO:
                        assert change.import_id is not None
                        self._undo(cursor, change.import_id, tallies)
                    case ChangeKind.DATA_THROUGH | ChangeKind.ERASE:
                        assert change.import_id is not None
                        self._again(cursor, self.records.find_import(change.import_id), tallies)
                    case _:
                        pass
                cache.set_meta(cursor, "change", str(change.id))
                if settled is not None:  # first, so that none is missing of what is applied
                    self._save_receipt(cursor, *settled)
        self.applied = change.id

    def _save_receipt(
        self, cursor: DuckDBPyConnection, receipt: Receipt, flagged: Iterable[Issue]
    ) -> None:
        assert receipt.import_id is not None
        with self.records.writing() as conn:
            if ledger.receipt(conn, receipt.import_id) is None:
                ledger.add_issues(conn, receipt.import_id, flagged)
                for code, count in receipt.case_counts:
                    if count > receipts.CASES_SHOWN:
                        found = receipts.all_cases(cursor, code)
                        ledger.add_cases(conn, receipt.import_id, found)
                ledger.save_receipt(conn, receipt.import_id, receipt)

    @staticmethod
    def _tallies(cursor: DuckDBPyConnection) -> tuple[Tally, ...]:
        rows = cursor.execute("select document from aggregates").fetchall()
        return tuple(tally_sql.parse(text) for (text,) in rows)

    # --- imports ---

    def _import(
        self, cursor: DuckDBPyConnection, import_id: int, tallies: Sequence[Tally]
    ) -> tuple[Receipt, tuple[Issue, ...]] | None:
        """Apply one import: its receipt, and what is flagged now that it meets what is stored.

        None where it is applied already.
        """
        with self.records.reading() as conn:
            record = ledger.find_import(conn, import_id)
        if record.is_current:
            cover(cursor, [record])
        if is_applied(cursor, import_id):
            return None
        if record.repeats is not None or not self._counts(record):
            return self._repeated(record), ()
        statements = self.statements(cursor, [record])
        counts = apply(cursor, record, statements, tallies, self)
        receipt = receipt_of(self.records, record, counts)
        more = len(counts.flagged)
        receipt = replace(
            receipt, flagged=receipt.flagged + more, issue_count=receipt.issue_count + more
        )
        return receipt, counts.flagged

    def _repeated(self, record: ImportRecord) -> Receipt:
        """The receipt of an import whose facts are all known."""
        before = None if record.repeats is None else self.records.receipt(record.repeats)
        facts = 0 if before is None else before.facts
        return receipt_of(self.records, record, Comparison(unchanged=facts))

    def _counts(self, record: ImportRecord) -> bool:
        """Whether the facts of an import count: it, or an import of the same bytes, is current."""
        with self.records.reading() as conn:
            return record.is_current or ledger.is_repeated(conn, record.import_id)

    def counted(
        self,
        cursor: DuckDBPyConnection,
        source: str,
        thing: str | None = None,
        *,
        undone: int | None = None,
    ) -> list[ImportRecord]:
        """The imports of a source that are applied and whose facts count, in their order.

        One can be taken as `undone`.
        """
        applied = {
            import_id
            for (import_id,) in cursor.execute(
                "select import_id from imports where source = ?", [source]
            ).fetchall()
        }
        rows = [
            replace(each, undone_at=each.imported_at) if each.import_id == undone else each
            for each in self._ledger(source)
        ]
        return [each for each in in_order(rows, thing) if each.import_id in applied]

    def _ledger(self, source: str) -> list[ImportRecord]:
        with self.records.reading() as conn:
            return list(ledger.imports_of(conn, source))

    def statements(
        self, cursor: DuckDBPyConnection, records: Collection[ImportRecord]
    ) -> list[Statements]:
        """What imports say, from their files and their small facts."""
        ids = [each.import_id for each in records]
        with self.records.reading() as conn:
            files = fact_files.files(conn, ids)
            small = small_facts.small(conn, ids)
        for file in files:
            if problem := self.log.problem(file, thorough=True):
                raise problem
        return [*_of_files(cursor, self.log, files, ids), *_of_small(cursor, small)]

    def _undo(self, cursor: DuckDBPyConnection, import_id: int, tallies: Sequence[Tally]) -> None:
        """Take an import's facts out, unless an import of the same bytes still says them."""
        record = self.records.find_import(import_id)
        owner = record if record.repeats is None else self.records.find_import(record.repeats)
        counted = self.counted(cursor, owner.source)
        forget_coverage(cursor, owner.source)
        cover(cursor, [each for each in self._ledger(owner.source) if each.is_current])
        if owner.import_id not in {each.import_id for each in counted}:
            self._take_out(cursor, owner, counted, tallies)

    def take_out(self, cursor: DuckDBPyConnection, import_id: int) -> None:
        """Take out an import's facts where it is only looked at what its undoing would change."""
        record = self.records.find_import(import_id)
        counted = self.counted(cursor, record.source, undone=import_id)
        if import_id not in {each.import_id for each in counted}:
            self._take_out(cursor, record, counted, tally_sql.PLAIN_TALLIES)

    def _take_out(
        self,
        cursor: DuckDBPyConnection,
        owner: ImportRecord,
        counted: Sequence[ImportRecord],
        tallies: Sequence[Tally],
    ) -> None:
        """Take an import's facts out; `counted` are those of its source that still count."""
        change = Change(cursor, owner.source, owner.thing, replaces=True)
        cursor.execute(
            "create or replace temp table touched as select distinct key from ("
            "select key from events where import_id = $id union all "
            "select key from leads where import_id = $id)",
            {"id": owner.import_id},
        )
        cursor.execute(
            "create or replace temp table touched_days as select distinct is_stage, name, day "
            "from numbers where import_id = $id",
            {"id": owner.import_id},
        )
        numbers = NumberChange(cursor, owner.source, replaces=True)
        has_numbers, has_leads = not numbers.is_empty, change.touched() > 0
        rest = [each for each in counted if each.thing == owner.thing]
        if has_leads:
            of_leads = self.statements(cursor, [e for e in rest if e.grain != Grain.DAY])
            change.read(
                [each for each in of_leads if each.kind != NUMBERS],
                "and e.key in (select key from touched)",
            )
            settle(change, tallies)
        if has_numbers:
            numbers.read_again(self._numbers(cursor, counted))
            numbers.resolve()
            numbers.add_up(tallies)
            numbers.store()
        cursor.execute("delete from imports where import_id = $id", {"id": owner.import_id})
        note_mappings(cursor, owner.source, owner.thing)

    def _numbers(
        self, cursor: DuckDBPyConnection, counted: Iterable[ImportRecord]
    ) -> list[Statements]:
        kinds = [each for each in counted if each.grain == Grain.DAY]
        return [each for each in self.statements(cursor, kinds) if each.kind == NUMBERS]

    def _again(
        self, cursor: DuckDBPyConnection, record: ImportRecord, tallies: Sequence[Tally]
    ) -> None:
        """Take a source out and apply it again: the order of its imports or its log has changed."""
        source = record.source
        things = cursor.execute(
            "select distinct thing from imports where source = ? order by 1", [source]
        ).fetchall()
        for (thing,) in things:
            change = Change(cursor, source, thing, replaces=True)
            cursor.execute(
                "create or replace temp table touched as select distinct e.key from ("
                "select key, import_id from events union all select key, import_id from leads) e "
                "join imports i on i.import_id = e.import_id "
                "where i.source = $source and i.thing = $thing",
                {"source": source, "thing": thing},
            )
            change.read([])
            settle(change, tallies)
        numbers = NumberChange(cursor, source, replaces=True)
        numbers.touch_all()
        numbers.read_again([])
        numbers.resolve()
        numbers.add_up(tallies)
        numbers.store()
        counted = self.counted(cursor, source)
        cursor.execute("delete from imports where source = ?", [source])
        forget_coverage(cursor, source)
        for run in runs(counted):
            apply_run(cursor, run, self.statements(cursor, run), tallies)
        cover(cursor, [each for each in self._ledger(source) if each.is_current])

    # --- all of it ---

    def _rebuild(self, version: int) -> int:
        """Make the cache of facts and records, import by import; small ones in runs."""
        with self.records.reading() as conn:
            rows = ledger.imports(conn)
            version = max(version, changes.data_version(conn))
        wanted = self.records.aggregates()
        tallies = [tally_sql.parse(text) for _, text in wanted]
        sources = sorted({each.source for each in rows})
        ordered = [
            each
            for source in sources
            for each in in_order([row for row in rows if row.source == source], None)
        ]
        total, done = sum(each.rows for each in ordered), 0
        with self.cache.cursor() as cursor:
            was_cut_off = cache.meta(cursor, "rebuilding") is not None
        if was_cut_off:
            self._renew()
        self._waiting.clear()
        with self.cache.cursor() as cursor:
            cache.set_meta(cursor, "rebuilding", "yes")
        self._report(Progress(0, total))
        try:
            with self.cache.cursor() as cursor:
                with cache.transaction(cursor):
                    if wanted:
                        cursor.executemany("insert into aggregates values (?, ?)", wanted)
                for run in runs(ordered):
                    self._apply_run(cursor, run, tallies)
                    done += sum(each.rows for each in run)
                    self._report(Progress(done, total))
                left_out = {import_id for _, import_id in self._waiting}
                self._fill_in_receipts(each for each in rows if each.import_id not in left_out)
                with cache.transaction(cursor):
                    cover(
                        cursor,
                        [e for e in rows if e.is_current and e.import_id not in left_out],
                    )
                    _set_waiting(cursor, self._waiting)
                    cache.set_meta(cursor, "change", str(version))
                    cursor.execute("delete from meta where name = 'rebuilding'")
        finally:
            self.rebuilding = None
        self.applied = version
        return version

    def _apply_run(
        self, cursor: DuckDBPyConnection, run: Sequence[ImportRecord], tallies: Sequence[Tally]
    ) -> None:
        """Apply a run of imports, but for those whose facts cannot be read: they wait."""
        try:
            with cache.transaction(cursor):
                apply_run(cursor, run, self.statements(cursor, run), tallies)
        except StoreError as error:
            if error.code not in _UNREADABLE:
                raise
            if len(run) > 1:
                for each in run:
                    self._apply_run(cursor, [each], tallies)
            else:
                self._waiting[ChangeKind.IMPORT, run[0].import_id] = error

    def _fill_in_receipts(self, rows: Iterable[ImportRecord]) -> None:
        """Imports recorded while nobody maintained the cache have no counts; they get none."""
        missing = [each for each in rows if not each.is_applied]
        if missing:
            with self.records.writing() as conn:
                for each in missing:
                    ledger.save_receipt(
                        conn, each.import_id, receipt_of(self.records, each, Comparison())
                    )

    def _report(self, progress: Progress) -> None:
        self.rebuilding = progress
        self.on_progress(progress)

    def _add_missing(self) -> None:
        """Add up the tallies that records name and the cache lacks, over all facts there are."""
        with self.cache.cursor() as cursor:
            known = {key for (key,) in cursor.execute("select key from aggregates").fetchall()}
            wanted = [row for row in self.records.aggregates() if row[0] not in known]
            if wanted:
                with cache.transaction(cursor):
                    self._add_up_all(cursor, [tally_sql.parse(text) for _, text in wanted])
                    cursor.executemany("insert into aggregates values (?, ?)", wanted)

    def _add_up_all(self, cursor: DuckDBPyConnection, tallies: Sequence[Tally]) -> None:
        pairs = cursor.execute(
            "select distinct source, thing from imports order by 1, 2"
        ).fetchall()
        for source, thing in pairs:
            change = Change(cursor, source, thing)
            change.resolve_all()
            change.signed_cells()
            change.add_up(tallies, only=True)
        for source in dict.fromkeys(source for source, _ in pairs):
            numbers = NumberChange(cursor, source)
            numbers.resolve_all()
            numbers.add_up(tallies, only=True)

    def load(self, cursor: DuckDBPyConnection, source: str, leads: str | None) -> None:
        """Fill the tables of an empty cache with what a source says of some leads, or of all.

        `leads` is SQL for the `key` of each; those of all its things.
        """
        where = "" if leads is None else f"and e.key in ({leads})"
        counted = in_order(self._ledger(source), None)
        for each in counted:
            note_import(cursor, each)
        for thing in sorted({each.thing for each in counted}):
            mine = [each for each in counted if each.thing == thing]
            statements = self.statements(cursor, mine)
            change = Change(cursor, source, thing, replaces=True)
            change.read([s for s in statements if s.kind != NUMBERS], where)
            change.touch_all()
            change.store(None)
            numbers = NumberChange(cursor, source)
            numbers.read([s for s in statements if s.kind == NUMBERS])
            numbers.store()

    def compact(self) -> None:
        """Gather the facts of small imports into files, one for each kind."""
        with self._writer, self.cache.cursor() as cursor:
            with self.records.reading() as conn:
                small = small_facts.small(conn)
            if not small:
                return
            ids = sorted({each.import_id for each in small})
            by_kind: dict[str, list[str]] = {}
            for each in _of_small(cursor, small):
                by_kind.setdefault(each.kind, []).append(f"select * from {each.relation}")
            selects = {kind: " union all by name ".join(some) for kind, some in by_kind.items()}
            files = self.log.write(cursor, selects, f"{ids[0]:08d}-{ids[-1]:08d}")
            held = {kind: {each.import_id for each in small if each.kind == kind} for kind in KINDS}
            with (
                self.log.recording(files, self.records.names_file),
                self.records.writing() as conn,
            ):
                fact_files.add_files(
                    conn,
                    (replace(f, import_ids=tuple(sorted(held[f.kind]))) for f in files),
                )
                small_facts.remove_small(conn, ids)

    def tidy(self) -> None:
        """Put rows in the order of their keys once many came in another, and fold `daily`.

        In that order the rows of a few leads are found without reading all.
        """
        with self._writer, self.cache.cursor() as cursor:
            total = int(cache.one(cursor, "select count(*) from events"))
            ordered = int(cache.meta(cursor, "ordered") or 0)
            if total - ordered < max(UNORDERED_ROWS, UNORDERED_SHARE * total):
                return
            for rows in ("events", "leads"):
                with cache.transaction(cursor):
                    cursor.execute(f"create table ordered as from {rows} order by key")
                    cursor.execute(f"drop table {rows}")
                    cursor.execute(f"alter table ordered rename to {rows}")
            with cache.transaction(cursor):
                cursor.execute(
                    "create table folded as select aggregate, day, channel, "
                    "cast(sum(facts) as bigint) as facts, "
                    "cast(sum(value) as decimal(38, 9)) as value from daily "
                    "group by aggregate, day, channel having sum(facts) <> 0 or sum(value) <> 0"
                )
                cursor.execute("drop table daily")
                cursor.execute("alter table folded rename to daily")
                cache.set_meta(cursor, "ordered", str(total))
            with suppress(TransactionException):  # somebody compares; a later commit does it
                cursor.execute("checkpoint")


def _set_waiting(cursor: DuckDBPyConnection, waiting: Iterable[Waiting]) -> None:
    cache.set_meta(cursor, "waiting", json.dumps([*waiting]))


def settle(change: Change, tallies: Sequence[Tally]) -> None:
    """Resolve what was read again and keep it."""
    change.resolve()
    change.signed_cells()
    change.add_up(tallies)
    change.store(None)


# --- one import, by whoever compares it: the maintainer, or a preview beside it ---


def apply(
    cursor: DuckDBPyConnection,
    record: ImportRecord,
    statements: Sequence[Statements],
    tallies: Sequence[Tally],
    reader: "Maintainer",
) -> Comparison:
    """Apply an import and say what it changed."""
    compared = compare(cursor, record, statements, reader)
    if compared.leads is not None:
        compared.leads.add_up(tallies)
        compared.leads.store(mapping_of(cursor, record))
    if compared.numbers is not None:
        compared.numbers.add_up(tallies)
        compared.numbers.store()
    return compared.counts


@dataclass(frozen=True)
class Compared:
    """What an import changes, not stored yet, and its counts.

    `is_older`: an import with later data through is there.
    """

    leads: Change | None
    numbers: NumberChange | None
    counts: Comparison
    is_older: bool


def compare(
    cursor: DuckDBPyConnection,
    record: ImportRecord,
    statements: Sequence[Statements],
    reader: "Maintainer",
) -> Compared:
    """Compare an import with what is current. It is noted among the imports of the cursor."""
    counts = Comparison()
    of_leads = [each for each in statements if each.kind != NUMBERS]
    of_days = [each for each in statements if each.kind == NUMBERS]
    newest = newest_sequence(cursor, record)
    known = newest is not None
    is_older = newest is not None and sequence_of(record) < newest
    note_import(cursor, record)
    change = numbers = None
    if of_leads:
        change = Change(cursor, record.source, record.thing, replaces=is_older, known=known)
        change.read(of_leads)
        if known and not is_older and record.grain != Grain.PUSH:
            change.touch_differing(mapping_of(cursor, record))
        elif known:
            change.touch_all()
        if is_older:
            rest = [
                each
                for each in reader.counted(cursor, record.source, record.thing)
                if each.import_id != record.import_id and each.grain != Grain.DAY
            ]
            logged = [s for s in reader.statements(cursor, rest) if s.kind != NUMBERS]
            change.read([*of_leads, *logged], "and e.key in (select key from touched)")
        change.resolve()
        change.signed_cells()
        counts = counts.plus(receipts.compare(cursor, change, record.import_id))
        flagged = receipts.before_earlier_stage(cursor, record.import_id)
        counts = counts.plus(Comparison(flagged=flagged))
        if known and record.grain in (Grain.LEAD, Grain.SNAPSHOT):
            counts = counts.plus(_cases(cursor, record, of_leads, reader))
    if of_days:
        numbers = NumberChange(cursor, record.source)
        numbers.read(of_days)
        numbers.resolve()
        counts = counts.plus(numbers.compare()).plus(numbers.missing_days())
    return Compared(change, numbers, counts, is_older)


def _cases(
    cursor: DuckDBPyConnection,
    record: ImportRecord,
    statements: Sequence[Statements],
    reader: "Maintainer",
) -> Comparison:
    """Blanks where a date stays, and leads that a full list lacks."""
    counts = Comparison()
    if record.grain == Grain.LEAD:  # a snapshot has no cells for dates, so none is blank
        covered = [name for what, name in record.covers if what == "stage"]
        counts = receipts.blank_over_date(
            cursor, covered, names_of(record, statements), record.import_id
        )
    gone = receipts.gone(cursor, record)
    if gone is not None:
        rest = [
            each
            for each in reader.counted(cursor, record.source, record.thing)
            if each.import_id != record.import_id and each.grain != Grain.DAY
        ]
        logged = [s for s in reader.statements(cursor, rest) if s.kind != NUMBERS]
        counts = counts.plus(receipts.named_gone(cursor, gone, names_of(record, logged)))
    return counts


def names_of(record: ImportRecord, statements: Sequence[Statements]) -> str:
    """SQL, to follow `from`, for the `key` and the id of each `lead` that is stated."""
    names = " union all ".join(
        f"select hash({literal(record.source)}, {literal(record.thing)}, lead) as key, lead "
        f"from {each.relation}"
        for each in statements
    )
    return f"({names}) l"


def apply_run(
    cursor: DuckDBPyConnection,
    run: Sequence[ImportRecord],
    statements: Sequence[Statements],
    tallies: Sequence[Tally],
) -> None:
    """Apply imports that follow one another in the order of their source; no counts are made."""
    first = run[0]
    known = newest_sequence(cursor, first) is not None
    for each in run:
        note_import(cursor, each)
    of_leads = [each for each in statements if each.kind != NUMBERS]
    if of_leads:
        change = Change(cursor, first.source, first.thing, known=known)
        change.read(of_leads)
        if known and len(run) == 1:
            change.touch_differing(mapping_of(cursor, first))
        elif known:
            change.touch_all()
        change.resolve()
        change.signed_cells()
        change.add_up(tallies)
        change.store(mapping_of(cursor, first))
    numbers = [each for each in statements if each.kind == NUMBERS]
    if numbers:
        of_days = NumberChange(cursor, first.source)
        of_days.read(numbers)
        of_days.resolve()
        of_days.add_up(tallies)
        of_days.store()


def in_order(rows: Iterable[ImportRecord], thing: str | None) -> list[ImportRecord]:
    """Of a source's ledger rows those whose facts count, oldest first.

    Facts count as long as their import, or another of the same bytes, is current.
    """
    rows = list(rows)
    said_again = {each.repeats for each in rows if each.is_current and each.repeats is not None}
    counted = [
        each
        for each in rows
        if each.repeats is None
        and (each.is_current or each.import_id in said_again)
        and thing in (None, each.thing)
    ]
    return sorted(counted, key=sequence_of)


def runs(ordered: Sequence[ImportRecord]) -> list[list[ImportRecord]]:
    """Imports in runs to be applied together: large ones alone, small ones of a kind in a row."""
    found: list[list[ImportRecord]] = []
    for each in ordered:
        last = found[-1][-1] if found else None
        if (
            last is not None
            and each.rows <= SMALL_RUN >= last.rows
            and (last.source, last.thing, last.mapping_name, last.grain)
            == (each.source, each.thing, each.mapping_name, each.grain)
            and sum(row.rows for row in found[-1]) < RUN_ROWS
        ):
            found[-1].append(each)
        else:
            found.append([each])
    return found


UNORDERED_ROWS, UNORDERED_SHARE = 100_000, 0.25
"""So many rows, and so large a share of all, may be out of order."""
SMALL_RUN, RUN_ROWS = 1_000, 200_000
"""Imports of up to so many rows are applied in runs of up to so many together."""


# --- the imports as the cache knows them ---


def note_import(cursor: DuckDBPyConnection, record: ImportRecord) -> None:
    """Have an import in `imports`, as its rows are read."""
    mapping = cache.one(
        cursor,
        "select mapping from mappings where source = ? and thing = ? and name = ?",
        [record.source, record.thing, record.mapping_name],
    )
    if mapping is None:
        mapping = cache.one(cursor, "select coalesce(max(mapping), 0) + 1 from mappings")
        cursor.execute(
            "insert into mappings values (?, ?, ?, ?)",
            [mapping, record.source, record.thing, record.mapping_name],
        )
    grain = Grain(record.grain)
    follows = grain is Grain.EVENT and bool(
        cache.one(cursor, "select 1 from imports where mapping = ? limit 1", [mapping])
    )
    sequence = sequence_of(record)
    if grain is Grain.EVENT:
        cursor.execute(
            "update imports set follows = true where mapping = ? and sequence > ? and history",
            [mapping, sequence],
        )
    cursor.execute(
        "insert into imports values (?, ?, ?, ?, ?, true, ?, ?, ?, ?, ?, ?, ?)",
        [
            record.import_id,
            record.source,
            record.thing,
            sequence,
            mapping,
            grain.continues,
            grain is Grain.EVENT,
            follows,
            record.first_event,
            record.ranks_at or record.data_through or record.imported_at,
            breakdown_of(record),
            record.adds,
        ],
    )
    note_mappings(cursor, record.source, record.thing)


def note_mappings(cursor: DuckDBPyConnection, source: str, thing: str) -> None:
    """Note of imports whether they are of their source's only mapping."""
    only = cache.one(
        cursor,
        "select count(distinct mapping) <= 1 from imports where source = ? and thing = ?",
        [source, thing],
    )
    cursor.execute(
        "update imports set only_mapping = $only "
        "where source = $source and thing = $thing and only_mapping <> $only",
        {"only": only, "source": source, "thing": thing},
    )


def mapping_of(cursor: DuckDBPyConnection, record: ImportRecord) -> int:
    """The number of an import's mapping."""
    return int(
        cache.one(cursor, "select mapping from imports where import_id = ?", [record.import_id])
    )


def is_applied(cursor: DuckDBPyConnection, import_id: int) -> bool:
    """Whether the cache has the facts of an import."""
    return bool(cache.one(cursor, "select 1 from imports where import_id = ?", [import_id]))


def newest_sequence(cursor: DuckDBPyConnection, record: ImportRecord) -> int | None:
    """The newest place in the order of a source's thing; None where the cache has nothing of it."""
    newest = cache.one(
        cursor,
        "select max(sequence) from imports where source = ? and thing = ?",
        [record.source, record.thing],
    )
    return None if newest is None else int(newest)


def breakdown_of(record: ImportRecord) -> str:
    """The columns by which an import's numbers are broken down."""
    return ",".join(sorted(name for what, name in record.covers if what == "breakdown"))


def cover(cursor: DuckDBPyConnection, records: Iterable[ImportRecord]) -> None:
    """Note up to when imports tell of what they cover."""
    through: dict[tuple[str, str, str], datetime] = {}
    for record in records:
        if record.data_through is None:
            continue
        for what, name in record.covers:
            key = (what, name, record.source)
            through[key] = max(through.get(key, record.data_through), record.data_through)
    if not through:
        return
    columns = [[*column] for column in zip(*through, strict=True)]
    cursor.execute(
        "insert into coverage select unnest(?), unnest(?), unnest(?), unnest(?) "
        "on conflict (what, name, source) "
        "do update set through = greatest(through, excluded.through)",
        [*columns, [*through.values()]],
    )


def forget_coverage(cursor: DuckDBPyConnection, source: str) -> None:
    """Forget what the imports of a source cover."""
    cursor.execute("delete from coverage where source = ?", [source])


def receipt_of(records: Records, record: ImportRecord, counts: Comparison | None) -> Receipt:
    """The receipt of an import with its counts; None while nobody has counted yet."""
    with records.reading() as conn:
        issues = ledger.issues(conn, record.import_id)
        issue_count = ledger.issue_count(conn, record.import_id)
    is_counted = counts is not None
    counts = counts or Comparison()
    return Receipt(
        import_id=record.import_id,
        source=record.source,
        file_name=record.file_name,
        rows=record.rows,
        new=counts.new,
        changed=counts.changed,
        unchanged=counts.unchanged,
        new_leads=counts.new_leads,
        undated=counts.undated,
        rejected_rows=record.rejected_rows,
        flagged=record.flagged,
        data_through=record.data_through,
        issue_count=issue_count,
        issues=issues,
        repeats=record.repeats,
        file_hash=record.file_hash,
        months=counts.months,
        cases=counts.cases,
        case_counts=counts.case_counts,
        is_counted=is_counted,
    )


def identity_of(records: Records) -> str:
    """Which records a cache was made of."""
    return sha256(b"cache" + records.secret()).hexdigest()


def _of_files(
    cursor: DuckDBPyConnection, log: Log, files: Sequence[FactFile], ids: Sequence[int]
) -> Iterator[Statements]:
    for kind in KINDS:
        mine = [file for file in files if file.kind == kind]
        if not mine:
            continue
        relation = log.scan(mine)
        if any(not set(file.import_ids) <= set(ids) for file in mine):
            listed = ", ".join(map(str, ids))
            relation = f"(select * from {relation} where import_id in ({listed}))"
        columns = cursor.execute(f"describe select * from {relation}").fetchall()
        yield Statements(kind, relation, tuple(name for name, *_ in columns))


def _of_small(
    cursor: DuckDBPyConnection, small: Sequence[small_facts.SmallFacts]
) -> Iterator[Statements]:
    """Small facts as temporary tables, one for all that have the same columns."""
    by_shape: dict[tuple[str, tuple[str, ...]], dict[str, list[Any]]] = {}
    for each in small:
        names = ("import_id", *each.columns)
        columns = by_shape.setdefault((each.kind, names), {name: [] for name in names})
        length = len(next(iter(each.columns.values()), []))
        columns["import_id"] += [each.import_id] * length
        for name, values in each.columns.items():
            columns[name] += values
    for (kind, names), columns in by_shape.items():
        types = {"import_id": "integer"} | columns_of(kind, names[1:])
        lists = ", ".join(f"unnest(x.{quoted(name)}) as {quoted(name)}" for name in names)
        relation = f"small_{kind}_{next(_numbers)}"
        cursor.execute(
            f"create or replace temp table {relation} as select {lists} "
            "from (select from_json($rows, $shape) as x)",
            {
                "rows": json.dumps(columns, ensure_ascii=False),
                "shape": json.dumps({name: [types[name]] for name in names}),
            },
        )
        yield Statements(kind, relation, names)
