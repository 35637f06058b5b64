"""The plans that ship are sound, speak both languages and say what the method says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_core.domain.condition import Operator
from kpi_core.domain.period import Month
from kpi_core.plans.actions import Occasion, Per
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Active, Count
from kpi_core.plans.parse import read_plan
from kpi_core.plans.ratio import Ratio
from kpi_core.plans.starter_plans import STARTERS, starters


def starter(name: str) -> Plan:
    plan = read_plan(starters()[name])
    assert isinstance(plan, Plan), plan
    return plan


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_is_a_plan_of_its_own_name(name: str) -> None:
    assert starter(name).id == name


def test_every_file_of_the_folder_is_a_starter() -> None:
    folder = Path(__file__).parents[2] / "kpi_core" / "plans" / "starters"
    assert {file.stem for file in folder.iterdir()} == set(STARTERS)


TEXTS = {"name", "unit", "owner", "csf", "text", "do"}


def texts(value: Any, key: str = "") -> Iterator[Any]:
    """Every text of a plan that a reader sees."""
    if key in TEXTS and isinstance(value, list | tuple):
        yield from value
    elif key in TEXTS:
        if value not in (None, ""):
            yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts(each, name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


@pytest.mark.parametrize("name", STARTERS)
def test_every_text_speaks_both_languages(name: str) -> None:
    shown = list(texts(starter(name).model_dump()))
    assert len(shown) > 15
    for text in shown:
        assert isinstance(text, dict), text
        assert text.keys() == {"ja", "en"}, text


@pytest.mark.parametrize("name", STARTERS)
def test_everything_has_an_owner(name: str) -> None:
    plan = starter(name)
    assert all(each.owner for each in (*plan.measured(), *plan.actions, *plan.rules))


def test_the_saas_company_needs_fifty_mqls_a_month() -> None:
    plan = starter("saas")
    (kpi,) = plan.kpi
    assert isinstance(kpi, Count)
    assert kpi.targets == {"default": 50}
    assert (plan.kgi.target, plan.kgi.deadline) == (12, date(2027, 3, 31))
    conditions = {c.attribute: c for c in plan.tallies()[0].conditions}
    assert conditions["role"].values == ("executive", "director", "manager")
    assert (conditions["employees"].operator, conditions["employees"].number) == (
        Operator.AT_LEAST,
        100,
    )
    assert conditions["industry"].values == ("manufacturing", "it", "finance")
    (action,) = plan.actions
    assert (action.measure, action.minimum, action.per) == ("whitepapers", 4, Per.MONTH)


@pytest.mark.parametrize("name", STARTERS)
def test_nobody_agreed_to_a_starter(name: str) -> None:
    for each in starter(name).measured():
        assert each.definition.agreed_by == ()
        assert each.definition.agreed_on is None


def test_the_saas_company_has_a_rule_for_every_occasion() -> None:
    plan = starter("saas")
    possible = {each for each in Occasion if (each.checkpoint or 0) <= len(plan.checkpoints.shares)}
    assert {rule.when for rule in plan.rules} == possible


def test_all_ratios_on_saas_mqls_choose_the_leads_that_the_kpi_chooses() -> None:
    plan = starter("saas")
    (kpi,) = plan.kpi
    assert isinstance(kpi, Count)
    cohort, share = plan.by_id["mql_to_sql"], plan.by_id["mql_by_channel"]
    assert isinstance(cohort, Ratio)
    assert cohort.denominator is not None
    assert cohort.denominator.where == kpi.where
    assert isinstance(share, Ratio)
    assert share.numerator.where == kpi.where


def test_the_manufacturer_needs_thirty_valid_leads_a_month() -> None:
    plan = starter("manufacturer")
    assert plan.kpi[0].targets == {"default": 30}
    assert [(a.measure, a.minimum, a.per) for a in plan.actions] == [("articles", 6, Per.MONTH)]


def test_the_hr_platform_counts_users_who_logged_in_three_times() -> None:
    plan = starter("hr-platform")
    (kpi,) = plan.kpi
    assert isinstance(kpi, Active)
    assert (kpi.activity, kpi.at_least, kpi.targets) == ("login", 3, {"default": 500})
    assert plan.actions[0].per is Per.WEEK


def test_olist_works_in_brazil() -> None:
    plan = starter("olist")
    assert {tally.source for tally in plan.tallies()} == {"olist"}
    # Carnival is no public holiday; Good Friday (30 March 2018) is.
    assert not plan.work_calendar.is_working(date(2018, 3, 30))
    assert len(plan.lines_of(Month(2018, 5)).checkpoints) == 4
