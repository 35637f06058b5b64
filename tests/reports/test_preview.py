"""What a starter counts, and what it would count in the data at hand, before it is chosen."""

from datetime import datetime

import pytest

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import STARTERS, starters
from kpi_core.reports.countable import MonthValue, preview
from kpi_core.reports.plan_text import would_count
from tests.reports.conftest import Scene, in_tokyo, mqls

NOW = in_tokyo("2026-04-10 09:00")
EN, JA = Words(Language.EN), Words(Language.JA)


def starter(name: str) -> Plan:
    plan = read_plan(starters()[name])
    assert isinstance(plan, Plan)
    return plan


def seen(scene: Scene, name: str, now: datetime = NOW) -> str:
    return would_count(preview(scene.store, starter(name), now=now), EN)


def test_columns_that_the_data_lack_are_named(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-02": 5}), through="2026-04-10")
    found = preview(scene.store, starter("saas"), now=NOW)
    assert found.needs == ("marketing_qualified", "role", "employees", "industry")
    assert found.lacks == ("role", "employees", "industry")
    assert found.months == ()
    text = would_count(found, EN)
    assert text.startswith("MQLs: An enquiry that looks like past won deals")
    assert "In your data nothing meets this definition: there is no column for" in text
    assert "いまのデータに、この定義に合うものはありません" in would_count(found, JA)


def test_activities_that_the_data_lack_are_named(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-02": 5}), through="2026-04-10")
    (activity,) = starter("hr-platform").tallies_of(starter("hr-platform").kpi[0])
    found = preview(scene.store, starter("hr-platform"), now=NOW)
    assert found.lacks == (activity.name,)


def test_the_two_newest_closed_months_are_shown_newest_first(scene: Scene) -> None:
    scene.leads(mqls({"2026-02-10": 4, "2026-03-02": 5, "2026-04-01": 7}), through="2026-04-10")
    plan = read_plan(starters()["olist"].replace('source = "olist"\n', ""))
    assert isinstance(plan, Plan)
    found = preview(scene.store, plan, now=NOW)
    assert found.months == (MonthValue(Month(2026, 3), 5), MonthValue(Month(2026, 2), 4))
    assert "In your data: 5 in March 2026, 4 in February 2026." in would_count(found, EN)
    assert "いまのデータでは 2026年3月 5、2026年2月 4。" in would_count(found, JA)


def test_data_of_another_source_count_for_nothing(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-02": 5}), through="2026-04-10")
    assert "no closed month has a value that fits" in seen(scene, "olist")


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_says_what_it_needs(scene: Scene, name: str) -> None:
    assert "Needs: " in seen(scene, name)
