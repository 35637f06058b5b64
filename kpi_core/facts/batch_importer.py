"""Batches into the log and the ledger: previewed, asked about, committed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Conflict, Receipt
from kpi_core.facts import aggregate_sql, cache, conflicts, figures
from kpi_core.facts.applying import Compared, compare, count, names_of, take_out
from kpi_core.facts.batch import KINDS, NUMBERS, Batch, Grain
from kpi_core.facts.change import Statements
from kpi_core.facts.conflicts import BREAKDOWN, OLDER, REPLACES, SAME_IDS, Undecided
from kpi_core.facts.log import SMALL
from kpi_core.facts.receipts import Comparison, stored_receipt
from kpi_core.facts.shared_cache import SharedCache
from kpi_core.facts.stated import (
    issue_counts,
    issues_of,
    selects_of,
    small_of,
    span_of,
    statements_of,
)
from kpi_core.records import ledger, small_facts
from kpi_core.records.errors import StoreError
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord, NewImport
from kpi_core.records.records import Records
from kpi_core.sql_text import literal

DEMO = "demo"
"""Who undoes the demo when real data come."""
CANDIDATE = 2**31 - 1
"""Stands for the number of an import that is only looked at."""
NO_DECISIONS: Mapping[str, str] = MappingProxyType({})


class BatchImporter:
    """Imports batches. Every `now` is the wall clock of the workspace's zone, without zone."""

    def __init__(self, records: Records, cache: SharedCache) -> None:
        self._records = records
        self._cache = cache

    def commit(
        self,
        batch: Batch,
        *,
        who: str,
        now: datetime,
        decisions: Mapping[str, str] = NO_DECISIONS,
        replaces: int | None = None,
        count_later: bool = False,
    ) -> Receipt:
        """Import a batch, whole or not at all; Undecided where something has to be asked first.

        `replaces` names an import whose place it takes, in the order of its source as well: that
        one is undone with it. With `count_later` the receipt may have neither counts nor issues
        yet: `counted` gives it.
        """
        check_wall_clock(now)
        self._cache.wait()
        with self._with_scratch(batch) as given:
            selects = selects_of(given, CANDIDATE)
            record = self._candidate(given, selects, now, decisions)
            if replaces is not None:
                record = replace(record, ranks_at=self._records.find_import(replaces).ranks_at)
            asked = self._ask(given, record, selects, decisions)
            if pending := conflicts.open_conflicts(asked, decisions):
                raise Undecided(pending)
            for each in asked:
                record, replaces = self._decided(record, each, decisions, replaces)
            if record.repeats is not None and not self._is_news(record):
                self._cache.settle_pending()
                return self._repeat_receipt(given, record)
            import_id = self._write(given, record, selects, who=who, now=now, replaces=replaces)
        if import_id is None:  # the same bytes came in meanwhile
            return self.commit(
                batch, who=who, now=now, decisions=decisions, replaces=replaces,
                count_later=count_later,
            )  # fmt: skip
        if count_later and self._cache.maintainer is not None:
            return Receipt(
                import_id, record.source, record.file_name, record.rows, 0, 0, 0, 0, 0, 0, 0,
                record.data_through, 0, (), record.repeats, record.file_hash, is_counted=False,
            )  # fmt: skip
        return self.counted([import_id])[0]

    def preview(
        self, batch: Batch, *, now: datetime, decisions: Mapping[str, str] = NO_DECISIONS
    ) -> Receipt:
        """The receipt that `commit` would give, with what it would ask; nothing is kept."""
        check_wall_clock(now)
        self._cache.wait()
        with self._with_scratch(batch) as given:
            selects = selects_of(given, CANDIDATE)
            record = self._candidate(given, selects, now, decisions)
            if record.repeats is not None:
                self._cache.settle_pending()
                return self._repeat_receipt(given, record)
            with self._comparing(given, record, selects) as (cursor, statements):
                compared = compare(cursor, [record], statements, self._cache.reader)
                asked = self._conflicts(cursor, given, record, statements, compared)
                counts = self._counted(cursor, record, statements, compared)
            decided, replaces = record, None
            for each in asked:
                if decisions.get(each.code) in each.options:
                    decided, replaces = self._decided(decided, each, decisions, replaces)
            if decided != record or replaces is not None:
                with self._comparing(given, decided, selects, replaces) as (cursor, statements):
                    compared = compare(cursor, [decided], statements, self._cache.reader)
                    counts = self._counted(cursor, decided, statements, compared)
            receipt = self._previewed(given, record, counts)
            return replace(receipt, conflicts=conflicts.open_conflicts(asked, decisions))

    def counted(self, import_ids: Sequence[int]) -> list[Receipt]:
        """The receipts once all is counted; without counts where that takes too long."""
        self._cache.settle()
        works = self._cache.problem is None
        receipts = [stored_receipt(self._records, each) for each in import_ids]
        return [replace(each, is_counted=each.is_counted and works) for each in receipts]

    def _counted(
        self,
        cursor: DuckDBPyConnection,
        record: ImportRecord,
        statements: Sequence[Statements],
        compared: Compared,
    ) -> Comparison:
        """The counts that an import would have."""
        counts = count(cursor, [record], statements, compared, self._cache.reader)
        return counts[record.import_id]

    @contextmanager
    def _with_scratch(self, batch: Batch) -> Iterator[Batch]:
        """The batch with all its relations in a scratch connection."""
        if batch.scratch is not None:
            yield batch
            return
        with self._cache.scratch() as scratch:
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
        recording = [each.name for each in self._records.stages() if each.kind == "lead"]
        span = span_of(batch, selects, moment, recording, self._records.zone())
        through, ranks_at = batch.data_through, None
        if through is None:
            known = partial(self._recorded, batch.source)
            through, ranks_at = span.reach(moment, known)
            if batch.grain is Grain.PUSH:  # it goes on from all there is, however old what it says
                ranks_at = now
        covers = set(batch.covers) | span.covers
        thing = batch.thing
        repeats = None
        with self._records.reading() as conn:
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
        self._cache.settle_pending()
        try:
            with self._cache.asking() as cursor:
                return figures.recorded(cursor, source, period, with_outcomes=with_outcomes)
        except StoreError as error:
            if error.code != "nothing_published":
                raise
            return {}

    def _is_news(self, record: ImportRecord) -> bool:
        """Whether the same bytes again tell further than they did."""
        assert record.repeats is not None
        with self._records.reading() as conn:
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
        with self._records.reading() as conn:
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
            compared = compare(cursor, [record], statements, self._cache.reader)
            return self._conflicts(cursor, batch, record, statements, compared)

    def _conflicts(
        self,
        cursor: DuckDBPyConnection,
        batch: Batch,
        record: ImportRecord,
        statements: Sequence[Statements],
        compared: Compared,
    ) -> tuple[Conflict, ...]:
        with self._records.reading() as conn:
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
            with self._records.reading() as conn:
                record = replace(record, ranks_at=ledger.latest_through(conn, record.source))
        if conflict.code == REPLACES and answer == "yes":
            replaces = conflict.import_id
        if conflict.code == SAME_IDS and answer == "same":
            record = replace(record, thing=conflict.examples[0])
        return record, replaces

    def _write(
        self,
        batch: Batch,
        record: ImportRecord,
        selects: Mapping[str, str],
        *,
        who: str,
        now: datetime,
        replaces: int | None,
    ) -> int | None:
        """Write facts and ledger row. With that the import is committed.

        None, and nothing is written, where it has become a repeat.
        """
        assert batch.scratch is not None
        files: tuple[FactFile, ...] = ()
        small: dict[str, small_facts.Columns] = {}
        reserved: int | None = None
        self._cache.folder.check()
        if record.repeats is None:
            if batch.rows <= SMALL:
                small = small_of(batch.scratch, selects)
            if sum(len(next(iter(each.values()), [])) for each in small.values()) > SMALL or (
                batch.rows > SMALL
            ):
                small = {}
                with self._records.writing() as conn:
                    reserved = ledger.reserve_id(conn)
                files = self._cache.log.write(
                    batch.scratch, selects_of(batch, reserved), f"{reserved:08d}"
                )
        with (
            self._cache.log.recording(files, self._records.names_file),
            self._records.writing() as conn,
        ):
            if record.repeats is None and ledger.standing_repeat(
                conn, record.source, record.content_hash
            ):
                self._cache.log.remove(self._cache.data / file.path for file in files)
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
            self._cache.folder.check()
        return import_id

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
        self._cache.settle_pending()
        cursor = batch.scratch
        statements = statements_of(cursor, selects)
        if self._cache.maintainer is None and not _is_filled(cursor):
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
        record = self._records.find_import(import_id)
        counted = self._cache.reader.counted(cursor, record.source, undone=import_id)
        if import_id not in {each.import_id for each in counted}:
            take_out(cursor, record, counted, aggregate_sql.PLAIN_TALLIES, self._cache.reader)

    def _fill(
        self,
        cursor: DuckDBPyConnection,
        record: ImportRecord,
        statements: Sequence[Statements] | None,
    ) -> None:
        """Make of a scratch connection a cache of the source, from the log.

        Of the leads in the statements, where they are given.
        """
        cache.make(cursor, self._records.stages(), self._records.zone())
        found = self._cache.published.read()
        if found is not None:
            with found[1] as published:
                rows = published.sql("select * from daily").to_arrow_table()
            cursor.register("published_daily", rows)
            cursor.execute("insert into daily select * from published_daily")
            cursor.unregister("published_daily")
        if statements is None:
            self._cache.reader.load(cursor, record.source, None)
            return
        with self._records.reading() as conn:
            things = ledger.things(conn, record.source) | {record.thing}
        keys = " union ".join(
            f"select hash({literal(record.source)}, {literal(thing)}, lead) from {each.relation}"
            for each in statements
            if each.kind != NUMBERS
            for thing in sorted(things)
        )
        self._cache.reader.load(cursor, record.source, keys or "select 0::ubigint")

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
        before = stored_receipt(self._records, record.repeats)
        return replace(
            before, import_id=None, file_name=batch.file_name, repeats=record.repeats,
            new=0, changed=0, unchanged=before.facts, new_leads=0, months=(),
            data_through=record.data_through, cases=(), case_counts=(),
        )  # fmt: skip


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


def check_wall_clock(moment: datetime) -> None:
    if moment.tzinfo is not None:
        raise ValueError(f"A wall-clock moment carries no zone: {moment}")
