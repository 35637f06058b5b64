"""The values that leads have, counted by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_core.facts.attributes import MOST_VALUES
from kpi_core.facts.store import Store, open_store
from tests.batches import NOW, Event, at, batch


@pytest.fixture
def store(tmp_path: Path, new_store: Callable[[Path], Store]) -> Store:
    return new_store(tmp_path / "data")


def add(
    store: Store, leads: dict[str, dict[str, str]], source: str = "crm", day: str = "2026-06-01"
) -> int:
    """Leads with their attributes; a channel is a field of the event."""
    events = (Event(lead, "lead", at(day), known.get("channel")) for lead, known in leads.items())
    attributes = {
        lead: {name: value for name, value in known.items() if name != "channel"}
        for lead, known in leads.items()
    }
    said = batch(
        *events,
        source=source,
        content_hash=f"{source} {day} {leads}",
        data_through=at(day),
        attributes=attributes,
    )
    return store.commit(said, who="t", now=NOW).import_id or 0


def test_values_are_counted_lead_by_lead(store: Store) -> None:
    add(
        store,
        {
            "1": {"role": "Manager", "employees": "1,200", "channel": "web"},
            "2": {"role": "manager", "employees": "30"},
            "3": {"role": "Manager", "employees": "５"},
            "4": {"role": "Staff", "channel": "event"},
            "5": {"role": " "},
        },
    )
    add(store, {"1": {"role": "Staff"}}, source="shop")  # another lead: ids are of their source
    assert store.attributes() == ("channel", "campaign", "owner", "account", "employees", "role")
    role = store.attribute_values("role")
    assert role is not None
    assert role.values == (("Manager", 3), ("Staff", 2))
    assert (role.leads, role.numbers, role.is_number) == (5, 0, False)
    employees = store.attribute_values("employees")
    assert employees is not None
    assert (employees.leads, employees.numbers) == (3, 3)
    assert (employees.least, employees.most, employees.is_number) == (5, 1200, True)
    channel = store.attribute_values("channel")
    assert channel is not None
    assert channel.values == (("event", 1), ("web", 1))


def test_a_lead_that_changed_counts_as_it_is_now(store: Store) -> None:
    add(store, {"1": {"role": "Staff"}, "2": {"role": "Staff"}})
    newer = add(store, {"1": {"role": "Manager"}}, day="2026-06-02")
    role = store.attribute_values("role")
    assert role is not None
    assert role.values == (("Manager", 1), ("Staff", 1))
    store.undo(newer, who="t", now=NOW)
    role = store.attribute_values("role")
    assert role is not None
    assert role.values == (("Staff", 2),)


def test_an_unknown_attribute_has_no_values(store: Store) -> None:
    add(store, {"1": {"role": "Staff"}})
    found = store.attribute_values('x"; drop table leads')
    assert found is not None
    assert (found.values, found.leads, found.least) == ((), 0, None)


def test_the_most_frequent_values_are_listed(store: Store) -> None:
    add(store, {str(n): {"city": f"c{n // 2}"} for n in range(2 * MOST_VALUES + 1)})
    city = store.attribute_values("city")
    assert city is not None
    assert len(city.values) == MOST_VALUES
    assert {count for _, count in city.values} == {2}
    assert city.leads == 2 * MOST_VALUES + 1


def test_a_process_that_follows_cannot_know(store: Store) -> None:
    add(store, {"1": {"role": "Staff"}})
    other = open_store(store.data)
    try:
        assert other.attributes() is None
        assert other.attribute_values("role") is None
    finally:
        other.close()
