"""The store: facts in, questions answered. What the rest of the product asks for numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import uuid4

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.issue import Issue
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts import aggregate_sql, attributes, figures
from kpi_core.facts.attributes import AttributeValues
from kpi_core.facts.batch import Batch, Grain
from kpi_core.facts.batch_importer import NO_DECISIONS, BatchImporter, check_wall_clock
from kpi_core.facts.figures import Coverage
from kpi_core.facts.maintained_tallies import MaintainedTallies, in_zone
from kpi_core.facts.maintainer import Progress
from kpi_core.facts.receipts import stored_receipt
from kpi_core.facts.shared_cache import SharedCache
from kpi_core.records import ledger
from kpi_core.records.errors import StoreError
from kpi_core.records.import_receipts import ISSUES_SHOWN
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records, open_records

T = TypeVar("T")

TAKEN_BACK = "taken back"
"""The mapping of what a user takes back on a receipt."""


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
        self.cache = SharedCache(data, records, wait=wait)
        self._importer = BatchImporter(records, self.cache)
        self._answers: tuple[int, dict[str, Any]] = (-1, {})
        self._maintained = MaintainedTallies(records, self.cache)

    # --- its life ---

    def close(self) -> None:
        """Publish what is new, wait for the change under way, then release everything."""
        self.cache.close()
        self.records.close()

    def watch(self) -> None:
        """From now on follow what other processes commit, publish, and gather small imports."""
        self.cache.watch()

    @property
    def rebuilding(self) -> Progress | None:
        """How far the rebuild of the cache is; None when it is ready."""
        return self.cache.rebuilding

    @property
    def problems(self) -> tuple[StoreError, ...]:
        """What keeps the store from taking or counting imports, or from reading facts, by name."""
        return self.cache.problems

    @property
    def zone(self) -> str:
        """The workspace's zone: that of the first plan. Read once per data version."""
        try:
            return self._once("zone", self.records.zone)
        except StoreError:  # another process has the cache, and has published nothing yet
            return self.records.zone()

    def data_version(self) -> int:
        """A number that rises with every change of what is shown. Costs nothing to ask."""
        return self.cache.data_version()

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call back with each new version, after its commit; call the result to stop.

        In the thread that committed: hand over and return. A failing callback harms no other.
        """
        return self.cache.subscribe(callback)

    def scratch(self) -> AbstractContextManager[DuckDBPyConnection]:
        """A cursor in which a file is made into a batch: nothing in it is seen by others."""
        return self.cache.scratch()

    # --- facts in ---

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
        return self._importer.commit(
            batch, who=who, now=now, decisions=decisions, replaces=replaces, count_later=count_later
        )

    def counted(self, import_ids: Sequence[int]) -> list[Receipt]:
        """The receipts of imports that were to be counted later: many in the time of a few."""
        return self._importer.counted(import_ids)

    def preview(
        self, batch: Batch, *, now: datetime, decisions: Mapping[str, str] = NO_DECISIONS
    ) -> Receipt:
        """The receipt that `commit` would give, with what it would ask; nothing is kept."""
        return self._importer.preview(batch, now=now, decisions=decisions)

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
        check_wall_clock(now)
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
        with self.cache.scratch() as cursor:
            stated = self.cache.reader.statements(cursor, since)
            selects = [f"select lead, stage from {each.relation}" for each in stated]
            return frozenset(cursor.execute(" union ".join(selects)).fetchall())

    def undo(self, import_id: int, *, who: str, now: datetime) -> ImportRecord:
        """Undo an import; StoreError for one that is unknown or undone already."""
        check_wall_clock(now)
        with self.records.writing() as conn:
            ledger.mark_undone(conn, import_id, who, now)
        self.cache.settle()
        return self.records.find_import(import_id)

    def set_data_through(
        self, import_id: int, moment: datetime, *, who: str, now: datetime
    ) -> None:
        """Correct up to when an import tells everything; StoreError for an unknown one."""
        check_wall_clock(moment)
        with self.records.writing() as conn:
            ledger.set_data_through(conn, import_id, moment, who, now)
        self.cache.settle()

    def end_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have no number wait for a source any more, until its next import."""
        check_wall_clock(now)
        self.records.end_source(source, who=who, now=now)
        self.cache.settle()

    def resume_source(self, source: str, *, who: str, now: datetime) -> None:
        """Have a source that had ended go on."""
        check_wall_clock(now)
        self.records.resume_source(source, who=who, now=now)
        self.cache.settle()

    def imports(self) -> tuple[ImportRecord, ...]:
        """The ledger, newest first."""
        return self.records.imports()

    def issues(self, import_id: int, limit: int = ISSUES_SHOWN) -> tuple[Issue, ...]:
        """What was wrong in an import, by line; none for an unknown one."""
        return self.records.issues(import_id, limit)

    def receipt(self, import_id: int) -> Receipt:
        """What an import did; StoreError for an unknown one."""
        return stored_receipt(self.records, import_id)

    def catch_up(self) -> None:
        """Show what was committed to records and log by other means than this store's."""
        self.cache.settle()

    # --- questions ---

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
        with self.cache.asking() as cursor:
            asked = self._registered(tallies, zone)
            found = figures.daily(cursor, asked, period, known)
        return {tally: found[each] for tally, each in zip(tallies, asked, strict=True)}

    def by_channel(
        self, tallies: Sequence[Tally], period: Period, *, zone: str | None = None
    ) -> dict[Tally, dict[str, float]]:
        """Each registered tally per channel over the period; '' where no channel is known."""
        with self.cache.asking() as cursor:
            asked = self._registered(tallies, zone)
            found = figures.by_channel(cursor, asked, period)
        return {tally: found[each] for tally, each in zip(tallies, asked, strict=True)}

    def coverage(self) -> Coverage:
        """Up to when the facts of each stage, activity and measure are known."""

        def ask() -> Coverage:
            with self.cache.asking() as cursor:
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
            with self.cache.asking() as cursor:
                return figures.first_day(cursor, asked)

        return self._once(f"first day of {' '.join(each.key for each in asked)}", ask)

    def attributes(self) -> tuple[str, ...] | None:
        """Fields and attributes of leads by name; None where another process has the cache."""
        return self._asked_of_cache("attributes", attributes.names)

    def attribute_values(self, name: str) -> AttributeValues | None:
        """The values of a field or an attribute with their leads; None as for `attributes`."""
        return self._asked_of_cache(
            f"values of {name}", lambda cursor: attributes.values(cursor, name)
        )

    def _asked_of_cache(self, name: str, ask: Callable[[DuckDBPyConnection], T]) -> T | None:
        """What only the cache itself knows, not what is published of it."""
        if self.cache.reads_published:
            return None

        def asked() -> T:
            with self.cache.asking() as cursor:
                return ask(cursor)

        return self._once(name, asked)

    def undated(self, stage: Stage) -> int:
        """Leads that reached the stage, date unknown."""
        with self.cache.asking() as cursor:
            return figures.undated(cursor, stage)

    def leads(self) -> int:
        """Leads of which any event is current; the same id in two sources is two leads."""
        with self.cache.asking() as cursor:
            return figures.leads(cursor)

    def is_empty(self) -> bool:
        """No fact is current."""
        with self.cache.asking() as cursor:
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
        expected: int | None = None,
    ) -> int:
        """Save a plan's text and maintain its tallies in its zone. Returns the revision's number.

        The newest revision, saved again with the same text for the same month on, changes
        nothing and keeps its number. The zone of the first plan is the workspace's. StoreError
        where `expected` is given and is not the number of the newest.
        """
        check_wall_clock(now)
        number = self.records.save_revision(
            plan_id,
            text,
            effective_from=effective_from,
            who=who,
            why=why,
            now=now,
            zone=zone,
            expected=expected,
        )
        self._answers = (-1, {})  # the zone may be another
        self.register(tallies, zone=zone)
        self.cache.settle()
        return number

    def register(self, tallies: Sequence[Tally], *, zone: str | None = None) -> None:
        """Maintain tallies from now on, by the days of `zone`; those that are cost nothing."""
        self._maintained.register(in_zone(tallies, zone, self.zone))

    def keep_tallies(self, needed: Iterable[tuple[Sequence[Tally], str | None]]) -> None:
        """Maintain these alone, each by the days of its zone, and those of every store.

        Any other is added up again once it is registered.
        """
        home = self.zone
        self._maintained.keep(
            tally for tallies, zone in needed for tally in in_zone(tallies, zone, home)
        )

    def _registered(self, tallies: Sequence[Tally], zone: str | None) -> Sequence[Tally]:
        asked = in_zone(tallies, zone, self.zone)
        self._maintained.check(asked)
        return asked
