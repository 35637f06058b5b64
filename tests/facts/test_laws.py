"""What holds for any files, in any order. `make laws` tries more of them than the gate does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.period import Period
from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts import change
from kpi_core.facts.store import Store, open_store
from kpi_core.records.ledger import ImportRecord
from tests.facts.batches import batch
from tests.facts.conftest import FolderMaker
from tests.facts.files import NOW, Event, File, Number, at
from tests.facts.oracle import Current, Import, counts, current
from tests.facts.strategies import (
    FIRST,
    TALLIES,
    Again,
    Put,
    Reopen,
    Step,
    Undo,
    cut,
    cuts,
    files,
    files_of_a_theme,
    histories,
    steps,
)

EXAMPLES = settings(
    max_examples=int(os.environ.get("KPI_LAWS", "25")),
    phases=[each for each in Phase if each is not Phase.explain],
    report_multiple_bugs=False,
)
PERIOD = Period(FIRST - timedelta(days=9), NOW.date() + timedelta(days=9))
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


def put(
    store: Store, file: File, older: str = "fill_gaps", *, count_later: bool = False
) -> Receipt:
    decisions = ANSWERS | {"older": older}
    return store.commit(
        batch(file), who="test", now=NOW, decisions=decisions, count_later=count_later
    )


@dataclass
class World:
    """A store, the files imported into it, and what the oracle says of them."""

    folder: Path
    store: Store
    files: dict[int, File] = field(default_factory=dict)
    """by the number of their import"""
    steps: list[tuple[File, int | None]] = field(default_factory=list)
    """the file of each step and its import, None where nothing was imported"""

    def current(self) -> Current:
        """What the oracle says of the imports that are current by the ledger."""
        ledger = {record.import_id: record for record in self.store.imports()}
        found = []
        for record in ledger.values():
            if record.is_current:
                first = ledger[record.repeats or record.import_id]
                file = self.files[record.import_id]
                place = first.data_through, first.ranks_at, first.import_id
                found.append(Import(record.import_id, file, *place))
        return current(found)

    def take(self, step: Step) -> Receipt | None:
        """Do one step; the receipt of a file that was put in."""
        match step:
            case Put(file, older):
                return self.put(file, older)
            case Again(place, through):
                file = self.steps[place % len(self.steps)][0]
                return self.put(replace(file, data_through=through or file.data_through))
            case Undo(place):
                self._undo(self.steps[place % len(self.steps)][1])
            case Reopen(lost):
                self.reopen(lost=lost)
        return None

    def put(self, file: File, older: str = "fill_gaps") -> Receipt:
        """Import a file."""
        receipt = put(self.store, file, older)
        if receipt.import_id is not None:
            self.files[receipt.import_id] = file
        self.steps.append((file, receipt.import_id))
        return receipt

    def _undo(self, import_id: int | None) -> None:
        if import_id in {each.import_id for each in self.store.imports() if each.is_current}:
            assert import_id is not None
            self.store.undo(import_id, who="test", now=NOW)

    def reopen(self, *, lost: bool) -> None:
        """Close the store and open it again, without its cache where that is lost."""
        self.store.close()
        if lost:
            (self.folder / "cache.duckdb").unlink()
        self.store = open_store(self.folder)


@contextmanager
def a_world(fresh_folder: FolderMaker) -> Iterator[World]:
    """A world without files."""
    with fresh_folder() as folder:
        world = World(folder, open_store(folder))
        try:
            yield world
        finally:
            world.store.close()


@EXAMPLES
@given(history=steps, lost=st.booleans(), few=st.sampled_from([0, change.FEW]))
def test_after_every_step_the_store_says_what_the_oracle_says(
    fresh_folder: FolderMaker, history: list[Step], lost: bool, few: int
) -> None:
    """The oracle knows what is current alone: what was undone might never have come in.

    A preview says what the import will say and writes nothing; importing twice is importing once.
    """
    with a_world(fresh_folder) as world, pytest.MonkeyPatch.context() as patch:
        patch.setattr(change, "FEW", few)
        shown = state(world.store)
        for step in history:
            before = world.current()
            preview = previewed(world.store, step)
            if preview is not None:
                assert state(world.store) == shown
            receipt = world.take(step)
            after, shown = world.current(), state(world.store)
            assert shown[0] == expected(after)
            if receipt is not None:
                said = receipt.new, receipt.changed, receipt.unchanged
                assert said == counts(world.steps[-1][0], before, after)
                assert_months(receipt, before, after)
            if receipt is not None and preview is not None:
                assert replace(preview, import_id=receipt.import_id) == receipt
                again = put(world.store, world.steps[-1][0])
                assert (again.new, again.changed, again.import_id) == (0, 0, None)
                assert again.repeats is not None
                assert state(world.store) == shown
        world.reopen(lost=lost)
        assert answers(world.store) == expected(world.current())


def state(store: Store) -> tuple[Answers, tuple[ImportRecord, ...], int]:
    """All that importing a file changes, and a preview or the same file again does not."""
    return answers(store), store.imports(), store.data_version()


def previewed(store: Store, step: Step) -> Receipt | None:
    """The preview of a file that overwrites nothing."""
    if not isinstance(step, Put) or step.older != "fill_gaps":
        return None
    preview = store.preview(batch(step.file), now=NOW, decisions=ANSWERS)
    assert preview.import_id is None
    return preview


def assert_months(receipt: Receipt, before: Current, after: Current) -> None:
    """Each month named is right, and each that changed is named."""
    was, now = before.months(), after.months()
    said = {(each.name, each.month): each for each in receipt.months}
    assert len(said) == len(receipt.months)
    for key, month in said.items():
        assert (month.before, month.after) == (was.get(key, 0.0), now.get(key, 0.0))
    assert {key for key in was | now if was.get(key, 0.0) != now.get(key, 0.0)} <= said.keys()


@EXAMPLES
@given(said=files_of_a_theme, own=st.lists(st.booleans(), min_size=8, max_size=8))
def test_imports_counted_together_say_what_they_say_one_by_one(
    fresh_folder: FolderMaker, said: list[File], own: list[bool]
) -> None:
    """Of some files the leads are their own, so that many can be applied at once."""
    given = [
        with_own_leads(file, str(n)) if is_own else file
        for n, (file, is_own) in enumerate(zip(said, own, strict=False))
    ]
    with a_world(fresh_folder) as alone, a_world(fresh_folder) as together:
        one_by_one = [put(alone.store, file) for file in given]
        later = [put(together.store, file, count_later=True) for file in given]
        ids = [each.import_id for each in later if each.import_id is not None]
        counted = {each.import_id: each for each in together.store.counted(ids)}
        assert [counted.get(each.import_id, each) for each in later] == one_by_one
        assert state(together.store) == state(alone.store)
        together.reopen(lost=True)
        assert answers(together.store) == answers(alone.store)


def with_own_leads(file: File, name: str) -> File:
    """The file about leads that no other file has."""
    lines = tuple(
        each if isinstance(each, Number) else replace(each, lead=f"{name} {each.lead}")
        for each in file.lines
    )
    return replace(file, lines=lines)


@EXAMPLES
@given(whole=histories, moment=cuts, late_first=st.booleans())
def test_a_history_cut_in_two_says_what_the_whole_says(
    fresh_folder: FolderMaker, whole: File, moment: datetime, late_first: bool
) -> None:
    """In either order, and without a question."""
    parts = [part for part in cut(whole, moment) if part.lines]
    with a_world(fresh_folder) as world:
        for part in reversed(parts) if late_first else parts:
            world.store.commit(batch(part), who="test", now=NOW)
        assert answers(world.store) == expected(current([Import(1, whole, NOW)]))


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
    with a_world(fresh_folder) as world:
        world.put(stages)
        world.put(right)
        assert answers(world.store) == expected(current([Import(1, right, NOW)]))


@EXAMPLES
@given(said=st.lists(files, min_size=2, max_size=4), data=st.data())
def test_the_order_of_files_that_do_not_contradict_does_not_matter(
    fresh_folder: FolderMaker, said: list[File], data: st.DataObject
) -> None:
    """Files of sources of their own contradict nothing."""
    apart = [replace(file, source=f"source {n}") for n, file in enumerate(said)]
    truth = expected(current(Import(n, each, each.data_through) for n, each in enumerate(apart)))
    with a_world(fresh_folder) as world:
        for file in data.draw(st.permutations(apart)):
            world.store.commit(batch(file), who="test", now=NOW)
        assert answers(world.store) == truth


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
    with a_world(fresh_folder) as world:
        for file in data.draw(st.permutations(apart)):
            world.put(file)
        assert answers(world.store) == truth
