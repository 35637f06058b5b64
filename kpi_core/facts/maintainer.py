"""Who keeps the cache up to date: one process at a time, change by change of the records."""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import RLock
from typing import TypeAlias

from duckdb import DuckDBPyConnection, TransactionException
from filelock import FileLock, Timeout

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.issue import Issue
from kpi_core.domain.receipt import Receipt
from kpi_core.facts import aggregate_sql, cache, receipts
from kpi_core.facts.applied import (
    SMALL_RUN,
    cover,
    forget_coverage,
    in_order,
    is_applied,
    runs,
)
from kpi_core.facts.applying import apply, apply_run, settle, take_out
from kpi_core.facts.batch import KINDS, Grain
from kpi_core.facts.cache import Cache
from kpi_core.facts.change import Change
from kpi_core.facts.daily_numbers import NumberChange
from kpi_core.facts.expiry import remove_expired
from kpi_core.facts.log import Log
from kpi_core.facts.log_reader import LogReader, of_small
from kpi_core.facts.receipts import Comparison, receipt_of
from kpi_core.records import changes, fact_files, import_receipts, ledger, small_facts, workspace
from kpi_core.records.changes import ChangeKind
from kpi_core.records.errors import StoreError
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records

_log = logging.getLogger(__name__)

UNORDERED_ROWS, UNORDERED_SHARE = 100_000, 0.25
"""So many rows, and so large a share of all, may be out of order."""

