"""The store: facts in, questions answered. What the rest of the product asks for numbers."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Event, Lock, Thread
from types import MappingProxyType
from typing import Any, TypeVar, cast
from uuid import uuid4

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.issue import Issue
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Conflict, Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts import aggregate_sql, cache, conflicts, figures
from kpi_core.facts.applying import Compared, compare, count, names_of, take_out
from kpi_core.facts.batch import KINDS, NUMBERS, Batch, Grain
from kpi_core.facts.change import Statements
from kpi_core.facts.conflicts import BREAKDOWN, OLDER, REPLACES, SAME_IDS, Undecided
from kpi_core.facts.figures import Coverage
from kpi_core.facts.folder import Folder
from kpi_core.facts.log import SMALL, Log
from kpi_core.facts.log_reader import LogReader
from kpi_core.facts.maintainer import Maintainer, Progress
from kpi_core.facts.published import Published
from kpi_core.facts.receipts import Comparison, receipt_of
from kpi_core.facts.stated import (
    issue_counts,
    issues_of,
    selects_of,
    small_of,
    span_of,
    statements_of,
)
from kpi_core.records import ledger, small_facts
from kpi_core.records.errors import StoreError, translated
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord, NewImport
from kpi_core.records.records import Records, open_records
from kpi_core.sql_text import literal

_log = logging.getLogger(__name__)
T = TypeVar("T")

DEMO = "demo"
"""Who undoes the demo when real data come."""
WATCH_SECONDS = 0.5
"""How often a server looks for what other processes committed."""
PUBLISH_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
"""How long an import waits for another process to count what it changed."""
RECOVERY_SECONDS = 5.0
"""How long a server waits after a failure before it tries again."""
LOOK_OVER_SECONDS = 60.0
"""How often the files of facts are looked at."""
SWEEP_SECONDS = 24 * 3600.0
COMPACT_FROM = 500
"""So many small imports are gathered into files."""
TAKEN_BACK = "taken back"
"""The mapping of what a user takes back on a receipt."""
CANDIDATE = 2**31 - 1
"""Stands for the number of an import that is only looked at."""
_NO_DECISIONS: Mapping[str, str] = MappingProxyType({})


def open_store(data: Path | str, *, records_url: str | None = None, wait: bool = True) -> "Store":
    """The store in a data folder, made or brought up to date; StoreError says why not.

    `records_url` is for records in another place than `records.db` in the folder. Without `wait`
    a cache that has to be rebuilt is left to `watch`, and what was published last is read
    meanwhile.
    """
    folder = Path(data).absolute()
    if not folder.parent.is_dir():
        raise StoreError("no_folder", path=str(folder), folder=str(folder.parent))
    if folder.exists() and not folder.is_dir():
        raise StoreError("not_a_store", path=str(folder))
    folder.mkdir(mode=0o700, exist_ok=True)
    records = open_records(records_url or f"sqlite:///{folder / 'records.db'}")
    try:
        store = Store(folder, records, wait=wait)
        store.register(aggregate_sql.PLAIN_TALLIES)
    except BaseException:
        records.close()
        raise
    return store


class Store:
    """One per process and data folder. Safe to use from many threads.

    One process at a time maintains the cache; others read what it publishes, and become the
    maintainer where none runs. Every `now` is the wall clock of the workspace's zone, without zone.
    """

    def __init__(self, data: Path, records: Records, *, wait: bool = True) -> None:
        self.data = data
        self.records = records
        self.log = Log(data)
        self._reader = LogReader(records, self.log)
        self._folder = Folder(data)
        self._published = Published(data)
        self._maintainer = Maintainer.acquire(data, records, self.log)
        self._follower: tuple[int, DuckDBPyConnection] | None = None
        self._subscribers: dict[object, Callable[[int], None]] = {}
        self._notified = 0
        self._published_version = -1
        self._published_at = 0.0
        self._answers: tuple[int, dict[str, Any]] = (-1, {})
        self._tally_keys: frozenset[str] = frozenset()
        self._lock = Lock()
        self._stop = Event()
        self._watcher: Thread | None = None
        self._problem: StoreError | None = None
        self._looked_at = self._swept_at = -math.inf
        if self._maintainer is not None and (wait or not self._reads_published):
            try:
                if self._maintainer.applied == 0:  # there are no numbers to go on with
                    self._notified = self._maintainer.catch_up()
                self._catch_up()
            except BaseException:
                self._maintainer.close()
                self._folder.close()
                raise

    # --- its life ---

    def close(self) -> None:
        """Publish what is new, wait for the change under way, then release everything."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._maintainer is not None:
            with suppress(StoreError, OSError, duckdb.Error):
                self._folder.check()
                self._publish()
            self._maintainer.close()
        if self._follower is not None:
            self._follower[1].close()
        self._folder.close()
        self.records.close()

    def watch(self) -> None:
        """From now on follow what other processes commit, publish, and gather small imports."""
        self._watcher = Thread(target=self._watch, name="store", daemon=True)
        self._watcher.start()

    @property
    def rebuilding(self) -> Progress | None:
        """How far the cache is being made anew; None when it is ready."""
        return None if self._maintainer is None else self._maintainer.rebuilding

    @property
    def problems(self) -> tuple[StoreError, ...]:
        """What keeps the store from taking or counting imports, or from reading facts, by name."""
        if gone := self._folder.problem():
            return (gone,)
        found = () if self._problem is None else (self._problem,)
        return found if self._maintainer is None else found + self._maintainer.problems

    @property
    def _reads_published(self) -> bool:
        """Whether another process has the cache, or ours is not rebuilt yet."""
        if self._maintainer is None:
            return True
        return self._maintainer.applied == 0 and self._published.newest() is not None

    def _wait_for_cache(self) -> None:
        """StoreError `rebuilding` where the cache is not ready within some seconds."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._maintainer is not None and self._reads_published:
            if time.monotonic() > until:
                progress = self.rebuilding
                raise StoreError("rebuilding", percent=0 if progress is None else progress.percent)
            time.sleep(0.05)

    @property
    def zone(self) -> str:
        """The workspace's zone: that of the first plan."""
        return self.records.zone()

    def data_version(self) -> int:
        """A number that rises with every change of what is shown. Costs nothing to ask."""
        if self._maintainer is not None and not self._reads_published:
            return self._maintainer.applied
        return self._following()[0]

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call back with each new version, after its commit; call the result to stop.

        In the thread that committed: hand over and return. A failing callback harms no other.
        """
        key = object()
        self._subscribers[key] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._stop.wait(pause):
            pause = WATCH_SECONDS
            try:
                self._folder.check()
                self._look_around()
            except StoreError as error:
                self._note(error)
                pause = WATCH_SECONDS if error.code == "folder_gone" else RECOVERY_SECONDS
            except Exception:
                _log.exception("Looking for changes by other processes failed; it is tried again")
                pause = RECOVERY_SECONDS

    def _note(self, problem: StoreError | None) -> None:
        """Remember what is wrong, and log it when that changes."""
        if str(problem) != str(self._problem):
            if problem is None:
                _log.warning("The store works again: it was %s", self._problem)
            else:
                _log.warning("The store does not work: %s", problem)
        self._problem = problem

    def _look_around(self) -> None:
        if self._maintainer is None:
            self._become_maintainer()
        if self._maintainer is None:
            self._announce(self._following()[0])
            return
        self._look_over()
        if self._maintainer.cache.is_damaged or (
            self.records.data_version() != self._maintainer.applied
        ):
            self._maintain()
        if time.monotonic() - self._published_at > PUBLISH_SECONDS:
            self._publish()
        self._compact()
        self._maintainer.tidy()
        self._note(None)

    def _look_over(self) -> None:
        """Look at the files of facts every minute, and every day for those of no import."""
        assert self._maintainer is not None
        now = time.monotonic()
        if now - self._looked_at > LOOK_OVER_SECONDS:
            self._looked_at = now
            self._maintainer.look_over()
        if now - self._swept_at > SWEEP_SECONDS:
            self._swept_at = now
            with suppress(OSError):
                self._maintainer.sweep()

    def _become_maintainer(self) -> None:
        with self._lock:
            if self._maintainer is None:
                self._maintainer = Maintainer.acquire(self.data, self.records, self.log)
                if self._maintainer is not None:
                    self._maintainer.catch_up()

    def _maintain(self) -> None:
        assert self._maintainer is not None
        self._announce(self._maintainer.catch_up())

    def _catch_up(self) -> None:
        """Apply what was committed; what hinders it is noted: it is made up for by `watch`."""
        try:
            self._look_over()
            self._maintain()
        except StoreError as error:
            self._note(error)
        else:
            self._note(None)

    def _announce(self, version: int) -> None:
        if version == self._notified:
            return
        self._notified = version
        for callback in tuple(self._subscribers.values()):
            try:
                callback(version)
            except Exception:
                _log.exception("A subscriber of the store failed")

    def _publish(self) -> None:
        assert self._maintainer is not None
        version = self._maintainer.applied
        if version == self._published_version:
            return
        with self._maintainer.cache.cursor() as cursor:
            self._published.publish(cursor, version)
        self._published_version, self._published_at = version, time.monotonic()

    # --- facts in ---

    @contextmanager
    def scratch(self) -> Iterator[DuckDBPyConnection]:
        """A cursor in which a file is made into a batch: nothing in it is seen by others."""
        if self._maintainer is not None:
            with self._maintainer.cache.cursor() as cursor:
                yield cursor
            return
        try:
            with duckdb.connect(":memory:") as connection:
                yield connection
        except duckdb.Error as error:
            raise translated(error, str(self.data)) or error from error

    def commit(
        self,
        batch: Batch,
        *,
        who: str,
        now: datetime,
        decisions: Mapping[str, str] = _NO_DECISIONS,
        replaces: int | None = None,
    ) -> Receipt:
        """Import a batch, whole or not at all; Undecided where something has to be asked first.

        `replaces` names an import whose place it takes, in the order of its source as well: that
        one is undone with it.
        """
        _check_wall_clock(now)
        self._wait_for_cache()
        with self._with_scratch(batch) as given:
            selects = selects_of(given, CANDIDATE)
            record = self._candidate(given, selects, now, decisions)
            if replaces is not None:
                record = replace(record, ranks_at=self.records.find_import(replaces).ranks_at)
            asked = self._ask(given, record, selects, decisions)
            if pending := conflicts.open_conflicts(asked, decisions):
                raise Undecided(pending)
            for each in asked:
                record, replaces = self._decided(record, each, decisions, replaces)
            if record.repeats is not None and not self._is_news(record):
                return self._repeat_receipt(given, record)
            import_id = self._write(given, record, who=who, now=now, replaces=replaces)
        if import_id is None:  # the same bytes came in meanwhile
            return self.commit(batch, who=who, now=now, decisions=decisions, replaces=replaces)
        return self._settled(import_id)

    def preview(
        self, batch: Batch, *, now: datetime, decisions: Mapping[str, str] = _NO_DECISIONS
    ) -> Receipt:
        """The receipt that `commit` would give, with what it would ask; nothing is kept."""
        _check_wall_clock(now)
        self._wait_for_cache()
        with self._with_scratch(batch) as given:
            selects = selects_of(given, CANDIDATE)
            record = self._candidate(given, selects, now, decisions)
            if record.repeats is not None:
                return self._repeat_receipt(given, record)
            with self._comparing(given, record, selects) as (cursor, statements):
                compared = compare(cursor, record, statements, self._reader)
                asked = self._conflicts(cursor, given, record, statements, compared)
                counts = count(cursor, record, statements, compared, self._reader)
            decided, replaces = record, None
            for each in asked:
                if decisions.get(each.code) in each.options:
                    decided, replaces = self._decided(decided, each, decisions, replaces)
            if decided != record or replaces is not None:
                with self._comparing(given, decided, selects, replaces) as (cursor, statements):
                    compared = compare(cursor, decided, statements, self._reader)
                    counts = count(cursor, decided, statements, compared, self._reader)
            receipt = self._previewed(given, record, counts)
            return replace(receipt, conflicts=conflicts.open_conflicts(asked, decisions))

    def withdraw(
        self, source: str, leads: Sequence[str], *, who: str, now: datetime, thing: str = "lead"
    ) -> Receipt:
        """Take back all that is current of leads; it can be undone like any import."""
        stages = [stage.name for stage in self.records.stages()]
        stated = [(lead, stage) for lead in leads for stage in stages]
        return self.take_back(source, stated, who=who, now=now, thing=thing)

    def take_back(
        self,
        source: str,
        stages: Sequence[tuple[str, str]],
        *,
        who: str,
        now: datetime,
        thing: str = "lead",
    ) -> Receipt:
        """Take back stages of leads, as pairs of both; it can be undone like any import."""
        _check_wall_clock(now)
        events = pd.DataFrame(
            {
                "line": range(1, len(stages) + 1),
                "lead": [lead for lead, _ in stages],
                "stage": [stage for _, stage in stages],
                "occurred_at": pd.Series([None] * len(stages), dtype="datetime64[us]"),
                "withdrawn": True,
            }
        )
        batch = Batch(
            source=source, file_name="", content_hash=uuid4().hex, mapping_name=TAKEN_BACK,
            mapping="", grain=Grain.PUSH, rows=len(stages), thing=thing, events=events,
            data_through=now,
        )  # fmt: skip
        return self.commit(batch, who=who, now=now)

    def taken_back(self, import_id: int) -> frozenset[tuple[str, str]]:
        """Stages of leads that were taken back since an import, of its source and thing."""
        of = self.records.find_import(import_id)
        since = [
            each
            for each in self.records.imports()
            if each.import_id > import_id
            and each.is_current
            and each.mapping_name == TAKEN_BACK
            and (each.source, each.thing) == (of.source, of.thing)
        ]
        if not since:
            return frozenset()
        with self.scratch() as cursor:
            stated = self._reader.statements(cursor, since)
            selects = [f"select lead, stage from {each.relation}" for each in stated]
            return frozenset(cursor.execute(" union ".join(selects)).fetchall())

    def undo(self, import_id: int, *, who: str, now: datetime) -> ImportRecord:
        """Undo an import; StoreError for one that is unknown or undone already."""
        _check_wall_clock(now)
        with self.records.writing() as conn:
            ledger.mark_undone(conn, import_id, who, now)
        self._after_commit()
        return self.records.find_import(import_id)

    def set_data_through(
        self, import_id: int, moment: datetime, *, who: str, now: datetime
    ) -> None:
        """Correct up to when an import tells everything; StoreError for an unknown one."""
        _check_wall_clock(moment)
        with self.records.writing() as conn:
            ledger.set_data_through(conn, import_id, moment, who, now)
        self._after_commit()

    def end_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have no number wait for a source any more, until its next import."""
        _check_wall_clock(now)
        self.records.end_source(source, who=who, now=now)
        self._after_commit()

    def resume_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have a source that had ended go on."""
        _check_wall_clock(now)
        self.records.resume_source(source, who=who, now=now)
        self._after_commit()

    def imports(self) -> tuple[ImportRecord, ...]:
        """The ledger, newest first."""
        return self.records.imports()

    def issues(self, import_id: int, limit: int = ledger.ISSUES_SHOWN) -> tuple[Issue, ...]:
        """What was wrong in an import, by line; none for an unknown one."""
        return self.records.issues(import_id, limit)

    def receipt(self, import_id: int) -> Receipt:
        """What an import did; StoreError for an unknown one."""
        receipt = self.records.receipt(import_id)
        if receipt is not None:
            return receipt
        record = self.records.find_import(import_id)
        return receipt_of(self.records, record, None)

    def catch_up(self) -> None:
        """Show what was committed to records and log by other means than this store's."""
        self._after_commit()

    def _after_commit(self) -> None:
        """Bring what is shown up to date, here or by waiting for the maintainer.

        It was committed, whatever happens here: what hinders it is noted.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        wanted = None
        while time.monotonic() < until:
            try:
                wanted = wanted or self.records.data_version()
                if self._maintainer is None:
                    self._become_maintainer()
                if self._maintainer is not None:
                    return self._catch_up()
                if self._following()[0] >= wanted:
                    return None
            except StoreError as error:
                if error.code != "nothing_published":
                    return self._note(error)
            time.sleep(0.05)
        return None

    def _settled(self, import_id: int) -> Receipt:
        """The receipt once the maintainer has counted; without counts where that takes too long."""
        self._after_commit()
        receipt = self.receipt(import_id)
        return replace(receipt, is_counted=receipt.is_counted and self._problem is None)

    @contextmanager
    def _with_scratch(self, batch: Batch) -> Iterator[Batch]:
        """The batch with all its relations in a scratch connection."""
        if batch.scratch is not None:
            yield batch
            return
        with self.scratch() as scratch:
            named: dict[str, Any] = {"scratch": scratch}
            for kind in KINDS:
                frame = batch.relation(kind)
                if frame is not None and not isinstance(frame, str):
                    scratch.register(f"batch_{kind}", frame)
                    named[kind] = f"batch_{kind}"
            yield replace(batch, **named)

    def _candidate(
        self,
        batch: Batch,
        selects: Mapping[str, str],
        now: datetime,
        decisions: Mapping[str, str],
    ) -> ImportRecord:
        """The ledger row that the batch would have."""
        moment = batch.written_at or now
        recording = [each.name for each in self.records.stages() if each.kind == "lead"]
        span = span_of(batch, selects, moment, recording, self.zone)
        through, ranks_at = batch.data_through, None
        if through is None:
            known = partial(self._recorded, batch.source)
            through, ranks_at = span.reach(moment, known)
            if batch.grain is Grain.PUSH:  # it goes on from all there is, however old what it says
                ranks_at = now
        covers = set(batch.covers) | span.covers
        thing = batch.thing
        repeats = None
        with self.records.reading() as conn:
            same = ledger.standing_repeat(conn, batch.source, batch.content_hash)
            before = ledger.newest_of_mapping(conn, batch.source, batch.mapping_name)
        if before is not None and before.thing != batch.thing and batch.grain is not Grain.PUSH:
            thing = before.thing
        if same is not None:
            repeats = same.repeats or same.import_id
        return ImportRecord(
            import_id=CANDIDATE, source=batch.source, thing=thing, file_name=batch.file_name,
            file_hash=batch.file_hash, content_hash=batch.content_hash,
            mapping_name=batch.mapping_name, grain=batch.grain.value, rows=batch.rows,
            data_through=through, ranks_at=ranks_at, repeats=repeats, demo=batch.demo,
            imported_at=now, imported_by="", undone_at=None, undone_by=None, new=0, changed=0,
            unchanged=0, rejected_rows=0, flagged=0, covers=tuple(sorted(covers)),
            first_event=span.first, adds=decisions.get(BREAKDOWN) == "add", is_applied=False,
        )  # fmt: skip

    def _recorded(self, source: str, period: Period, with_outcomes: bool) -> Mapping[date, int]:
        """How many events of a source were recorded on each day; none before anything is shown."""
        try:
            with self._asking() as cursor:
                return figures.recorded(cursor, source, period, with_outcomes=with_outcomes)
        except StoreError as error:
            if error.code != "nothing_published":
                raise
            return {}

    def _is_news(self, record: ImportRecord) -> bool:
        """Whether the same bytes again tell further than they did."""
        assert record.repeats is not None
        with self.records.reading() as conn:
            known = ledger.repeats_through(conn, record.repeats)
        return record.data_through is not None and (known is None or known < record.data_through)

    def _ask(
        self,
        batch: Batch,
        record: ImportRecord,
        selects: Mapping[str, str],
        decisions: Mapping[str, str],
    ) -> tuple[Conflict, ...]:
        """What has to be asked of the batch; looked for only where it can be."""
        if record.repeats is not None or batch.grain is Grain.PUSH or batch.demo:
            return ()
        with self.records.reading() as conn:
            if ledger.current_demos(conn):
                return ()  # the demo goes with the first file of one's own
            things = ledger.things(conn, batch.source)
            if not things:
                return ()
            later = ledger.latest_through(conn, batch.source)
        through = record.ranks_at or record.data_through or record.imported_at
        if not (
            (later is not None and later > through)
            or batch.without_ids
            or NUMBERS in selects
            or things - {record.thing}
        ):
            return ()
        with self._comparing(batch, record, selects) as (cursor, statements):
            compared = compare(cursor, record, statements, self._reader)
            return self._conflicts(cursor, batch, record, statements, compared)

    def _conflicts(
        self,
        cursor: DuckDBPyConnection,
        batch: Batch,
        record: ImportRecord,
        statements: Sequence[Statements],
        compared: Compared,
    ) -> tuple[Conflict, ...]:
        with self.records.reading() as conn:
            if ledger.current_demos(conn):
                return ()
            before = ledger.newest_of_mapping(conn, batch.source, batch.mapping_name)
        is_new = before is None
        return _conflicts(cursor, batch, record, statements, compared, is_new_mapping=is_new)

    def _decided(
        self,
        record: ImportRecord,
        conflict: Conflict,
        decisions: Mapping[str, str],
        replaces: int | None,
    ) -> tuple[ImportRecord, int | None]:
        """The ledger row as the answer has it, and the import to be undone with it."""
        answer = decisions[conflict.code]
        if conflict.code == OLDER and answer == "overwrite":
            with self.records.reading() as conn:
                record = replace(record, ranks_at=ledger.latest_through(conn, record.source))
        if conflict.code == REPLACES and answer == "yes":
            replaces = conflict.import_id
        if conflict.code == SAME_IDS and answer == "same":
            record = replace(record, thing=conflict.examples[0])
        return record, replaces

    def _write(
        self, batch: Batch, record: ImportRecord, *, who: str, now: datetime, replaces: int | None
    ) -> int | None:
        """Write facts and ledger row. With that the import is committed.

        None, and nothing is written, where it has become a repeat.
        """
        assert batch.scratch is not None
        files: tuple[FactFile, ...] = ()
        small: dict[str, small_facts.Columns] = {}
        reserved: int | None = None
        self._folder.check()
        if record.repeats is None:
            if batch.rows <= SMALL:
                small = small_of(batch.scratch, selects_of(batch, None))
            if sum(len(next(iter(each.values()), [])) for each in small.values()) > SMALL or (
                batch.rows > SMALL
            ):
                small = {}
                with self.records.writing() as conn:
                    reserved = ledger.reserve_id(conn)
                files = self.log.write(
                    batch.scratch, selects_of(batch, reserved), f"{reserved:08d}"
                )
        with (
            self.log.recording(files, self.records.names_file),
            self.records.writing() as conn,
        ):
            if record.repeats is None and ledger.standing_repeat(
                conn, record.source, record.content_hash
            ):
                self.log.remove(self.data / file.path for file in files)
                return None
            import_id = reserved or ledger.reserve_id(conn)
            if not batch.demo:
                for demo in ledger.current_demos(conn):
                    ledger.mark_undone(conn, demo, DEMO, now)
            ledger.add_import(
                conn,
                NewImport(
                    import_id=import_id, source=record.source, thing=record.thing,
                    file_name=record.file_name, file_hash=record.file_hash,
                    content_hash=record.content_hash, mapping_name=record.mapping_name,
                    mapping=batch.mapping, grain=record.grain, rows=record.rows,
                    imported_at=now, imported_by=who, data_through=record.data_through,
                    ranks_at=record.ranks_at, repeats=record.repeats, replaces=replaces,
                    demo=record.demo,
                    covers=record.covers, first_event=record.first_event, adds=record.adds,
                    issues=issues_of(batch), files=files, small=small,
                ),
            )  # fmt: skip
            self._folder.check()
        return import_id

    # --- comparing without keeping ---

    @contextmanager
    def _comparing(
        self,
        batch: Batch,
        record: ImportRecord,
        selects: Mapping[str, str],
        replaces: int | None = None,
    ) -> Iterator[tuple[DuckDBPyConnection, list[Statements]]]:
        """A cursor in which the batch can be compared; nothing done in it is kept.

        The import whose place it takes, if any, is taken out before.
        """
        assert batch.scratch is not None
        cursor = batch.scratch
        statements = statements_of(cursor, selects)
        if self._maintainer is None and not _is_filled(cursor):
            self._fill(cursor, record, None if batch.without_ids else statements)
        cursor.execute("begin")
        try:
            if replaces is not None:
                self._take_out(cursor, replaces)
            yield cursor, statements
        finally:
            with suppress(duckdb.Error):
                cursor.execute("rollback")

    def _take_out(self, cursor: DuckDBPyConnection, import_id: int) -> None:
        """Take an import out of a cursor in which it is only looked at what would change."""
        record = self.records.find_import(import_id)
        counted = self._reader.counted(cursor, record.source, undone=import_id)
        if import_id not in {each.import_id for each in counted}:
            take_out(cursor, record, counted, aggregate_sql.PLAIN_TALLIES, self._reader)

    def _fill(
        self,
        cursor: DuckDBPyConnection,
        record: ImportRecord,
        statements: Sequence[Statements] | None,
    ) -> None:
        """Make of a scratch connection a cache of the source, from the log.

        Of the leads in the statements, where they are given.
        """
        cache.make(cursor, self.records.stages(), self.zone)
        found = self._published.read()
        if found is not None:
            with found[1] as published:
                rows = published.sql("select * from daily").to_arrow_table()
            cursor.register("published_daily", rows)
            cursor.execute("insert into daily select * from published_daily")
            cursor.unregister("published_daily")
        if statements is None:
            self._reader.load(cursor, record.source, None)
            return
        with self.records.reading() as conn:
            things = ledger.things(conn, record.source) | {record.thing}
        keys = " union ".join(
            f"select hash({literal(record.source)}, {literal(thing)}, lead) from {each.relation}"
            for each in statements
            if each.kind != NUMBERS
            for thing in sorted(things)
        )
        self._reader.load(cursor, record.source, keys or "select 0::ubigint")

    def _previewed(self, batch: Batch, record: ImportRecord, counts: Comparison) -> Receipt:
        issues, issue_count, rejected, flagged = issue_counts(
            chain(issues_of(batch), counts.flagged)
        )
        return Receipt(
            None, record.source, record.file_name, record.rows, counts.new, counts.changed,
            counts.unchanged, counts.new_leads, counts.undated, rejected, flagged,
            record.data_through, issue_count, issues, record.repeats, record.file_hash,
            counts.months, (), counts.cases, counts.case_counts,
        )  # fmt: skip

    def _repeat_receipt(self, batch: Batch, record: ImportRecord) -> Receipt:
        """Of the same bytes again: every fact is known."""
        assert record.repeats is not None
        before = self.receipt(record.repeats)
        return replace(
            before, import_id=None, file_name=batch.file_name, repeats=record.repeats,
            new=0, changed=0, unchanged=before.facts, new_leads=0, months=(),
            data_through=record.data_through, cases=(), case_counts=(),
        )  # fmt: skip

    # --- questions ---

    @contextmanager
    def _asking(self) -> Iterator[DuckDBPyConnection]:
        if self._maintainer is not None and not self._reads_published:
            with self._maintainer.cache.cursor() as cursor:
                yield cursor
            return
        with self._following()[1].cursor() as cursor:
            yield cursor

    def _following(self) -> tuple[int, DuckDBPyConnection]:
        """The newest published version and its tables; StoreError where there is none."""
        with self._lock:
            newest = self._published.newest()
            if self._follower is None or (newest is not None and newest[0] > self._follower[0]):
                found = self._published.read()
                if found is None and self._follower is None:
                    raise StoreError("nothing_published", path=str(self.data))
                if found is not None:
                    self._follower = found
            assert self._follower is not None
            return self._follower

    def daily(
        self,
        tallies: Sequence[Tally],
        period: Period,
        known: date = date.max,
        *,
        zone: str | None = None,
    ) -> dict[Tally, dict[date, float]]:
        """Each registered tally per day, over all channels; days without a value are left out.

        Of a cohort those count who came so far by the day `known`. Days are those of `zone`.
        """
        with self._asking() as cursor:
            asked = self._registered(tallies, zone)
            found = figures.daily(cursor, asked, period, known)
        return {tally: found[each] for tally, each in zip(tallies, asked, strict=True)}

    def by_channel(
        self, tallies: Sequence[Tally], period: Period, *, zone: str | None = None
    ) -> dict[Tally, dict[str, float]]:
        """Each registered tally per channel over the period; '' where no channel is known."""
        with self._asking() as cursor:
            asked = self._registered(tallies, zone)
            found = figures.by_channel(cursor, asked, period)
        return {tally: found[each] for tally, each in zip(tallies, asked, strict=True)}

    def coverage(self) -> Coverage:
        """Up to when the facts of each stage, activity and measure are known."""

        def ask() -> Coverage:
            with self._asking() as cursor:
                return figures.coverage(cursor, self.records.ended_sources())

        return self._once("coverage", ask)

    def _once(self, name: str, ask: Callable[[], T]) -> T:
        """An answer that is asked for once per data version: every report begins with it."""
        version = self.data_version()
        if self._answers[0] != version:
            self._answers = version, {}
        answers = self._answers[1]
        if name not in answers:
            answers[name] = ask()
        return cast("T", answers[name])

    def data_through(self, tallies: Sequence[Tally]) -> datetime | None:
        """Up to when the facts of all the tallies are known; None where none has facts."""
        return self.coverage().through(tallies)

    def first_day(self, tallies: Sequence[Tally], *, zone: str | None = None) -> date | None:
        """The oldest day on which any of the tallies has a value; None where none has one."""
        asked = self._registered(tallies, zone)

        def ask() -> date | None:
            with self._asking() as cursor:
                return figures.first_day(cursor, asked)

        return self._once(f"first day of {' '.join(each.key for each in asked)}", ask)

    def undated(self, stage: Stage) -> int:
        """Leads that reached the stage, date unknown."""
        with self._asking() as cursor:
            return figures.undated(cursor, stage)

    def leads(self) -> int:
        """Leads of which any event is current; the same id in two sources is two leads."""
        with self._asking() as cursor:
            return figures.leads(cursor)

    def is_empty(self) -> bool:
        """No fact is current."""
        with self._asking() as cursor:
            return not figures.has_facts(cursor)

    def holds_demo(self) -> bool:
        """Something of the demo is current."""

        def ask() -> bool:
            with self.records.reading() as conn:
                return bool(ledger.current_demos(conn))

        return self._once("demo", ask)

    # --- plans ---

    def save_revision(
        self,
        plan_id: str,
        text: str,
        *,
        effective_from: date | None,
        tallies: Sequence[Tally],
        who: str,
        why: str,
        now: datetime,
        zone: str | None = None,
    ) -> int:
        """Save a plan's text and maintain its tallies in its zone. Returns the revision's number.

        The newest revision, saved again with the same text for the same month on, changes
        nothing and keeps its number. The zone of the first plan is the workspace's.
        """
        _check_wall_clock(now)
        number = self.records.save_revision(
            plan_id, text, effective_from=effective_from, who=who, why=why, now=now, zone=zone
        )
        self.register(tallies, zone=zone)
        self._after_commit()
        return number

    def register(self, tallies: Sequence[Tally], *, zone: str | None = None) -> None:
        """Maintain tallies from now on, by the days of `zone`; those that are cost nothing."""
        asked = self._in_zone(tallies, zone)
        if not self._unknown(asked):
            return
        self.records.add_aggregates([(tally.key, aggregate_sql.document(tally)) for tally in asked])
        self._after_commit()
        self._tally_keys = frozenset(key for key, _ in self.records.aggregates())

    def _registered(self, tallies: Sequence[Tally], zone: str | None) -> Sequence[Tally]:
        asked = self._in_zone(tallies, zone)
        if unknown := self._unknown(asked):
            raise LookupError(f"Not maintained; register it first: {unknown[0]}")
        return asked

    def _in_zone(self, tallies: Sequence[Tally], zone: str | None) -> Sequence[Tally]:
        """The tallies by the days of a zone; numbers of a day are of that day everywhere."""
        if zone is None or zone == self.zone:
            return tallies
        return [
            each if each.kind in (TallyKind.MEASURE, TallyKind.LEVEL) else replace(each, zone=zone)
            for each in tallies
        ]

    def _unknown(self, tallies: Sequence[Tally]) -> list[Tally]:
        """The tallies that records do not name."""
        unknown = [tally for tally in tallies if tally.key not in self._tally_keys]
        if unknown:
            self._tally_keys = frozenset(key for key, _ in self.records.aggregates())
        return [tally for tally in unknown if tally.key not in self._tally_keys]

    # --- in the background ---

    def _compact(self) -> None:
        """Gather small imports into files once there are many."""
        assert self._maintainer is not None
        with self.records.reading() as conn:
            count = small_facts.count(conn)
        if count >= COMPACT_FROM:
            self._maintainer.compact()


def _conflicts(
    cursor: DuckDBPyConnection,
    batch: Batch,
    record: ImportRecord,
    statements: Sequence[Statements],
    compared: Compared,
    *,
    is_new_mapping: bool,
) -> tuple[Conflict, ...]:
    """What has to be asked of an import that was compared."""
    if batch.grain is Grain.PUSH or batch.demo:
        return ()
    found: list[Conflict] = []
    if compared.is_older and compared.leads is not None:
        of_leads = [each for each in statements if each.kind != NUMBERS]
        names = None if batch.without_ids else names_of(record, of_leads)
        found += conflicts.older(cursor, record.import_id, names)
    if compared.numbers is not None:
        if not found:
            found += conflicts.older_numbers(cursor, record.import_id)
        found += conflicts.breakdown(cursor, record.import_id)
    leads = compared.leads
    if batch.without_ids and not batch.grain.continues and leads is not None and leads.known:
        found += conflicts.replaces(cursor, record)
    if is_new_mapping:
        found += conflicts.same_ids(cursor, record, statements)
    return tuple(found)


def _is_filled(cursor: DuckDBPyConnection) -> bool:
    """Whether a scratch connection holds a cache already."""
    return bool(
        cursor.execute("select 1 from duckdb_tables() where table_name = 'imports'").fetchall()
    )


def _check_wall_clock(moment: datetime) -> None:
    if moment.tzinfo is not None:
        raise ValueError(f"A wall-clock moment carries no zone: {moment}")
