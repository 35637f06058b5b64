"""Revisions: the past keeps its target and its definition."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.period import Month
from kpi_core.facts.store import open_store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem
from kpi_core.plans.revisions import load_plan, plan_for, revision_for
from tests.plans.documents import small_plan, toml

IN_NOVEMBER = datetime(2026, 11, 25, 9, 0)  # noqa: DTZ001  a wall clock, as the store has them
OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)


@dataclass(frozen=True)
class Saved:
    revision: int
    effective_from: date | None
    text: str = ""
    tallies: tuple[Tally, ...] = ()
    who: str = ""
    why: str = ""
    at: datetime = IN_NOVEMBER


@dataclass
class Shelf:
    """A store of plans and nothing else."""

    saved: dict[str, list[Saved]] = field(default_factory=dict)

    @property
    def records(self) -> "Shelf":
        return self

    def save_revision(
        self,
        plan_id: str,
        text: str,
        *,
        effective_from: date | None,
        tallies: tuple[Tally, ...],
        who: str,
        why: str,
        now: datetime,
        zone: str,
        expected: int | None = None,
    ) -> int:
        before = self.saved.setdefault(plan_id, [])
        before.append(Saved(len(before) + 1, effective_from, text, tallies, who, why, now))
        return len(before)

    def revisions(self, plan_id: str) -> tuple[Saved, ...]:
        return tuple(self.saved.get(plan_id, ()))


def text_with(target: float, *, stage: str = "marketing_qualified", closing: int = 28) -> str:
    kpi = {**small_plan()["kpi"], "targets": {"default": target}, "stage": stage}
    return toml({**small_plan(), "kpi": kpi, "calendar": {"closing_day": closing}})


def load(
    shelf: Shelf, text: str, *, since: Month | None = None, now: datetime = IN_NOVEMBER
) -> Plan:
    loaded = load_plan(shelf, text, who="aoki", why="agreed", effective_from=since, now=now)
    assert isinstance(loaded, Plan)
    return loaded


def target(shelf: Shelf, month: Month) -> float:
    plan = plan_for(shelf.revisions("small"), month)
    assert isinstance(plan, Plan)
    targets = plan.kpi[0].targets
    assert targets is not None
    return targets["default"]


def test_the_first_revision_holds_since_ever() -> None:
    shelf = Shelf()
    plan = load(shelf, text_with(50))
    (saved,) = shelf.revisions("small")
    assert saved.effective_from is None
    assert (saved.who, saved.why, saved.at) == ("aoki", "agreed", IN_NOVEMBER)
    assert saved.tallies == plan.tallies()
    assert target(shelf, Month(1999, 1)) == target(shelf, DECEMBER) == 50


def test_last_month_keeps_its_target_and_its_definition() -> None:
    shelf = Shelf()
    load(shelf, text_with(50))
    load(shelf, text_with(60, stage="sales_qualified"))
    assert shelf.revisions("small")[1].effective_from == date(2026, 11, 1)
    assert [target(shelf, month) for month in (OCTOBER, NOVEMBER, DECEMBER)] == [50, 60, 60]
    october = plan_for(shelf.revisions("small"), OCTOBER)
    assert isinstance(october, Plan)
    assert october.tallies() != load(shelf, text_with(60, stage="sales_qualified")).tallies()


def test_the_store_keeps_last_months_target(tmp_path: Path) -> None:
    store = open_store(tmp_path / "plans.duckdb")
    for text in (text_with(50), text_with(60)):
        load_plan(store, text, who="aoki", why="", effective_from=None, now=IN_NOVEMBER)
    kept = store.records.revisions("small")
    store.close()
    plans = [plan_for(kept, month) for month in (OCTOBER, NOVEMBER)]
    assert [plan.kpi[0].targets for plan in plans if isinstance(plan, Plan)] == [
        {"default": 50},
        {"default": 60},
    ]


def test_the_month_of_now_is_the_plans_business_month() -> None:
    # Closing on the 20th, 25 November lies in the month of December.
    shelf = Shelf()
    load(shelf, text_with(50, closing=20))
    load(shelf, text_with(60, closing=20))
    assert [target(shelf, month) for month in (NOVEMBER, DECEMBER)] == [50, 60]


def test_a_revision_may_hold_from_any_month() -> None:
    shelf = Shelf()
    load(shelf, text_with(50))
    load(shelf, text_with(70), since=Month(2027, 1))
    load(shelf, text_with(60), since=OCTOBER)
    months = (Month(2026, 9), OCTOBER, DECEMBER, Month(2027, 1))
    assert [target(shelf, month) for month in months] == [50, 60, 60, 70]


def test_of_two_for_the_same_month_the_later_holds() -> None:
    shelf = Shelf()
    load(shelf, text_with(50))
    load(shelf, text_with(60))
    load(shelf, text_with(65))
    assert [target(shelf, month) for month in (OCTOBER, NOVEMBER)] == [50, 65]


def test_months_before_the_first_of_all_keep_the_oldest() -> None:
    shelf = Shelf()
    load(shelf, text_with(50), since=NOVEMBER)
    load(shelf, text_with(60), since=DECEMBER)
    assert target(shelf, OCTOBER) == 50


def test_the_same_text_again_is_no_new_revision() -> None:
    shelf = Shelf()
    load(shelf, text_with(50))
    load(shelf, text_with(50))
    assert len(shelf.revisions("small")) == 1
    load(shelf, text_with(60))
    load(shelf, text_with(50))
    assert len(shelf.revisions("small")) == 3


def test_a_plan_with_mistakes_is_not_saved() -> None:
    shelf = Shelf()
    answer = load_plan(shelf, "id = 5", who="aoki", why="", effective_from=None, now=IN_NOVEMBER)
    assert not isinstance(answer, Plan)
    assert answer[0].path == "id"
    assert shelf.saved == {}


def test_what_goes_in_comes_out() -> None:
    shelf = Shelf()
    loaded = load(shelf, text_with(50))
    (saved,) = shelf.revisions("small")
    assert saved.text == text_with(50)
    assert plan_for([saved], NOVEMBER) == loaded


def test_a_revision_of_a_newer_program_is_a_problem_not_a_crash() -> None:
    newer = Saved(2, date(2026, 11, 1), text_with(60) + "forecast = 1\n")
    answer = plan_for([Saved(1, None, text_with(50)), newer], NOVEMBER)
    assert not isinstance(answer, Plan)
    assert [each.sentence(Words(Language.EN)) for each in answer] == [
        "Revision 2 of the plan: this version of the program cannot read it. "
        "Update the program, or load the plan again.",
        "forecast: no such key. Remove it, or check its spelling.",
    ]
    assert answer[0] == Problem("", "unreadable_revision", {"revision": "2"})
    assert isinstance(plan_for([Saved(1, None, text_with(50)), newer], OCTOBER), Plan)


def test_a_plan_without_a_revision_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="without a revision"):
        revision_for([], NOVEMBER)


starts = st.none() | st.builds(date, st.just(2026), st.integers(1, 12), st.just(1))


@given(st.lists(starts, min_size=1, max_size=6), st.integers(1, 12))
def test_a_later_revision_never_changes_the_months_before_it(
    since: list[date | None], number: int
) -> None:
    revisions = [Saved(n, start) for n, start in enumerate(since, start=1)]
    month = Month(2026, number)
    chosen = revision_for(revisions, month)
    later = Saved(len(revisions) + 1, date(2026, number, 1))
    assert revision_for([*revisions, later], month) == later
    if number > 1 and any(each.effective_from is None for each in revisions):
        before = Month(2026, number - 1)
        assert revision_for([*revisions, later], before) == revision_for(revisions, before)
    assert chosen in revisions
