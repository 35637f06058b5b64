"""What differs between two documents, and how two people's changes come together."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.plans.editing.differences import (
    Difference,
    differences,
    merged,
    value_at,
    with_value,
)

BASE: dict[str, Any] = {
    "name": "P",
    "kpi": {"id": "mql", "targets": {"default": 50}, "owner": "Ito"},
    "indicators": [{"id": "won", "name": "Won"}, {"id": "cost", "name": "Cost"}],
    "rules": [{"when": "week_1", "do": ["Meet"]}],
}


def test_places_are_named_by_keys_and_entries_by_their_ids() -> None:
    after = with_value(BASE, ("kpi", "targets", "2026-12"), 60)
    after = with_value(after, ("indicators", "cost", "name"), "Spend")
    after = with_value(after, ("rules", "week_2"), {"when": "week_2", "do": ["Talk"]})
    assert differences(BASE, after) == (
        Difference(("kpi", "targets", "2026-12"), None, 60),
        Difference(("indicators", "cost", "name"), "Cost", "Spend"),
        Difference(("rules", "week_2"), None, {"when": "week_2", "do": ["Talk"]}),
    )


def test_the_order_of_a_list_makes_no_difference_but_a_plain_list_is_one_value() -> None:
    after = {**BASE, "indicators": BASE["indicators"][::-1], "not_ours": ["a", "b"]}
    assert differences(BASE, after) == (Difference(("not_ours",), None, ["a", "b"]),)


def test_changes_in_other_places_come_together() -> None:
    mine = with_value(BASE, ("kpi", "targets", "default"), 55)
    theirs = with_value(BASE, ("kpi", "owner"), "Sato")
    found = merged(BASE, mine, theirs)
    assert found.conflicts == ()
    assert found.taken == (Difference(("kpi", "owner"), "Ito", "Sato"),)
    assert found.document["kpi"] == {"id": "mql", "targets": {"default": 55}, "owner": "Sato"}


def test_the_same_place_changed_by_both_is_a_conflict_in_which_mine_stands() -> None:
    mine = with_value(BASE, ("kpi", "targets", "default"), 55)
    theirs = with_value(BASE, ("kpi", "targets", "default"), 60)
    found = merged(BASE, mine, theirs)
    assert found.conflicts == (Difference(("kpi", "targets", "default"), 55, 60),)
    assert found.document == mine


def test_the_same_change_by_both_is_no_conflict() -> None:
    mine = with_value(BASE, ("kpi", "owner"), "Sato")
    assert merged(BASE, mine, mine).conflicts == ()


def test_what_they_removed_and_i_changed_is_a_conflict() -> None:
    mine = with_value(BASE, ("indicators", "won", "name"), "Orders")
    theirs = with_value(BASE, ("indicators", "won"), None)
    found = merged(BASE, mine, theirs)
    assert [each.path for each in found.conflicts] == [("indicators", "won")]
    assert value_at(found.document, ("indicators", "won", "name")) == "Orders"


def test_what_they_added_and_removed_comes_along() -> None:
    theirs = with_value(BASE, ("indicators", "won"), None)
    theirs = with_value(theirs, ("actions",), [{"id": "calls", "minimum": 3}])
    found = merged(BASE, {**BASE, "name": "Q"}, theirs)
    assert [each["id"] for each in found.document["indicators"]] == ["cost"]
    assert found.document["actions"] == [{"id": "calls", "minimum": 3}]
    assert found.document["name"] == "Q"


VALUES = st.integers(0, 3) | st.sampled_from(["a", "b"])
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": VALUES,
        "kgi": st.dictionaries(st.sampled_from(["target", "unit"]), VALUES),
        "indicators": st.lists(
            st.fixed_dictionaries({"id": st.sampled_from("xyz"), "name": VALUES}),
            unique_by=lambda each: each["id"],
        ),
    },
)


def as_sets(document: dict[str, Any]) -> dict[str, Any]:
    lists = {"indicators": {each["id"]: each for each in document.get("indicators", [])}}
    return {key: each for key, each in (document | lists).items() if each not in ({}, [])}


@given(DOCUMENTS, DOCUMENTS)
def test_with_no_change_of_mine_theirs_is_the_result(
    base: dict[str, Any], theirs: dict[str, Any]
) -> None:
    found = merged(base, base, theirs)
    assert found.conflicts == ()
    assert as_sets(found.document) == as_sets(theirs)


@given(DOCUMENTS, DOCUMENTS)
def test_with_no_change_of_theirs_mine_is_the_result(
    base: dict[str, Any], mine: dict[str, Any]
) -> None:
    assert merged(base, mine, base).document == mine
