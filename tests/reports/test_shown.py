"""What is shown never contradicts what is judged."""

import pytest

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports import narrative
from kpi_core.reports.board import board_report
from kpi_core.reports.kpi import KpiReport
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

EN, JA = Words(Language.EN), Words(Language.JA)
COUNT = 'kind = "count"\nstage = "marketing_qualified"'
AMOUNT = 'kind = "sum"\nof = "amount"\nstage = "marketing_qualified"'


def seen(scene: Scene, now: str) -> KpiReport:
    return board_report(scene.store, "p", now=in_tokyo(now)).kpi


def test_half_a_unit_short_of_the_target_is_not_the_target(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 1000").replace(COUNT, AMOUNT))
    scene.leads(mqls({"2026-11-04": 1}), through="2026-12-01", amount=999.54)
    kpi = seen(scene, "2026-12-01 09:00")
    assert kpi.status is Status.ATTENTION
    for words in (EN, JA):
        assert narrative.figure(kpi.value, kpi, words) == "999.5"
        assert narrative.of_target(kpi, words) == "/ 1,000"
    assert narrative.share_of_target(kpi, EN) == "99.95% of target"


def test_one_short_of_a_billion_is_short(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 1000000000").replace(COUNT, AMOUNT))
    scene.leads(mqls({"2026-11-04": 1}), through="2026-12-01", amount=999_999_999)
    kpi = seen(scene, "2026-12-01 09:00")
    assert kpi.status is Status.ATTENTION
    assert narrative.figure(kpi.value, kpi, EN) == "999,999,999"
    assert (narrative.of_target(kpi, EN), narrative.of_target(kpi, JA)) == ("/ 1B", "/ 10億")


def test_a_warning_is_below_eighty_percent_in_its_number_too(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 500"))
    scene.leads(mqls({"2026-11-04": 398}), through="2026-12-01")
    kpi = seen(scene, "2026-12-01 09:00")
    assert kpi.status is Status.WARNING
    assert narrative.share_of_target(kpi, EN) == "79.6% of target"
    assert narrative.takeaway(kpi, EN).startswith(
        "MQLs: 398 as of Mon, Nov 30, 79.6% of the target of 500. Warning."
    )


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        # After 14 of 19 days 36.84 of 50 are on plan.
        (31, "6 leads short of the plan line."),  # 5.84 are missing
        (36, "1 lead short of the plan line."),
        (37, "On the plan line."),  # 0.16 ahead
        (38, "1 lead ahead of the plan line."),
        (39, "2 leads ahead of the plan line."),
    ],
)
def test_gaps_of_whole_things_are_whole(scene: Scene, count: int, sentence: str) -> None:
    scene.plan(plan_text('unit = "leads"\ntargets.default = 50'))
    scene.leads(mqls({"2026-11-04": count}), through="2026-11-21")
    said = narrative.from_plan_line(seen(scene, "2026-11-21 09:00"), EN)
    assert said.removesuffix(" Could be chance.") == sentence


def test_one_lead_is_one_lead(scene: Scene) -> None:
    scene.plan(plan_text('unit = "leads"\ntargets.default = 1'))
    scene.leads(mqls({"2026-11-04": 0, "2026-10-15": 1}), through="2026-11-21")
    kpi = seen(scene, "2026-11-21 09:00")
    assert narrative.of_target(kpi, EN) == "/ 1 lead"
    assert narrative.from_plan_line(kpi, EN) == "1 lead short of the plan line. Could be chance."


def test_what_a_checkpoint_needs_is_whole_and_rounds_up(scene: Scene) -> None:
    # 20% of 47 are 9.4: ten leads.
    scene.plan(plan_text("targets.default = 47"))
    scene.leads(mqls({"2026-11-04": 9}), through="2026-11-10")
    kpi = seen(scene, "2026-11-10 09:00")
    stamp = kpi.stamps[0]
    assert stamp.passed is False
    assert narrative.needed_figure(stamp, kpi, EN) == "10"
    assert narrative.reached_figure(stamp, kpi, EN) == "9"


def test_a_sum_over_its_target_is_reached_so_far_and_for_good_at_the_end(scene: Scene) -> None:
    scene.plan(plan_text("targets.default = 1000").replace(COUNT, AMOUNT))
    scene.leads(mqls({"2026-11-04": 1}), through="2026-11-21", amount=1200)
    kpi = seen(scene, "2026-11-21 09:00")
    assert kpi.status is Status.ON_PLAN
    facts = {fact.label: fact.text for fact in narrative.facts(kpi, EN)}
    assert facts["Needed per remaining working day"] == "Reached so far"
    scene.leads(
        [("refund", "marketing_qualified", "2026-11-24")], through="2026-12-01", amount=-300
    )
    assert seen(scene, "2026-12-01 09:00").status is Status.ATTENTION


def test_a_growing_formula_has_pace_and_checkpoints_and_any_other_has_not(scene: Scene) -> None:
    parts = """
[[indicators]]
id = "leads"
name = "Leads"
kind = "count"
stage = "lead"
"""
    total = 'kind = "formula"\nformula = "leads * 2"'
    scene.plan(plan_text("targets.default = 50", rest=parts).replace(COUNT, total))
    told = [(f"l{n}", "lead", "2026-11-04") for n in range(15)]
    scene.leads(told, through="2026-11-10")
    kpi = seen(scene, "2026-11-10 09:00")
    # 30 of 50, where 13.2 are on plan: not held against the whole month.
    assert (kpi.value, kpi.status) == (30, Status.ON_PLAN)
    assert [stamp.passed for stamp in kpi.stamps] == [True, None, None, None]
    level = 'kind = "formula"\nformula = "leads / 2"'
    level = level.replace("leads / 2", "100 / leads")
    scene.plan(plan_text("targets.default = 8", rest=parts).replace(COUNT, level))
    kpi = seen(scene, "2026-11-10 09:00")
    # 100 / 15 = 6.67 of 8 are 83%.
    assert (kpi.pace, kpi.stamps, kpi.status) == (None, (), Status.ATTENTION)
    assert {day.plan for day in kpi.track} == {8}
