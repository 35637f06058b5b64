"""What holds for any files, whatever they say."""

from dataclasses import dataclass
from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Attribute, Event, Fact, LeadRow, batch, staged
from tests.storage.conftest import StoreMaker
from tests.storage.oracle import Recount
from tests.storage.strategies import FIRST, LAST, TALLIES, facts, sources

PERIOD = Period(FIRST, LAST)
FEW = settings(max_examples=8)


@dataclass(frozen=True)
class Answers:
    """All that the store says of facts."""

    daily: dict[Tally, dict[date, float]]
    by_channel: dict[Tally, dict[str, float]]
    undated: dict[Stage, int]
    leads: int
    first_day: date | None
    is_empty: bool


def answers(store: Store) -> Answers:
    store.register(TALLIES)
    return Answers(
        daily=store.daily(TALLIES, PERIOD),
        by_channel=store.by_channel(TALLIES, PERIOD),
        undated={stage: store.undated(stage) for stage in Stage},
        leads=store.leads(),
        first_day=store.first_day(TALLIES),
        is_empty=store.is_empty(),
    )


def take_in(store: Store, source: str, said: list[Fact], *, in_scratch: bool = False) -> int | None:
    if not in_scratch:
        return store.commit(batch(*said, source=source), who="test", now=NOW).import_id
    with store.scratch() as scratch:
        told = staged(batch(*said, source=source), scratch)
        return store.commit(told, who="test", now=NOW).import_id


def recount(standing: list[tuple[str, list[Fact]]]) -> Answers:
    """The same answers from the oracle."""
    truth = Recount(standing)
    daily: dict[Tally, dict[date, float]] = {}
    by_channel: dict[Tally, dict[str, float]] = {}
    for tally in TALLIES:
        daily[tally], by_channel[tally] = {}, {}
        for (day, channel), value in truth.cells(tally).items():
            daily[tally][day] = daily[tally].get(day, 0.0) + value
            by_channel[tally][channel] = by_channel[tally].get(channel, 0.0) + value
    return Answers(
        daily=daily,
        by_channel=by_channel,
        undated={stage: truth.undated(stage) for stage in Stage},
        leads=truth.leads(),
        first_day=min((day for days in daily.values() for day in days), default=None),
        is_empty=not truth.events and not truth.numbers,
    )


@FEW
@given(source=sources, said=facts)
def test_importing_twice_is_importing_once(
    fresh_store: StoreMaker, source: str, said: list[Fact]
) -> None:
    with fresh_store(TALLIES) as store:
        first = take_in(store, source, said)
        once = answers(store), store.imports(), store.data_version()
        again = store.commit(batch(*said, source=source), who="test", now=NOW)
        assert (again.import_id, again.repeats) == (None, first)
        assert (again.new, again.changed) == (0, 0)
        assert (answers(store), store.imports(), store.data_version()) == once


@FEW
@given(before=facts, said=facts, source=sources)
def test_importing_then_undoing_is_nothing(
    fresh_store: StoreMaker, before: list[Fact], said: list[Fact], source: str
) -> None:
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", before)
        stood = answers(store)
        imported = take_in(store, source, said)
        assume(imported is not None)
        assert imported is not None
        store.undo(imported, who="test", now=NOW)
        assert answers(store) == stood


@FEW
@given(one=facts, other=facts)
def test_the_order_of_files_that_do_not_contradict_does_not_matter(
    fresh_store: StoreMaker, one: list[Fact], other: list[Fact]
) -> None:
    # Other stages of the same leads, other attributes, and no numbers of the same day.
    first = [fact for fact in one if _is_later(fact) is False]
    second = [fact for fact in other if _is_later(fact) is True]
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", first)
        take_in(store, "crm", second)
        in_order = answers(store)
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", second)
        take_in(store, "crm", first)
        assert answers(store) == in_order


def _is_later(fact: Fact) -> bool | None:
    """Whether a fact is the second file's to say; None for neither's."""
    if isinstance(fact, Event):
        return None if fact.withdrawn else fact.stage == "won"
    if isinstance(fact, LeadRow):
        later = {stage == "won" for stage, _ in fact.reached}
        return later.pop() if len(later) == 1 else None
    return fact.name != "role" if isinstance(fact, Attribute) else None


