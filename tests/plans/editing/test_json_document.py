"""A plan's document as JSON, and back into its text."""

import json
import tomllib

import pytest

from kpi_core.plans.editing.json_document import NotJson, plan_document, plan_text
from kpi_core.plans.starter_plans import STARTERS, starters
from kpi_core.reports.as_json import as_json


@pytest.mark.parametrize("name", STARTERS)
def test_what_a_text_says_comes_back_as_that_text(name: str) -> None:
    text = starters()[name]
    document = plan_document(text)
    assert document == tomllib.loads(text)
    assert plan_text(json.dumps(as_json(document)), text) == text


def test_nulls_are_left_out() -> None:
    text = starters()["saas"]
    document = as_json(plan_document(text)) | {"review_on": None}
    document["calendar"]["days_off"].append(None)
    assert plan_text(json.dumps(document), text) == text


def test_a_text_that_is_no_toml_keeps_nothing() -> None:
    text = starters()["olist"]
    assert plan_document("=") is None
    found = plan_text(json.dumps(as_json(plan_document(text))), "")
    assert isinstance(found, str)
    assert tomllib.loads(found) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("content", "place"),
    [("", (1, 1)), ('{"a": 1,\n b}', (2, 2)), ("[]", (None, None)), ('{"a": NaN}', (None, None))],
)
def test_what_is_no_json_object_has_its_place_where_there_is_one(
    content: str, place: tuple[int | None, int | None]
) -> None:
    with pytest.raises(NotJson) as caught:
        plan_text(content, "")
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize("depth", [100, 300, 600, 900])
def test_json_that_is_nested_deeply_is_a_mistake_in_the_plan(depth: int) -> None:
    for content in ('{"a":' * depth + "1" + "}" * depth, '{"a":' + "[" * depth + "]" * depth + "}"):
        assert isinstance(plan_text(content, ""), tuple)


def test_a_name_that_is_no_date_is_a_mistake_in_the_plan() -> None:
    document = as_json(plan_document(starters()["saas"])) | {"review_on": "soon"}
    found = plan_text(json.dumps(document), "")
    assert isinstance(found, tuple)
    assert [(each.path, each.code) for each in found] == [("review_on", "not_a_date")]
