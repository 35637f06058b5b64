"""Rows of a file of leads that say what stands already are kept by its place; undoing knows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Attribute, Event, Fact, LeadRow, at, batch
from tests.storage.conftest import StoreMaker
from tests.storage.strategies import TALLIES
from tests.storage.test_laws import answers, recount

WON = Tally(TallyKind.REACHED, stage=Stage.WON)
REACHED = ("lead", at("2026-05-11"))
A = LeadRow("A", (REACHED, ("won", at("2026-05-20 09:00"))), channel="web")
A_LATER = LeadRow("A", (REACHED, ("won", at("2026-05-21 09:00"))), channel="web")
B = LeadRow("B", (("lead", None),), channel="ads")
B_DATED = LeadRow("B", (("lead", at("2026-05-12")),), channel="ads")
C = LeadRow("C", (("lead", at("2026-05-12")),))
POOL: tuple[Fact, ...] = (
    *(A, A, A_LATER, B, B, B_DATED, C),
    LeadRow("C", (("won", at("2026-05-21")),), amount=7.5, amount_of="won"),
    Attribute("A", "role", "部長"),
    Attribute("A", "role", "課長"),
    Event("B", "won", at("2026-05-20"), amount=1.0),
    Event("A", "won", withdrawn=True),
    Event("C", activity="login", occurred_at=at("2026-05-20 09:00"), channel="web"),
)


def take_in(store: Store, *said: Fact) -> int:
    receipt = store.commit(batch(*said), who="me", now=NOW)
    assert receipt.import_id is not None
    return receipt.import_id


def undo(store: Store, *imports: int) -> None:
    for import_id in imports:
        store.undo(import_id, who="me", now=NOW)


def rows_kept(store: Store) -> int:
    with store.scratch() as scratch:
        (count,) = scratch.execute("select count(*) from lead_rows").fetchall()[0]
    return int(count)


def test_rows_that_stand_already_are_not_kept_again(store: Store) -> None:
    take_in(store, A, B)
    take_in(store, A, B, C)
    assert rows_kept(store) == 3
    assert answers(store) == recount([("crm", [A, B, C])])


def test_a_row_said_again_counts_as_unchanged_and_is_told_of(store: Store) -> None:
    odd = LeadRow("A", (("lead", at("2026-05-20")), ("won", at("2026-05-12"))))
    first = store.commit(batch(odd, B), who="me", now=NOW)
    again = store.commit(batch(odd, B, C), who="me", now=NOW)
    assert (first.new, first.undated, first.flagged) == (3, 1, 1)
    assert (again.new, again.changed, again.unchanged) == (1, 0, 3)
    assert (again.undated, again.new_leads, again.flagged) == (1, 1, 1)
    assert [(issue.code, issue.line) for issue in again.issues] == [("before_earlier_stage", 2)]


def test_a_later_import_of_the_same_rows_holds_them_when_the_first_is_undone(store: Store) -> None:
    first, second, third = take_in(store, A, B), take_in(store, A, B, C), take_in(store, B, A)
    undo(store, first)
    assert answers(store) == recount([("crm", [A, B, C])])
    undo(store, second)
    assert answers(store) == recount([("crm", [A, B])])
    undo(store, third)
    assert (store.is_empty(), store.leads()) == (True, 0)


def test_one_in_between_that_is_undone_holds_nothing(store: Store) -> None:
    first, second, third = take_in(store, A, B), take_in(store, A, B, C), take_in(store, B, A)
    undo(store, second, first)
    assert answers(store) == recount([("crm", [A, B])])
    undo(store, third)
    assert store.is_empty()


def test_what_was_said_again_before_a_correction_stands_again_after_it(store: Store) -> None:
    first = take_in(store, A)
    take_in(store, A, C)
    corrected = take_in(store, A_LATER)
    again = take_in(store, A_LATER, B)
    undo(store, corrected, first)
    assert answers(store) == recount([("crm", [A, C]), ("crm", [A_LATER, B])])
    undo(store, again)
    assert answers(store) == recount([("crm", [A, C])])


def test_undoing_the_first_of_many_keeps_each_row_once(store: Store) -> None:
    imports = [take_in(store, *said) for said in ([A], [A, B], [B, A], [A, C], [C, A])]
    undo(store, *imports[:3])
    # Undone ones stay: A of the first three, B of the second and third. A, C of the fourth stand.
    assert rows_kept(store) == 7
    assert answers(store) == recount([("crm", [A, C])])


def test_the_days_an_import_tells_of_are_those_of_all_its_rows(store: Store) -> None:
    first = take_in(store, A, B)
    store.commit(batch(A, B, C, data_through=at("2026-06-01")), who="me", now=NOW)
    undo(store, first)
    assert store.data_through([WON]) == at("2026-06-01")


def test_a_row_beside_an_event_of_its_lead_is_compared_event_by_event(store: Store) -> None:
    take_in(store, A)
    login = Event("A", activity="login", occurred_at=at("2026-05-20 09:00"), channel="fair")
    files: list[list[Fact]] = [[A, login], [A_LATER, login], [A, login, C]]
    for said in files:
        take_in(store, *said)
        assert answers(store) == recount([("crm", [A]), ("crm", said)])


said = st.lists(st.sampled_from(POOL), min_size=1, max_size=6)
steps = st.lists(st.one_of(said, said, said, st.integers(0, 3)), min_size=2, max_size=9)


@settings(max_examples=8)
@given(steps=steps)
def test_files_that_repeat_each_other_stand_as_if_those_undone_had_never_been(
    fresh_store: StoreMaker, steps: list[list[Fact] | int]
) -> None:
    standing: list[tuple[int, list[Fact]]] = []
    with fresh_store(TALLIES) as store:
        for step in steps:
            if isinstance(step, list):
                import_id = store.commit(batch(*step), who="me", now=NOW).import_id
                if import_id is not None:
                    standing.append((import_id, step))
            elif standing:
                undo(store, standing.pop(step % len(standing))[0])
        assert answers(store) == recount([("crm", file) for _, file in standing])