@FEW
@given(wrong=facts, right=facts)
def test_a_corrected_export_corrects(
    fresh_store: StoreMaker, wrong: list[Fact], right: list[Fact]
) -> None:
    keys = {key for fact in right for key in _keys(fact) if _settles(fact, key)}
    corrected = [fact for fact in wrong if keys.issuperset(_keys(fact))]
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", corrected)
        take_in(store, "crm", right)
        after_correction = answers(store)
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", right)
        assert answers(store) == after_correction


def _keys(fact: Fact) -> list[object]:
    if isinstance(fact, Event):
        moment = fact.occurred_at if fact.activity else None
        return [(fact.lead, fact.stage, fact.activity, moment)]
    if isinstance(fact, LeadRow):
        return [(fact.lead, stage, None, None) for stage, _ in fact.reached]
    if isinstance(fact, Attribute):
        return [(fact.lead, fact.name)]
    return [(type(fact).__name__, fact.day, fact.channel)]


def _settles(fact: Fact, key: object) -> bool:
    """Whether what was said before no longer counts: no date does not displace a date."""
    if isinstance(fact, LeadRow):
        return any(_settles(event, key) for event in fact.events() if key in _keys(event))
    return not isinstance(fact, Event) or fact.withdrawn or fact.occurred_at is not None


@settings(max_examples=16)
@given(
    said=st.lists(st.tuples(sources, facts), min_size=2, max_size=5),
    undone=st.lists(st.integers(0, 4), max_size=4, unique=True),
    registered_late=st.booleans(),
    in_scratch=st.booleans(),
)
def test_the_rollup_is_what_a_recount_of_the_standing_imports_gives(
    fresh_store: StoreMaker,
    said: list[tuple[str, list[Fact]]],
    undone: list[int],
    registered_late: bool,
    in_scratch: bool,
) -> None:
    with fresh_store(() if registered_late else TALLIES) as store:
        imports = [take_in(store, source, told, in_scratch=in_scratch) for source, told in said]
        for index in undone:
            if index < len(imports) and (import_id := imports[index]) is not None:
                store.undo(import_id, who="test", now=NOW)
        standing = [
            told
            for index, told in enumerate(said)
            if imports[index] is not None and index not in undone
        ]
        assert answers(store) == recount(standing)


@FEW
@given(before=facts, said=facts)
def test_a_preview_says_what_the_commit_will_say_and_keeps_nothing(
    fresh_store: StoreMaker, before: list[Fact], said: list[Fact]
) -> None:
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", before)
        stood = answers(store), store.imports(), store.data_version(), store.audit()
        preview = store.preview(batch(*said), now=NOW)
        assert (answers(store), store.imports(), store.data_version(), store.audit()) == stood
        receipt = store.commit(batch(*said), who="test", now=NOW)
        assert preview.import_id is None
        assert vars(preview) | {"import_id": receipt.import_id} == vars(receipt)


@FEW
@given(before=facts, said=facts, source=sources)
def test_a_receipt_tells_what_stands_per_month_before_and_after(
    fresh_store: StoreMaker, before: list[Fact], said: list[Fact], source: str
) -> None:
    with fresh_store(TALLIES) as store:
        take_in(store, "crm", before)
        stood = _months(store)
        receipt = store.commit(batch(*said, source=source), who="test", now=NOW)
        stands = _months(store)
    told = {(change.name, change.month): change for change in receipt.months}
    assert len(told) == len(receipt.months)
    for key, change in told.items():
        if change.name != "login":  # no tally counts times
            assert (change.before, change.after) == (stood.get(key, 0.0), stands.get(key, 0.0))
    if receipt.repeats is None:
        changed = {key for key in stood | stands if stood.get(key) != stands.get(key)}
        assert changed <= told.keys()


def _months(store: Store) -> dict[tuple[str, date], float]:
    """Leads per stage and month, and the sum of the measure."""
    counted = {Tally(TallyKind.REACHED, stage=stage): stage.value for stage in Stage}
    counted[Tally(TallyKind.MEASURE, name="cost")] = "cost"
    found: dict[tuple[str, date], float] = {}
    for tally, days in store.daily(list(counted), PERIOD).items():
        for day, value in days.items():
            key = counted[tally], day.replace(day=1)
            found[key] = found.get(key, 0.0) + value
    return found
