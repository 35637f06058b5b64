"""A plan's text follows its document, and its comments stay."""

import tomllib
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpi_core.plans.document import Plan
from kpi_core.plans.editing.rewrite import rewritten
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import STARTERS, starters
from tests.plans.documents import Table, small_plan


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.splitlines(), after.splitlines()
    return {line for line in old if line not in new}, {line for line in new if line not in old}


@pytest.mark.parametrize("starter", STARTERS)
def test_a_text_brought_to_what_it_declares_is_the_same_text(starter: str) -> None:
    text = starters()[starter]
    assert rewritten(text, tomllib.loads(text)) == text


@pytest.mark.parametrize("starter", STARTERS)
def test_a_new_text_declares_the_same_plan(starter: str) -> None:
    text = starters()[starter]
    assert read_plan(rewritten("", tomllib.loads(text))) == read_plan(text)


def test_a_number_changes_its_line_alone() -> None:
    text = starters()["saas"]
    document = tomllib.loads(text)
    document["kpi"]["targets"]["default"] = 55.0
    gone, new = changed_lines(text, rewritten(text, document))
    assert (gone, new) == ({"default = 50"}, {"default = 55"})


def test_a_new_month_is_one_new_line() -> None:
    text = starters()["saas"]
    document = tomllib.loads(text)
    document["kpi"]["targets"]["2026-12"] = 60
    assert changed_lines(text, rewritten(text, document)) == (set(), {"2026-12 = 60"})


def test_a_condition_changes_within_its_list() -> None:
    text = starters()["saas"]
    document = tomllib.loads(text)
    document["kpi"]["where"][1]["at_least"] = 50
    _, new = changed_lines(text, rewritten(text, document))
    assert new == {'    { attribute = "employees", at_least = 50 },'}


def test_indicators_that_stay_keep_their_comments_when_another_goes() -> None:
    text = starters()["saas"]
    document = tomllib.loads(text)
    document["indicators"] = [each for each in document["indicators"] if each["id"] != "sql"]
    after = rewritten(text, document)
    assert tomllib.loads(after) == document
    assert "# By cohort" in after
    assert "# A formula takes ids" in after


def test_a_new_indicator_goes_to_its_place() -> None:
    text = starters()["manufacturer"]
    document = tomllib.loads(text)
    new = {"id": "cost", "name": "Cost", "kind": "measure", "measure": "cost"}
    document["indicators"].insert(2, new)
    after = rewritten(text, document)
    assert [each["id"] for each in tomllib.loads(after)["indicators"]][2] == "cost"
    assert "# saas.toml explains the format line by line." in after


def test_a_text_that_is_not_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1"):
        rewritten("id = ", {})


PLAIN = (
    st.integers(-(10**6), 10**6)
    | st.floats(0, 1e6, allow_nan=False).map(lambda n: round(n, 3))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.booleans()
    | st.dates(date(1990, 1, 1), date(2100, 1, 1))
)
KEYS = st.sampled_from(["id", "name", "kgi", "kpi", "where", "targets", "indicators", "rules", "x"])
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        PLAIN,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(KEYS, inner, max_size=4)
            | st.lists(st.dictionaries(KEYS, inner, min_size=1, max_size=3), min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=5,
)


def without_whole_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_whole_floats(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_whole_floats(each) for each in value]
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


@example({"x": [{"id": ""}]}, {"x": [{"id": [], "kgi": {}}]})
@given(DOCUMENTS, DOCUMENTS)
def test_whatever_text_there_was_the_new_one_declares_the_document(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    text = rewritten("", before)
    assert tomllib.loads(rewritten(text, after)) == without_whole_floats(after)


def test_edits_one_after_the_other_declare_what_one_edit_does() -> None:
    text = starters()["saas"]
    document: Table = tomllib.loads(text)
    step = deepcopy(document)
    step["kpi"]["targets"] = {"default": 40}
    document["kpi"]["targets"] = {"default": 40}
    document["rules"] = document["rules"][:3]
    assert read_plan(rewritten(rewritten(text, step), document)) == read_plan(
        rewritten(text, document)
    )
    assert isinstance(read_plan(rewritten("", small_plan())), Plan)
