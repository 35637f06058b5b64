"""The oracle itself, against cases worked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.stage import Stage
from tests.facts.cases import CASES, OLD, Case
from tests.facts.files import File, at, cost, event, history, leads, numbers, push, row
from tests.facts.oracle import Current, Import, counts, current


def of(*files: File) -> Current:
    """What is current after files imported in this order."""
    return current(Import(n, file, file.data_through) for n, file in enumerate(files, start=1))


def days(state: Current, stage: str) -> str:
    """The days of all who reached a stage, "?" for an unknown one."""
    reached = [fact.at for (_, name, _), fact in state.facts.items() if name == stage]
    return " ".join(sorted("?" if at is None else f"{at:%m-%d}" for at in reached))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_few_files_say_of_one_stage(case: Case) -> None:
    assert days(of(*case.files), case.stage) == case.expected


def test_an_amount_stays_until_another_is_stated() -> None:
    amount = Tally(TallyKind.AMOUNT, stage=Stage.WON)
    blank = leads(row("1", won="05-09"), through="05-20")
    assert of(OLD, blank).days(amount) == {date(2026, 5, 9): 100.0}
    zero = leads(row("1", won="05-09", amount=0), through="05-20")
    assert of(OLD, zero).days(amount) == {date(2026, 5, 9): 0.0}


def test_each_renewal_date_is_one_and_an_undated_one_waits_for_a_date() -> None:
    undated = leads(row("1", renewed="?"))
    assert of(undated).undated("renewed") == 1
    state = of(leads(row("1", renewed="05-01")), undated, leads(row("1", renewed="05-20")))
    assert sorted(state.days(Tally(TallyKind.REACHED, stage=Stage.RENEWED)).values()) == [1, 1]
    assert state.undated("renewed") == 0


def test_things_and_sources_are_apart() -> None:
    other = leads(row("1", lead="05-02"), thing="account")
    assert of(OLD, other, leads(row("1", lead="05-03"), source="web")).leads() == 3


def test_the_channel_of_an_event_is_its_own_then_its_leads_then_the_earliest() -> None:
    won = Tally(TallyKind.REACHED, stage=Stage.WON)
    lead = push(event("1", "lead", "05-01", channel="web"))
    assert of(OLD, lead).channels(won) == {"web": 1.0}
    stated = leads(row("1", won="05-09", channel="fair"))
    assert of(OLD, lead, stated).channels(won) == {"fair": 1.0}
    own = push(event("1", "won", "06-09", channel="ads"))
    assert of(OLD, lead, stated, own).channels(won) == {"ads": 1.0}


def test_a_condition_asks_the_newest_attribute() -> None:
    managers = Tally(
        TallyKind.REACHED,
        stage=Stage.LEAD,
        conditions=(Condition("role", Operator.IN, ("manager",)),),
    )
    manager = leads(row("1", lead="05-01", attributes={"role": "ＭＡＮＡＧＥＲ"}), through="05-10")
    blank, other = (leads(row("1", lead="05-01", attributes=of)) for of in ({}, {"role": "clerk"}))
    assert of(manager, blank).days(managers) == {date(2026, 5, 1): 1.0}
    assert of(manager, other).days(managers) == {}


def test_a_user_is_active_once_a_month_on_the_day_of_the_last_login_needed() -> None:
    active = Tally(TallyKind.ACTIVE, name="login", at_least=2)
    logins = history(*(event("1", "login", day) for day in ("05-01", "05-09", "05-20", "06-01")))
    assert of(logins, replace(logins, mapping="again")).days(active) == {date(2026, 5, 9): 1.0}


def test_of_numbers_the_newest_counts_and_a_missing_one_stays() -> None:
    spent = Tally(TallyKind.MEASURE, name="cost")
    first = numbers(cost("05-01", 5, "web"), cost("05-02", 7, "web"), through="05-03")
    newer = numbers(cost("05-01", 6, "web"))
    assert of(first, newer).days(spent) == {date(2026, 5, 1): 6.0, date(2026, 5, 2): 7.0}
    total = Import(2, numbers(cost("05-01", 9)), at("06-01"))
    for decision, expected in ((False, 14.0), (True, 9.0)):
        both = [Import(1, first, at("05-03")), replace(total, replaces_breakdown=decision)]
        assert current(both).days(spent)[date(2026, 5, 1)] == expected


def test_the_order_is_by_data_through_then_by_import() -> None:
    newer = leads(row("1", lead="05-03"))
    assert days(of(newer, OLD), "lead") == "05-03"
    assert days(of(newer.through("05-10"), OLD), "lead") == "05-01"
    overwrite = Import(2, OLD, OLD.data_through, ranks_at=at("06-01"))
    assert days(current([Import(1, newer, at("06-01")), overwrite]), "lead") == "05-01"


def test_a_repeat_is_never_newer_than_what_came_between_and_speaks_for_the_first() -> None:
    between = Import(2, leads(row("1", lead="05-03")), at("05-12"))
    first = Import(1, OLD, at("05-10"))
    again = Import(3, OLD, at("05-20"), ranks_at=at("05-10"), repeats=1)
    assert days(current([first, between, again]), "lead") == "05-03"
    assert days(current([again]), "lead") == "05-01"
    assert current([first, again]) == current([first])


def test_a_receipt_counts_facts_by_what_is_current_of_them() -> None:
    said = leads(
        row("1", lead="05-01", won="05-09", amount=120), row("2", lead="05-02", renewed="05-03")
    )
    assert counts(said, of(OLD), of(OLD, said)) == (2, 1, 1)
    older = leads(row("1", won="05-08"), through="05-01")
    lost = leads(row("1", lost="05-20"))
    assert counts(older, of(lost), of(lost, older)) == (0, 0, 1)


def test_months_add_up_leads_and_numbers() -> None:
    state = of(OLD, numbers(cost("05-01", 5), cost("05-31", 7), cost("06-01", 1)))
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    assert state.months() == {
        ("lead", may): 1,
        ("won", may): 1,
        ("cost", may): 12,
        ("cost", june): 1,
    }
