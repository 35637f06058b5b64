"""Numbers of a plan's document are found by what they count."""

from typing import Any

import pytest

from kpi_core.plans.editing.declared import (
    id_of,
    new_id,
    with_indicator,
    with_kpi,
    without_indicator,
)

MQL = {"kind": "count", "stage": "marketing_qualified"}
WON = {"kind": "count", "stage": "won"}
NAME = {"ja": "受注", "en": "Won deals"}


def document(**more: Any) -> dict[str, Any]:
    return {"kpi": {"id": "mql", "name": "MQLs", **MQL, "targets": {"default": 5}}, **more}


def test_a_number_is_found_by_what_it_counts_whatever_its_name() -> None:
    assert id_of(document(), MQL) == "mql"
    assert id_of(document(), {**MQL, "where": [{"attribute": "role", "in": ["x"]}]}) is None


def test_a_number_joins_the_indicators_once() -> None:
    first, name = with_indicator(document(), NAME, "件", WON)
    again, same = with_indicator(first, "Other", "", WON)
    assert (name, same) == ("won_deals", "won_deals")
    assert again["indicators"] == [{"id": "won_deals", "name": NAME, "unit": "件", **WON}]


def test_another_kpi_leaves_the_former_one_among_the_indicators() -> None:
    before, _ = with_indicator(document(), NAME, "件", WON)
    after = with_kpi(before, "ignored", "", WON)
    assert after["kpi"] == {"id": "won_deals", "name": NAME, "unit": "件", **WON}
    assert [each["id"] for each in after["indicators"]] == ["mql"]
    assert after["indicators"][0]["targets"] == {"default": 5}


def test_the_same_kpi_again_changes_nothing() -> None:
    assert with_kpi(document(), "Other", "", MQL) == document()


def test_the_first_kpi_of_a_new_plan_stands_alone() -> None:
    assert with_kpi({"kgi": {"name": "g"}}, NAME, "", WON) == {
        "kgi": {"name": "g"},
        "kpi": {"id": "won_deals", "name": NAME, **WON},
    }


def test_an_indicator_that_goes_takes_the_goal_off_it() -> None:
    plan, name = with_indicator(document(kgi={"indicator": "won_deals"}), NAME, "", WON)
    assert without_indicator(plan, name) == document(kgi={})


@pytest.mark.parametrize(
    ("text", "taken", "made"),
    [
        ("Won deals", [], "won_deals"),
        ("Won deals", ["won_deals"], "won_deals_2"),
        ("受注", [], "number"),
        ("受注", ["number", "number_2"], "number_3"),
        ("30 day café", [], "day_cafe"),
        ("x" * 90, ["x" * 40], "x" * 38 + "_2"),
    ],
)
def test_a_new_id_is_like_the_text_and_nothings_yet(text: str, taken: list[str], made: str) -> None:
    assert new_id(text, taken) == made