Waiting: TypeAlias = tuple[ChangeKind, int]
"""A change that could not be applied yet: of which kind, and of which import."""
_UNREADABLE = ("facts_missing", "facts_damaged")


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
    reader: LogReader
    zone: str
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
            store, zone = Cache(data / "cache.duckdb"), records.zone()
            store.open(records.stages(), identity_of(records), zone)
            maintainer = cls(data, records, store, log, LogReader(records, log), zone, _lock=lock)
            maintainer._remember()
        except BaseException:
            lock.release()
            raise
        return maintainer

    def _remember(self) -> None:
        """Read from the cache up to where it came; one that cannot be read is rebuilt."""
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
            has_moved = workspace.zone(conn) != self.zone
        if self.cache.is_damaged or is_ahead or has_moved:
            self._renew()
            with self.records.reading() as conn:
                pending = changes.changes_since(conn, self.applied)
        if self.applied == 0 and len(pending) > 1:
            return self._rebuild(pending[-1].id)
        self._match_aggregates()
        for run in self._runs(pending):
            self._apply_or_wait(run)
        return self.applied

    def _runs(self, pending: Sequence[changes.Change]) -> Iterator[Sequence[changes.Change]]:
        """The changes in runs to be applied together: small imports of a kind in a row."""
        with self.records.reading() as conn:
            rows = ledger.find_imports(
                conn, [each.import_id for each in pending if each.import_id is not None]
            )

        def is_plain(change: changes.Change) -> bool:
            row = rows.get(change.import_id or 0)
            if row is None or change.kind != ChangeKind.IMPORT:
                return False
            return row.is_current and row.repeats is None and row.grain != Grain.DAY

        for plain, together in groupby(pending, is_plain):
            some = list(together)
            if not plain:
                yield from ([each] for each in some)
                continue
            for run in runs([rows[each.import_id or 0] for each in some], SMALL_RUN):
                yield some[: len(run)]
                some = some[len(run) :]

    def _renew(self) -> None:
        """Start over: the cache is damaged, of a later moment than the records, or another zone."""
        self.zone = self.records.zone()
        self.cache.renew(self.records.stages(), identity_of(self.records), self.zone)
        self.applied = 0
        self._waiting.clear()

    def _apply_or_wait(self, run: Sequence[changes.Change]) -> None:
        """Apply changes. One whose facts cannot be read waits, and those after it do not."""
        change = run[-1]
        try:
            self._apply_changes(run)
            return
        except StoreError as error:
            if error.code not in (*_UNREADABLE, "out_of_memory") or change.import_id is None:
                raise
            problem = error
        except Exception as error:  # of a run NotApart, too
            if change.import_id is None:
                raise
            if "has been invalidated" in str(error):  # by another use of the cache
                raise StoreError("cache_damaged", path=str(self.cache.path)) from error
            if len(run) == 1:
                _log.exception("Import %s could not be counted", change.import_id)
            problem = StoreError("import_not_counted", import_id=change.import_id)
        if len(run) == 1:
            self._wait(change.kind, change.import_id, problem, applied=change.id)
            return
        for half in (run[: len(run) // 2], run[len(run) // 2 :]):
            self._apply_or_wait(half)

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
        ids = [each.import_id for each in in_order(self.reader.ledger_of(source), None)]
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

    def _apply_changes(self, run: Sequence[changes.Change]) -> None:
        """Apply a change, or imports that can be applied together."""
        change = run[-1]
        with self.cache.cursor() as cursor:
            tallies = self._tallies(cursor)
            settled: list[tuple[Receipt, tuple[Issue, ...]]] = []
            with cache.transaction(cursor):
                match change.kind:
                    case ChangeKind.IMPORT:
                        ids = [each.import_id for each in run if each.import_id is not None]
                        settled = self._import(cursor, ids, tallies)
                    case ChangeKind.UNDO:
                        assert change.import_id is not None
                        self._undo(cursor, change.import_id, tallies)
                    case ChangeKind.DATA_THROUGH | ChangeKind.ERASE:
                        assert change.import_id is not None
                        self._again(cursor, self.records.find_import(change.import_id), tallies)
                    case _:
                        pass
                cache.set_meta(cursor, "change", str(change.id))
                if settled:  # first, so that none is missing of what is applied
                    self._save_receipts(cursor, settled)
        self.applied = change.id

    def _save_receipts(
        self, cursor: DuckDBPyConnection, settled: Iterable[tuple[Receipt, Iterable[Issue]]]
    ) -> None:
        with self.records.writing() as conn:
            for receipt, flagged in settled:
                assert receipt.import_id is not None
                if import_receipts.receipt(conn, receipt.import_id) is not None:
                    continue
                import_receipts.add_issues(conn, receipt.import_id, flagged)
                for code, count in receipt.case_counts:
                    if count > receipts.CASES_SHOWN:
                        found = receipts.all_cases(cursor, code)
                        import_receipts.add_cases(conn, receipt.import_id, found)
                import_receipts.save_receipt(conn, receipt.import_id, receipt)

    @staticmethod
    def _tallies(cursor: DuckDBPyConnection) -> tuple[Tally, ...]:
        rows = cursor.execute("select document from aggregates").fetchall()
        return tuple(aggregate_sql.parse(text) for (text,) in rows)

    # --- imports ---

    def _import(
        self, cursor: DuckDBPyConnection, import_ids: Sequence[int], tallies: Sequence[Tally]
    ) -> list[tuple[Receipt, tuple[Issue, ...]]]:
        """Apply imports: of each its receipt, and what is flagged now that it meets what is stored.

        Those that are applied already are left out.
        """
        with self.records.reading() as conn:
            found = ledger.find_imports(conn, import_ids)
        run = [found[each] for each in import_ids]
        cover(cursor, [each for each in run if each.is_current])
        run = [each for each in run if not is_applied(cursor, each.import_id)]
        if not run:
            return []
        if len(run) == 1 and (run[0].repeats is not None or not self._counts(run[0])):
            return [(self._repeated(run[0]), ())]
        counts = apply(cursor, run, self.reader.statements(cursor, run), tallies, self.reader)
        return [self._receipt_of(each, counts[each.import_id]) for each in run]

    def _receipt_of(
        self, record: ImportRecord, counts: Comparison
    ) -> tuple[Receipt, tuple[Issue, ...]]:
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

    def _undo(self, cursor: DuckDBPyConnection, import_id: int, tallies: Sequence[Tally]) -> None:
        """Take an import's facts out, unless an import of the same bytes still says them."""
        record = self.records.find_import(import_id)
        owner = record if record.repeats is None else self.records.find_import(record.repeats)
        counted = self.reader.counted(cursor, owner.source)
        forget_coverage(cursor, owner.source)
        cover(cursor, [each for each in self.reader.ledger_of(owner.source) if each.is_current])
        if owner.import_id not in {each.import_id for each in counted}:
            take_out(cursor, owner, counted, tallies, self.reader)

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
        counted = self.reader.counted(cursor, source)
        cursor.execute("delete from imports where source = ?", [source])
        forget_coverage(cursor, source)
        for run in runs(counted):
            apply_run(cursor, run, self.reader.statements(cursor, run), tallies)
        cover(cursor, [each for each in self.reader.ledger_of(source) if each.is_current])

    # --- all of it ---

    def _rebuild(self, version: int) -> int:
        """Make the cache of facts and records, import by import; small ones in runs."""
        with self.records.reading() as conn:
            rows = ledger.imports(conn)
            version = max(version, changes.data_version(conn))
        wanted = self.records.aggregates()
        tallies = [aggregate_sql.parse(text) for _, text in wanted]
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
        """Apply a run of imports, but for those that cannot be read or counted: they wait."""
        try:
            with cache.transaction(cursor):
                apply_run(cursor, run, self.reader.statements(cursor, run), tallies)
        except StoreError as error:
            if error.code not in _UNREADABLE:
                raise
            problem = error
        except Exception as error:
            if "has been invalidated" in str(error):  # by another use of the cache
                raise StoreError("cache_damaged", path=str(self.cache.path)) from error
            _log.exception("Imports %s could not be counted", [each.import_id for each in run])
            problem = StoreError("import_not_counted", import_id=run[0].import_id)
        else:
            return
        if len(run) > 1:
            for each in run:
                self._apply_run(cursor, [each], tallies)
        else:
            self._waiting[ChangeKind.IMPORT, run[0].import_id] = problem

    def _fill_in_receipts(self, rows: Iterable[ImportRecord]) -> None:
        """Imports recorded while no process maintained the cache have no counts; they get none."""
        missing = [each for each in rows if not each.is_applied]
        if missing:
            with self.records.writing() as conn:
                for each in missing:
                    import_receipts.save_receipt(
                        conn, each.import_id, receipt_of(self.records, each, Comparison())
                    )

    def _report(self, progress: Progress) -> None:
        self.rebuilding = progress
        self.on_progress(progress)

    def _match_aggregates(self) -> None:
        """Have the tallies that records name: new ones are added up over all facts there are."""
        wanted = dict(self.records.aggregates())
        with self.cache.cursor() as cursor:
            known = {key for (key,) in cursor.execute("select key from aggregates").fetchall()}
            new = {key: text for key, text in wanted.items() if key not in known}
            gone = sorted(known - wanted.keys())
            if not new and not gone:
                return
            with cache.transaction(cursor):
                for table, column in (("aggregates", "key"), ("daily", "aggregate")):
                    cursor.execute(
                        f"delete from {table} where {column} in (select unnest(?::varchar[]))",
                        [gone],
                    )
                if new:
                    self._add_up_all(cursor, [aggregate_sql.parse(text) for text in new.values()])
                    cursor.executemany("insert into aggregates values (?, ?)", [*new.items()])

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

    def compact(self) -> None:
        """Gather the facts of small imports into files, one for each kind."""
        with self._writer, self.cache.cursor() as cursor:
            with self.records.reading() as conn:
                small = small_facts.small(conn)
            if not small:
                return
            ids = sorted({each.import_id for each in small})
            by_kind: dict[str, list[str]] = {}
            for each in of_small(cursor, small):
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
                    "cast(sum(value) as decimal(38, 9)) as value, part from daily "
                    "group by aggregate, day, channel, part "
                    "having sum(facts) <> 0 or sum(value) <> 0"
                )
                cursor.execute("alter table folded alter part set default ''")
                cursor.execute("drop table daily")
                cursor.execute("alter table folded rename to daily")
                cache.set_meta(cursor, "ordered", str(total))
            with suppress(TransactionException):  # a comparison is running; a later commit does it
                cursor.execute("checkpoint")


def _set_waiting(cursor: DuckDBPyConnection, waiting: Iterable[Waiting]) -> None:
    cache.set_meta(cursor, "waiting", json.dumps([*waiting]))


def identity_of(records: Records) -> str:
    """Which records a cache was made of."""
    return sha256(b"cache" + records.secret()).hexdigest()
