"""Numbers that should stay under a ceiling.

November 2026 has nineteen working days: 2 4 5 6 | 9-13 | 16-20 | 24-27 | 30.
"""

import pytest

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports import narrative
from kpi_core.reports.board import board_report
from kpi_core.reports.celebration import celebration_of
from kpi_core.reports.kpi import KpiReport
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

EN, JA = Words(Language.EN), Words(Language.JA)
RULES = """
[[rules]]
when = "week_1"
do = ["meet"]
[[rules]]
when = "crisis"
do = ["stop"]
"""


def ceiling(target: str, rest: str = RULES) -> str:
    text = plan_text(targets=f'direction = "down"\nunit = "cases"\n{target}', rest=rest)
    return "stale_after_working_days = 2\n" + text


def seen(scene: Scene, now: str) -> KpiReport:
    return board_report(scene.store, "p", now=in_tokyo(now)).kpi


# Of a ceiling of 10: 9 by the 4th, 11 by the 5th, 27 by the 27th. The ceiling line is at 0.5
# after one working day and at 1.05 after two.
COUNTS = {"2026-11-02": 3, "2026-11-03": 3, "2026-11-04": 3, "2026-11-05": 2, "2026-11-20": 16}


@pytest.mark.parametrize(
    ("through", "value", "status"),
    [
        ("2026-11-02 00:00", 0, Status.TOO_EARLY),
        ("2026-11-03 00:00", 3, Status.ATTENTION),
        ("2026-11-05 00:00", 9, Status.ATTENTION),
        ("2026-11-06 00:00", 11, Status.CRISIS),
        ("2026-11-28 00:00", 27, Status.CRISIS),
        ("2026-12-01 00:00", 27, Status.CRISIS),
    ],
)
def test_nine_of_ten_after_two_days_is_no_success(
    scene: Scene, through: str, value: float, status: Status
) -> None:
    scene.plan(ceiling("targets.default = 10"))
    scene.leads(mqls(COUNTS), through="2026-12-01")
    kpi = seen(scene, through)
    assert (kpi.value, kpi.status) == (value, status)
    assert kpi.stamps == ()
    assert [rule.do for rule in kpi.rules] == [("stop",)] * (status is Status.CRISIS) * (
        not kpi.moment.is_over
    )


def test_under_the_line_is_on_plan_and_the_end_is_an_achievement(scene: Scene) -> None:
    scene.plan(ceiling("targets.default = 19"))
    scene.leads(mqls({"2026-11-02": 1, "2026-11-13": 6}), through="2026-12-01")
    # On the 13th nine days are over: 9 of 19 would be even.
    kpi = seen(scene, "2026-11-14 00:00")
    assert (kpi.value, kpi.status) == (7, Status.ON_PLAN)
    assert narrative.from_plan_line(kpi, EN) == "2 cases under the ceiling line."
    assert narrative.from_plan_line(kpi, JA) == "上限線まで2casesの余裕があります。"
    assert narrative.share_of_target(kpi, EN) == "37% of the ceiling"
    facts = {fact.label: fact.text for fact in narrative.facts(kpi, EN)}
    assert facts["Left under the ceiling"] == "12 cases"
    assert "Needed per remaining working day" not in facts
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-14 00:00"))
    assert celebration_of(scene.store, board) is None
    assert seen(scene, "2026-12-01 09:00").status is Status.ACHIEVED


def test_over_the_ceiling_stays_a_crisis_when_data_grow_old(scene: Scene) -> None:
    scene.plan(ceiling("targets.default = 2"))
    scene.leads(mqls({"2026-11-02": 3}), through="2026-11-03")
    kpi = seen(scene, "2026-11-20 09:00")
    assert kpi.moment.stale
    assert kpi.status is Status.CRISIS
    assert narrative.from_plan_line(kpi, EN) == "1 case over the month’s ceiling."


def test_a_ceiling_of_zero_is_shown_and_one_case_is_a_crisis(scene: Scene) -> None:
    scene.plan(ceiling("targets.default = 0"))
    scene.leads(mqls({"2026-10-15": 1}), through="2026-11-03")
    kpi = seen(scene, "2026-11-03 09:00")
    assert (kpi.value, kpi.target, kpi.status) == (0, 0, Status.ON_PLAN)
    assert narrative.of_target(kpi, EN) == "/ up to 0 cases"
    assert narrative.from_plan_line(kpi, EN) == "On the ceiling line."
    scene.leads(mqls({"2026-11-03": 1}), through="2026-11-04")
    kpi = seen(scene, "2026-11-04 09:00")
    assert kpi.status is Status.CRISIS
    assert kpi.share is None
    assert narrative.from_plan_line(kpi, EN) == "1 case over the month’s ceiling."


def test_a_missed_ceiling_has_its_words(scene: Scene) -> None:
    end = '[[rules]]\nwhen = "month_end"\ndo = ["why"]\n'
    scene.plan(ceiling("targets.default = 2", end))
    scene.leads(mqls({"2026-10-05": 3}), through="2026-11-01")
    kpi = seen(scene, "2026-11-01 09:00")
    assert [narrative.occasion(rule, kpi, EN) for rule in kpi.rules] == [
        "October 2026: over the ceiling, 3 of 2"
    ]
