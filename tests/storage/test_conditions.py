"""What must hold of a lead for it to count."""

from datetime import date

import pytest

from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.store import Store
from tests.storage.batches import NOW, Attribute, Count, Event, at, batch

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def counted(store: Store, *conditions: Condition) -> float:
    tally = Tally(TallyKind.REACHED, stage=Stage.LEAD, conditions=conditions)
    store.register([tally])
    return sum(store.daily([tally], MAY)[tally].values())


def with_attribute(store: Store, value: str) -> None:
    said = batch(Event("1", "lead", at("2026-05-01")), Attribute("1", "x", value))
    store.commit(said, who="me", now=NOW)


@pytest.mark.parametrize(
    ("value", "listed", "holds"),
    [
        ("部長", "部長", True),
        ("Manager", "MANAGER", True),
        ("Ｍａｎａｇｅｒ", "manager", True),
        (" manager ", "manager", True),
        ("manager", "managers", False),
        ("%", "manager", False),
        ("'; drop table kept; --", "'; drop table kept; --", True),
    ],
)
def test_texts_are_compared_whole_and_folded(
    store: Store, value: str, listed: str, holds: bool
) -> None:
    with_attribute(store, value)
    assert counted(store, Condition("x", Operator.IN, (listed, "other"))) == holds
    assert counted(store, Condition("x", Operator.NOT_IN, (listed,))) == (not holds)


@pytest.mark.parametrize(
    ("value", "at_least_100", "at_most_100"),
    [
        ("100", True, True),
        ("99.5", False, True),
        ("1,200", True, False),
        ("１，２００", True, False),
        ("-5", False, True),
        ("1e3", True, False),
        ("100人", False, False),
        ("nan", False, False),
        ("inf", False, False),
        ("", False, False),
    ],
)
def test_numbers_are_read_from_text_and_what_is_none_meets_nothing(
    store: Store, value: str, at_least_100: bool, at_most_100: bool
) -> None:
    with_attribute(store, value)
    assert counted(store, Condition("x", Operator.AT_LEAST, number=100)) == at_least_100
    assert counted(store, Condition("x", Operator.AT_MOST, number=100)) == at_most_100


def test_a_lead_without_the_attribute_meets_no_condition_on_it(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    assert counted(store) == 1
    assert counted(store, Condition("x", Operator.NOT_IN, ("a",))) == 0
    assert counted(store, Condition("channel", Operator.NOT_IN, ("a",))) == 0


def test_all_conditions_must_hold_also_two_on_one_attribute(store: Store) -> None:
    values = {"small": "50", "right": "500", "large": "5000"}
    store.commit(
        batch(
            *(Event(lead, "lead", at("2026-05-01"), owner="Sato") for lead in values),
            *(Attribute(lead, "employees", value) for lead, value in values.items()),
        ),
        who="me",
        now=NOW,
    )
    at_least = Condition("employees", Operator.AT_LEAST, number=100)
    at_most = Condition("employees", Operator.AT_MOST, number=1000)
    assert counted(store, at_least) == 2
    assert counted(store, at_least, at_most) == 1
    assert counted(store, at_least, Condition("owner", Operator.IN, ("sato",))) == 2
    assert counted(store, at_least, Condition("owner", Operator.IN, ("suzuki",))) == 0
    assert counted(store, at_least, Condition("role", Operator.IN, ("x",))) == 0


def test_an_attribute_that_comes_later_or_changes_counts_at_once(store: Store) -> None:
    managers = Condition("role", Operator.IN, ("部長",))
    assert counted(store, managers) == 0
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    store.commit(batch(Attribute("1", "role", "部長")), who="me", now=NOW)
    assert counted(store, managers) == 1
    store.commit(batch(Attribute("1", "role", "課長")), who="me", now=NOW)
    assert counted(store, managers) == 0
    store.undo(3, who="me", now=NOW)
    assert counted(store, managers) == 1


def test_leads_counted_elsewhere_can_be_asked_for_their_channel_and_nothing_else(
    store: Store,
) -> None:
    store.commit(
        batch(
            Count("lead", date(2026, 5, 1), 5.0, channel="web"),
            Count("lead", date(2026, 5, 1), 7.0),
            Event("1", "lead", at("2026-05-01"), channel="WEB"),
        ),
        who="me",
        now=NOW,
    )
    assert counted(store) == 13
    assert counted(store, Condition("channel", Operator.IN, ("Web",))) == 6
    assert counted(store, Condition("owner", Operator.NOT_IN, ("Sato",))) == 0
