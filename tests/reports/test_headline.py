"""The sentence under the number, worked out by hand.

November 2026 has nineteen working days in Japan: 2 4 5 6 | 9-13 | 16-20 | 24-27 | 30. The first
checkpoint is the 9th.
"""

from dataclasses import replace

import pytest

from kpi_core.evaluation.month_end import Landing
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import board_report
from kpi_core.reports.headline import Headline, headline
from kpi_core.reports.kpi import KpiReport
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

EN, JA = Words(Language.EN), Words(Language.JA)
CALENDAR = 'country = "JP"'
UNIT = 'unit = { ja = "件", en = "leads" }\n'


def report(
    scene: Scene, counts: dict[str, int], through: str, *, now: str, target: str = "50"
) -> KpiReport:
    scene.plan(plan_text(targets=f"{UNIT}targets.default = {target}", calendar=CALENDAR))
    scene.leads(mqls(counts), through=through)
    return board_report(scene.store, "p", now=in_tokyo(now)).kpi


def test_before_the_first_checkpoint_it_says_what_is_left_alone(scene: Scene) -> None:
    found = report(scene, {"2026-11-02": 4}, "2026-11-05", now="2026-11-05 10:00")
    # 46 on 17 working days from the 5th on: 2.7 a day.
    assert headline(found, EN) == Headline("", "46 more in 17 working days, about 3 a day.")
    assert headline(found, JA) == Headline("", "あと46件、残り17営業日、1日約3件。")


def test_from_the_first_checkpoint_on_it_begins_with_the_boards_own_forecast(scene: Scene) -> None:
    counts = {"2026-11-02": 10, "2026-11-09": 10}
    found = report(scene, counts, "2026-11-12", now="2026-11-12 10:00")
    assert found.landing is not None
    said = headline(found, EN)
    assert said.forecast.startswith(f"Forecast {round(found.landing.expected)}")
    assert said.left == "30 more in 12 working days, about 3 a day."
    assert said.text(EN) == f"{said.forecast} {said.left}"
    said = headline(found, JA)
    assert said.text(JA) == said.forecast + said.left


@pytest.mark.parametrize(
    ("expected", "english", "japanese"),
    [
        (46.2, "Forecast 46: 4 short.", "このままなら46件で4件不足。"),
        (49.6, "Forecast 50: enough.", "このままなら50件で達成。"),
        (53.0, "Forecast 53: enough.", "このままなら53件で達成。"),
    ],
)
def test_the_forecast_is_judged_as_it_is_written(
    scene: Scene, expected: float, english: str, japanese: str
) -> None:
    found = report(scene, {"2026-11-02": 20}, "2026-11-12", now="2026-11-12 10:00")
    found = replace(found, landing=Landing(expected, expected - 5, expected + 5))
    assert headline(found, EN).forecast == english
    assert headline(found, JA).forecast == japanese


def test_on_the_last_day_no_days_are_counted(scene: Scene) -> None:
    found = report(scene, {"2026-11-02": 45}, "2026-11-28", now="2026-11-30 10:00")
    assert headline(found, EN).left == "5 more on the last working day."


def test_a_month_that_is_over_says_how_it_ended(scene: Scene) -> None:
    found = report(scene, {"2026-10-05": 45}, "2026-11-01", now="2026-11-01 10:00")
    assert headline(found, EN) == Headline(left="Ended 5 short of the target.")
    assert headline(found, JA) == Headline(left="目標に5件届かず終了。")


@pytest.mark.parametrize(
    ("count", "said"), [(50, "Target reached."), (56, "Target reached, 6 above it.")]
)
def test_a_target_that_is_reached_ends_it(scene: Scene, count: int, said: str) -> None:
    found = report(scene, {"2026-11-02": count}, "2026-11-12", now="2026-11-12 10:00")
    assert headline(found, EN) == Headline(left=said)


def test_under_a_ceiling_it_says_what_may_still_come(scene: Scene) -> None:
    targets = f'direction = "down"\n{UNIT}targets.default = 19'
    scene.plan(plan_text(targets=targets, calendar=CALENDAR))
    scene.leads(mqls({"2026-11-02": 9}), through="2026-11-12")
    found = board_report(scene.store, "p", now=in_tokyo("2026-11-12 00:00")).kpi
    # The even line has come to 7 of 19 by the end of the 11th, and twelve days are left.
    assert headline(found, EN) == Headline("2 above an even pace.", "10 left for 12 working days.")
    scene.leads(mqls({"2026-11-11": 12}), through="2026-11-12")
    found = board_report(scene.store, "p", now=in_tokyo("2026-11-12 00:00")).kpi
    assert headline(found, EN) == Headline(left="2 over the ceiling.")
    assert headline(found, JA) == Headline(left="上限を2件超過。")


RATIO = """kind = "ratio"
numerator = { stage = "sales_qualified" }
denominator = { stage = "marketing_qualified" }
min_sample = 2"""


@pytest.mark.parametrize(
    ("accepted", "said"),
    [(1, "5 points below target."), (2, "20 points above target.")],
)
def test_a_rate_says_how_far_it_is_in_points(scene: Scene, accepted: int, said: str) -> None:
    text = plan_text(targets="targets.default = 0.3", calendar=CALENDAR)
    scene.plan(text.replace('kind = "count"\nstage = "marketing_qualified"', RATIO))
    leads = mqls({"2026-11-04": 4})
    leads += [(f"2026-11-04-{n}", "sales_qualified", "2026-11-05") for n in range(accepted)]
    scene.leads(leads, through="2026-11-12")
    found = board_report(scene.store, "p", now=in_tokyo("2026-11-12 10:00")).kpi
    assert headline(found, EN) == Headline(left=said)


def test_of_data_too_old_and_of_none_nothing_is_said(scene: Scene) -> None:
    found = report(scene, {"2026-11-02": 4}, "2026-11-05", now="2026-11-27 10:00")
    assert headline(found, EN) == Headline()
    assert Headline().text(EN) == ""
