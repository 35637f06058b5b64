"""Changes of a plan as its readers say them."""

import tomllib
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.differences import differences
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.reports import plan_text
from tests.plans.documents import small_plan, toml

EN, JA = Words(Language.EN), Words(Language.JA)


def sentences(before: dict[str, Any], after: dict[str, Any], words: Words) -> list[str]:
    found = differences(before, after)
    return [plan_text.changed(each, before, after, words).sentence(words) for each in found]


def test_a_target_is_named_by_its_number_and_month() -> None:
    after = small_plan()
    after["kpi"]["targets"] = {"default": 50, "2026-12": 60, "2026-12-14": 65}
    assert sentences(small_plan(), after, EN) == [
        "KPI “MQLs” · Target · December 2026: 60 (new)",
        "KPI “MQLs” · Target · from Dec 14, 2026: 65 (new)",
    ]
    assert sentences(small_plan(), after, JA) == [
        "KPI「MQLs」 · 目標 · 2026年12月：60（追加）",
        "KPI「MQLs」 · 目標 · 2026年12月14日から：65（追加）",
    ]


def test_entries_of_lists_go_by_their_names() -> None:
    before = tomllib.loads(starters()["saas"])
    after = tomllib.loads(starters()["saas"])
    after["levels"] = {"attention": 0.85, "warning": 0.7}
    after["indicators"][0]["owner"] = "Sales"
    del after["actions"]
    after["rules"][0]["do"] = ["Call everyone"]
    after["kpi"]["where"][1]["at_least"] = 50
    told = sentences(before, after, EN)
    assert told == [
        "KPI “MQLs” · Conditions: Role is one of: executive, director, manager; "
        "Employees is at least 100; Industry is one of: manufacturing, it, finance → "
        "Role is one of: executive, director, manager; Employees is at least 50; "
        "Industry is one of: manufacturing, it, finance",
        "Management indicator “Enquiries” · Owner: Marketing team → Sales",
        "Action (KAI): White-paper campaigns (removed)",
        "Rule “Checkpoint 1 missed” · Response: Hold the progress meeting twice a week, "
        "Consider further lead sources → Call everyone",
        "Alert levels · Attention from: 80% → 85%",
    ]


def test_a_text_in_both_languages_names_the_one_that_changed() -> None:
    before = small_plan() | {"name": {"ja": "計画", "en": "Plan"}}
    after = small_plan() | {"name": {"ja": "新計画", "en": "Plan"}}
    assert sentences(before, after, JA) == ["計画名：計画 → 新計画"]
    assert sentences(before, after, EN) == ["Name of the plan · 日本語: 計画 → 新計画"]


def test_one_of_two_kpis_goes_by_its_own_name() -> None:
    before = small_plan()
    first = before["kpi"]
    before["kpi"] = [first, first | {"id": "sql", "name": "SQLs", "stage": "sales_qualified"}]
    after = small_plan()
    after["kpi"] = [first, first | {"id": "sql", "name": "SQLs", "stage": "won"}]
    assert sentences(before, after, EN) == ["KPI “SQLs” · Stage: SQLs → Won deals"]


@pytest.mark.parametrize(
    ("indicator", "counted"),
    [
        ({"kind": "count", "stage": "mql"}, "MQLs, each lead once"),
        ({"kind": "sum", "stage": "won", "of": "amount"}, "Amount of Won deals"),
        (
            {"kind": "active", "activity": "login", "at_least": 3},
            "Users with “login” 3 times or more in the month",
        ),
        (
            {"kind": "ratio", "numerator": {"stage": "sql"}, "denominator": {"stage": "mql"}},
            "SQLs as a share of MQLs",
        ),
        (
            {"kind": "ratio", "numerator": {"stage": "mql"}, "per": "channel"},
            "Each channel's share of MQLs",
        ),
        ({"kind": "formula", "formula": "cost / mql"}, "cost / mql"),
    ],
)
def test_what_a_number_counts(indicator: dict[str, Any], counted: str) -> None:
    assert plan_text.counted(indicator, EN) == counted
    assert plan_text.counted(indicator, JA)


def models(annotation: Any) -> set[type[BaseModel]]:
    """The tables of a plan's document, however deep."""
    found: set[type[BaseModel]] = set()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found.add(annotation)
        for each in annotation.model_fields.values():
            found |= models(each.annotation)
    for part in get_args(annotation):
        found |= models(part)
    return found


def test_every_key_of_a_plan_has_a_name() -> None:
    assert set(Plan.model_fields) == set(plan_text.PARTS)
    inner = models(Plan) - {Plan}
    keys = {name for each in inner for name in each.model_fields}
    # A condition is a sentence of its own.
    assert keys - {"attribute", "is_in", "not_in", "at_most"} == set(plan_text.FIELDS)


def test_a_mistake_names_its_place_as_the_reader_knows_it() -> None:
    document = {
        **small_plan(),
        "indicators": [
            {"id": "a", "name": "Cost", "kind": "measure", "measure": "cost"},
            {"id": "b", "name": "Cost per MQL", "kind": "formula", "formula": "cost per mql"},
        ],
    }
    found = read_plan(toml(document))
    assert isinstance(found, tuple)
    said = [plan_text.mistake(each, document, Words(Language.EN)) for each in found]
    assert len(said) == 1
    assert said[0].startswith("Management indicator “Cost per MQL” · Formula: ")


def test_a_mistake_at_no_known_place_is_said_as_it_is() -> None:
    problem = Problem("", "too_deep")
    assert plan_text.mistake(problem, {}, Words(Language.EN)) == problem.sentence(
        Words(Language.EN)
    )
