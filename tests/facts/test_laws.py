"""What holds for any files, in any order. `make laws` tries more of them than the gate does."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally
from kpi_core.facts.store import Store, open_store
from tests.facts.batches import batch
from tests.facts.conftest import FolderMaker
from tests.facts.files import NOW, Event, File, at
from tests.facts.oracle import Current, Import, counts, current
from tests.facts.strategies import (
    TALLIES,
    Put,
    Step,
    Undo,
    cut,
    cuts,
    files,
    histories,
    steps,
)

EXAMPLES = settings(max_examples=int(os.environ.get("KPI_LAWS", "25")))
PERIOD = Period(date(2026, 1, 1), date(2026, 12, 31))
ANSWERS = {
    "older": "fill_gaps",
    "replaces": "no",
    "breakdown": "replace",
    "same_ids": "different",
}


@dataclass(frozen=True)
class Answers:
    """All that a store says of facts."""

    daily: dict[Tally, dict[date, float]]
    by_channel: dict[Tally, dict[str, float]]
    undated: dict[Stage, int]
    leads: int
    first_day: date | None
    is_empty: bool


def answers(store: Store) -> Answers:
    return Answers(
        daily=store.daily(TALLIES, PERIOD),
        by_channel=store.by_channel(TALLIES, PERIOD),
        undated={stage: store.undated(stage) for stage in Stage},
        leads=store.leads(),
        first_day=store.first_day(TALLIES),
        is_empty=store.is_empty(),
    )


def expected(state: Current) -> Answers:
    """The same answers from the oracle."""
    daily = {tally: state.days(tally) for tally in TALLIES}
    return Answers(
        daily=daily,
        by_channel={tally: state.channels(tally) for tally in TALLIES},
        undated={stage: state.undated(stage) for stage in Stage},
        leads=state.leads(),
        first_day=min((day for days in daily.values() for day in days), default=None),
        is_empty=not state.facts and not state.numbers,
    )


def put(store: Store, file: File, older: str = "fill_gaps") -> Receipt:
    decisions = ANSWERS | {"older": older}
    return store.commit(batch(file), who="test", now=NOW, decisions=decisions)


@dataclass
class World:
    """The files imported into a store, and what the oracle says of them."""

    files: dict[int, File] = field(default_factory=dict)
    """by the number of their import"""
    steps: list[tuple[File, int | None]] = field(default_factory=list)
    """the file of each step and its import, None where nothing was imported"""

    def current(self, store: Store) -> Current:
        """What the oracle says of the imports that are current by the ledger."""
        repeats = {record.import_id: record.repeats for record in store.imports()}

        def first(import_id: int) -> int:
            again = repeats[import_id]
            return import_id if again is None else first(again)

        return current(
            Import(
                record.import_id,
                self.files[record.import_id],
                record.data_through,
                record.ranks_at,
                first(record.import_id),
            )
            for record in store.imports()
            if record.is_current
        )

    def take(self, store: Store, step: Step) -> Receipt | None:
        """Do one step; the receipt of what it imported."""
        if isinstance(step, Undo):
            self._undo(store, step.step)
            return None
        if isinstance(step, Put):
            file, older = step.file, step.older
        else:
            file, older = self.steps[step.step % len(self.steps)][0], "fill_gaps"
            file = replace(file, data_through=step.data_through or file.data_through)
        receipt = put(store, file, older)
        if receipt.import_id is not None:
            self.files[receipt.import_id] = file
        self.steps.append((file, receipt.import_id))
        return receipt

    def _undo(self, store: Store, step: int) -> None:
        import_id = self.steps[step % len(self.steps)][1]
        if import_id in {each.import_id for each in store.imports() if each.is_current}:
            assert import_id is not None
            store.undo(import_id, who="test", now=NOW)


@EXAMPLES
@given(history=steps)
def test_after_every_step_the_store_says_what_the_oracle_says(
    fresh_folder: FolderMaker, history: list[Step]
) -> None:
    with fresh_folder() as folder:
        store = open_store(folder)
        world = World()
        try:
            for step in history:
                before = world.current(store)
                receipt = world.take(store, step)
                after = world.current(store)
                assert answers(store) == expected(after)
                if receipt is not None:
                    file = world.steps[-1][0]
                    said = receipt.new, receipt.changed, receipt.unchanged
                    again = receipt.repeats is not None
                    assert said == counts(file, before, after, repeats=again)
                    assert_months(receipt, before, after)
        finally:
            store.close()


def assert_months(receipt: Receipt, before: Current, after: Current) -> None:
    """Each month named is right, and each that changed is named."""
    was, now = before.months(), after.months()
    said = {(change.name, change.month): change for change in receipt.months}
    assert len(said) == len(receipt.months)
    for key, change in said.items():
        assert (change.before, change.after) == (was.get(key, 0.0), now.get(key, 0.0))
    assert {key for key in was | now if was.get(key, 0.0) != now.get(key, 0.0)} <= said.keys()


@EXAMPLES
@given(history=steps)
@pytest.mark.parametrize("lost", [False, True], ids=["with its cache", "without its cache"])
def test_a_store_opened_again_for_each_step_says_the_same(
    fresh_folder: FolderMaker, history: list[Step], lost: bool
) -> None:
    with fresh_folder() as folder:
        world = World()
        for step in history:
            store = open_store(folder)
            try:
                world.take(store, step)
            finally:
                store.close()
            if lost:
                (folder / "cache.duckdb").unlink(missing_ok=True)
        store = open_store(folder)
        try:
            assert answers(store) == expected(world.current(store))
        finally:
            store.close()


@EXAMPLES
@given(history=steps, file=files)
def test_importing_twice_is_importing_once(
    fresh_folder: FolderMaker, history: list[Step], file: File
) -> None:
    with fresh_folder() as folder:
        store = open_store(folder)
        try:
            taken(store, history)
            put(store, file)
            once = answers(store), store.imports(), store.data_version()
            again = put(store, file)
            assert (again.new, again.changed, again.import_id) == (0, 0, None)
            assert again.repeats is not None
            assert (answers(store), store.imports(), store.data_version()) == once
        finally:
            store.close()


@EXAMPLES
@given(history=steps, file=files, place=st.integers(0, 6))
def test_importing_and_undoing_is_nothing_wherever_it_came_in(
    fresh_folder: FolderMaker, history: list[Step], file: File, place: int
) -> None:
    """Imports alone: what is undone or repeated meanwhile has laws of its own."""
    puts = [step for step in history if isinstance(step, Put) and step.older == "fill_gaps"]
    assume(all(step.file.content_hash != file.content_hash for step in puts))
    with fresh_folder() as folder, fresh_folder() as other:
        with_it, without = open_store(folder), open_store(other)
        try:
            taken(with_it, puts[:place])
            imported = put(with_it, file).import_id
            taken(with_it, puts[place:])
            assert imported is not None
            with_it.undo(imported, who="test", now=NOW)
            taken(without, puts)
            assert answers(with_it) == answers(without)
        finally:
            with_it.close()
            without.close()


def taken(store: Store, history: Sequence[Step]) -> None:
    world = World()
    for step in history:
        world.take(store, step)


@EXAMPLES
@given(whole=histories, moment=cuts, late_first=st.booleans())
def test_a_history_cut_in_two_says_what_the_whole_says(
    fresh_folder: FolderMaker, whole: File, moment: datetime, late_first: bool
) -> None:
    """In either order, and without a question."""
    parts = [part for part in cut(whole, moment) if part.lines]
    with fresh_folder() as folder:
        store = open_store(folder)
        try:
            for part in reversed(parts) if late_first else parts:
                store.commit(batch(part), who="test", now=NOW)
            assert answers(store) == expected(current([Import(1, whole, NOW)]))
        finally:
            store.close()


@EXAMPLES
@given(wrong=histories, data=st.data())
def test_a_whole_history_exported_again_speaks_alone(
    fresh_folder: FolderMaker, wrong: File, data: st.DataObject
) -> None:
    """Its stages may have come later than was said, but for the first event.

    Renewals are left out: one at the moment of another has what was said of that one's amount.
    """
    said = [each for each in wrong.lines if isinstance(each, Event) and each.stage]
    assume(any(each.stage != "renewed" for each in said))
    first, *others = [each for each in said if each.stage != "renewed"]
    late = st.sampled_from([timedelta(), timedelta(hours=1), timedelta(days=9)])
    moved = [
        replace(each, occurred_at=each.occurred_at + data.draw(late))
        for each in others
        if each.occurred_at
    ]
    stages = replace(wrong, lines=(first, *others), data_through=at("06-29"))
    right = replace(wrong, lines=(first, *sorted(moved, key=lambda each: each.occurred_at or NOW)))
    with fresh_folder() as folder:
        store = open_store(folder)
        try:
            put(store, stages)
            put(store, right)
            assert answers(store) == expected(current([Import(1, right, NOW)]))
        finally:
            store.close()


@EXAMPLES
@given(said=st.lists(files, min_size=2, max_size=4), data=st.data())
def test_the_order_of_files_that_do_not_contradict_does_not_matter(
    fresh_folder: FolderMaker, said: list[File], data: st.DataObject
) -> None:
    """Files of sources of their own contradict nothing."""
    apart = [replace(file, source=f"source {n}") for n, file in enumerate(said)]
    shuffled = data.draw(st.permutations(apart))
    with fresh_folder() as folder, fresh_folder() as other:
        one, two = open_store(folder), open_store(other)
        try:
            for store, order in ((one, apart), (two, shuffled)):
                for file in order:
                    store.commit(batch(file), who="test", now=NOW)
            assert answers(one) == answers(two)
        finally:
            one.close()
            two.close()


@EXAMPLES
@given(said=st.lists(files, min_size=2, max_size=4), data=st.data())
def test_what_the_older_ones_leave_open_is_filled_in_any_order(
    fresh_folder: FolderMaker, said: list[File], data: st.DataObject
) -> None:
    """Files with data through of their own have one order, whenever they are imported."""
    times = [at(f"06-{n:02d}") for n in range(1, len(said) + 1)]
    apart = [replace(each, data_through=through) for each, through in zip(said, times, strict=True)]
    assume(len({each.content_hash for each in apart}) == len(apart))
    truth = expected(current(Import(n, each, each.data_through) for n, each in enumerate(apart)))
    with fresh_folder() as folder:
        store = open_store(folder)
        try:
            for file in data.draw(st.permutations(apart)):
                put(store, file)
            assert answers(store) == truth
        finally:
            store.close()


@EXAMPLES
@given(history=steps, file=files)
def test_a_preview_says_what_the_commit_will_say_and_writes_nothing(
    fresh_folder: FolderMaker, history: list[Step], file: File
) -> None:
    with fresh_folder() as folder:
        store = open_store(folder)
        try:
            taken(store, history)
            before = answers(store), store.imports(), store.data_version()
            preview = store.preview(batch(file), now=NOW, decisions=ANSWERS)
            assert (answers(store), store.imports(), store.data_version()) == before
            receipt = put(store, file)
            assert preview.import_id is None
            assert replace(preview, import_id=receipt.import_id) == receipt
        finally:
            store.close()
