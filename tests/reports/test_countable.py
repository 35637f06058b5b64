"""What the store can count is listed with its months; work done with its outcome."""

from datetime import date, timedelta

import pandas as pd

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Month
from kpi_core.domain.stage import Stage
from kpi_core.facts.batch import Batch, Grain
from kpi_core.plans.document import Plan
from kpi_core.reports.countable import (
    Countable,
    countable_of,
    countables,
    uncounted,
    unsorted,
)
from tests.batches import at
from tests.plans.documents import plan_of, small_plan
from tests.reports.conftest import Scene, in_tokyo, mqls

NOW = in_tokyo("2026-04-10 09:00")


def by_key(scene: Scene) -> dict[str, Countable]:
    return {each.key: each for each in countables(scene.store, now=NOW)}


def numbers(scene: Scene, source: str, name: str, per_day: dict[str, float]) -> None:
    rows = [
        {"line": line, "measure": name, "day": date.fromisoformat(day), "value": value}
        for line, (day, value) in enumerate(per_day.items(), start=2)
    ]
    said = Batch(
        source=source, file_name="n.csv", content_hash=f"{source} {name}", mapping_name="m",
        mapping="", grain=Grain.DAY, rows=len(rows), numbers=pd.DataFrame(rows),
        covers=frozenset({("measure", name)}), data_through=at("2026-04-10"),
    )  # fmt: skip
    scene.store.commit(said, who="t", now=at("2026-04-10"))


def test_a_stage_has_its_closed_months_and_none_before_its_first_day(scene: Scene) -> None:
    scene.leads(
        mqls({"2026-01-10": 3, "2026-01-20": 1, "2026-03-02": 5, "2026-04-01": 7}),
        through="2026-04-10",
    )
    found = by_key(scene)
    assert list(found) == ["stage:marketing_qualified"]
    mql = found["stage:marketing_qualified"]
    assert mql.name == {"ja": "MQL", "en": "MQLs"}
    assert [(each.month, each.value) for each in mql.months[-4:]] == [
        (Month(2025, 12), None),
        (Month(2026, 1), 4),
        (Month(2026, 2), 0),
        (Month(2026, 3), 5),
    ]
    assert [each.value for each in mql.newest(6)] == [4, 0, 5]
    assert mql.indicator == {"kind": "count", "stage": "marketing_qualified"}


def test_months_end_where_the_data_do(scene: Scene) -> None:
    scene.leads(mqls({"2026-01-10": 3}), through="2026-02-15")
    mql = by_key(scene)["stage:marketing_qualified"]
    assert mql.months[-1].month == Month(2026, 1)


def test_work_done_names_the_outcome_of_its_channel(scene: Scene) -> None:
    day = date(2026, 3, 2)
    told = mqls({str(day): 3, str(day + timedelta(days=1)): 2})
    scene.leads(
        told,
        through="2026-04-10",
        channel=lambda lead: "Seminar" if lead.startswith(str(day)) else "web",
    )
    numbers(scene, "team", "seminars_held", {"2026-03-02": 2})
    numbers(scene, "team", "articles", {"2026-03-02": 4})
    numbers(scene, "team", "cost", {"2026-03-02": 900.5})
    found = by_key(scene)
    assert {key for key, each in found.items() if each.is_work} == {
        "measure:seminars_held",
        "measure:articles",
    }
    assert found["measure:seminars_held"].instead == "stage:marketing_qualified:Seminar"
    assert found["measure:articles"].instead == "stage:marketing_qualified"
    outcome = found["stage:marketing_qualified:Seminar"]
    assert outcome.months[-1].value == 3
    assert outcome.name == {"ja": "SeminarからのMQL", "en": "MQLs from Seminar"}
    assert found["measure:cost"].months[-1].value == 900.5


def test_numbers_of_a_source_that_lists_work_are_work(scene: Scene) -> None:
    numbers(scene, "calls", "total", {"2026-03-02": 2})
    assert by_key(scene)["measure:total"].is_work


def test_what_a_plan_says_nothing_of_is_left_to_sort(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-02": 3}), through="2026-04-10")
    numbers(scene, "team", "articles", {"2026-03-02": 4})
    numbers(scene, "team", "cost", {"2026-03-02": 9})
    found = countables(scene.store, now=NOW)
    plan = plan_of(small_plan())
    assert isinstance(plan, Plan)
    left = unsorted(found, plan.tallies(), ["measure:cost"])
    assert [each.key for each in left] == ["measure:articles"]
    assert Tally(TallyKind.REACHED, Stage.MARKETING_QUALIFIED) in plan.tallies()


def test_a_month_that_the_data_cover_to_its_end_is_closed(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-10": 3}), through="2026-04-01")
    mql = by_key(scene)["stage:marketing_qualified"]
    assert (mql.months[-1].month, mql.months[-1].value) == (Month(2026, 3), 3)


def test_a_number_that_a_plan_counts_otherwise_can_still_be_counted_as_it_is(scene: Scene) -> None:
    scene.leads(mqls({"2026-03-02": 3}), through="2026-04-10")
    numbers(scene, "team", "articles", {"2026-03-02": 4})
    found = countables(scene.store, now=NOW)
    document = small_plan()
    assert [each.key for each in uncounted(found, document, [])] == ["measure:articles"]
    document["kpi"]["where"] = [{"attribute": "role", "in": ["director"]}]
    document["actions"] = [{"id": "a", "measure": "articles"}]
    left = [each.key for each in uncounted(found, document, [])]
    assert left == ["stage:marketing_qualified"]
    assert uncounted(found, document, left) == ()


def test_a_kpi_with_conditions_has_months_of_its_own(scene: Scene) -> None:
    told = mqls({"2026-02-02": 2, "2026-03-02": 3})
    scene.leads(
        told, through="2026-04-10", channel=lambda lead: "web" if lead.endswith("-0") else "fair"
    )
    document = small_plan()
    document["kpi"]["where"] = [{"attribute": "channel", "in": ["web"]}]
    found = countable_of(scene.store, plan_of(document).kpi[0], now=NOW)
    assert found is not None
    assert [each.value for each in found.newest(6)] == [1, 1]


def test_a_rate_has_no_months_that_add_up(scene: Scene) -> None:
    scene.leads(mqls({"2026-02-02": 2}), through="2026-04-10")
    document = small_plan()
    document["kpi"] = {
        "id": "r",
        "name": "R",
        "kind": "ratio",
        "numerator": {"stage": "won"},
        "denominator": {"stage": "marketing_qualified"},
    }
    assert countable_of(scene.store, plan_of(document).kpi[0], now=NOW) is None
