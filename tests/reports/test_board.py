"""The board, against months worked out by hand.

November 2026 in Japan: the 3rd (Culture Day) and the 23rd (Labour Thanksgiving) are holidays.
Working days: 2 4 5 6 | 9 10 11 12 13 | 16 17 18 19 20 | 24 25 26 27 | 30, nineteen of them.
Quarters of 19, rounded up: 5, 10, 15, 19, so the checkpoints are Monday 9, Monday 16,
Tuesday 24 and Monday 30. With a target of 50 they ask for 10, 20, 30 and, at the end, 50.
"""

from datetime import date

import pytest

from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.facts.maintainer import Progress
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.actions import Occasion
from kpi_core.reports import in_words
from kpi_core.reports.board import BoardReport, board_report
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

RULES = """
[[rules]]
when = "week_1"
do = ["meet twice a week"]
[[rules]]
when = "month_end"
do = ["find the cause"]
[[rules]]
when = "attention"
do = ["look at channels"]
[[rules]]
when = "warning"
do = ["warn"]
[[rules]]
when = "crisis"
do = ["act"]
[[rules]]
when = "two_months_in_crisis"
do = ["report to the head"]
"""


def board(scene: Scene, now: str, month: str | None = None) -> BoardReport:
    return board_report(
        scene.store, "p", now=in_tokyo(now), month=Month.parse(month) if month else None
    )


def test_a_november_in_japan(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    # 9 by the first checkpoint, 21 by the second, 31 by Saturday the 21st.
    counts = {"2026-11-02": 4, "2026-11-09": 5, "2026-11-14": 3, "2026-11-16": 9, "2026-11-20": 10}
    scene.leads(mqls(counts), through="2026-11-22")
    kpi = board(scene, "2026-11-22 13:00").kpi

    assert (kpi.value, kpi.target) == (31, 50)
    assert kpi.share == pytest.approx(0.62)
    assert [(stamp.on.day, stamp.needed, stamp.value, stamp.passed) for stamp in kpi.stamps] == [
        (9, 10, 9, False),
        (16, 20, 21, True),
        (24, 30, None, None),
        (30, 50, None, None),
    ]
    # 14 of 19 days are over: four of the five days from the 16th's 20 to the 24th's 30,
    # 28 on the floor; ÷ 0.8 the plan line is at 35, of which 31 are 88.6%.
    assert kpi.pace is not None
    assert kpi.pace.days_elapsed == 14
    assert kpi.pace.plan_line * 50 == pytest.approx(35)
    assert kpi.pace.pace == pytest.approx(31 / 35)
    assert kpi.status is Status.ATTENTION
    # 19 more in 5 days.
    assert kpi.needed_per_day == pytest.approx(3.8)
    # 31 in 14 days is 2.214 a day; 5 more days bring 11.07.
    assert kpi.landing is not None
    assert kpi.landing.expected == pytest.approx(31 + 5 * 31 / 14)
    # Week 1 was missed, week 2 passed since: its rule is over. The level's holds.
    assert [rule.when for rule in kpi.rules] == [Occasion.ATTENTION]
    track = {day.day.day: day for day in kpi.track}
    assert (track[9].value, track[15].value, track[21].value) == (9, 12, 31)
    assert track[22].value is None
    assert track[9].floor == pytest.approx(10)
    assert track[9].plan == pytest.approx(12.5)
    assert track[30].plan == pytest.approx(50)


def test_a_missed_checkpoint_brings_its_rule_and_the_level_its_own(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-11-02": 9}), through="2026-11-10")
    kpi = board(scene, "2026-11-10 09:00").kpi
    # 9 of the plan line's 12.5 are 72%.
    assert kpi.status is Status.WARNING
    assert [rule.when for rule in kpi.rules] == [Occasion.WEEK_1, Occasion.WARNING]
    assert kpi.missed is not None
    assert kpi.missed.week == 1


@pytest.mark.parametrize(
    ("count", "status"),
    [
        (13, Status.ON_PLAN),  # 12.5 is the plan line after the first week
        (12, Status.ATTENTION),
        (10, Status.ATTENTION),  # the floor itself is the better state
        (9, Status.WARNING),
        (8, Status.CRISIS),  # 64%
        (50, Status.ACHIEVED),
    ],
)
def test_the_status_after_the_first_week(scene: Scene, count: int, status: Status) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": count}), through="2026-11-10")
    assert board(scene, "2026-11-10 09:00").kpi.status is status


def test_before_the_first_working_day_has_closed_nothing_is_judged(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-01": 1, "2026-11-02": 1}), through="2026-11-02 15:00")
    kpi = board(scene, "2026-11-02 15:00").kpi
    assert kpi.value == 2
    assert kpi.status is Status.TOO_EARLY
    assert kpi.landing is None


def test_a_golden_week_may(scene: Scene) -> None:
    # May 2026: holidays on 3-6 (the 3rd is a Sunday, the 6th its substitute).
    # Working: 1 | 7 8 | 11-15 | 18-22 | 25-29: eighteen. Quarters: 5, 9, 14, 18.
    scene.plan(plan_text(targets="targets.default = 90"))
    scene.leads(mqls({"2026-05-01": 20}), through="2026-05-13")
    kpi = board(scene, "2026-05-13 09:00").kpi
    assert [stamp.on.day for stamp in kpi.stamps] == [12, 18, 25, 31]
    assert [stamp.needed for stamp in kpi.stamps] == [pytest.approx(n) for n in (18, 36, 54, 90)]
    assert kpi.stamps[0].passed
    # Golden Week is no fault of the team's: after five closed days 22.5 are on plan.
    assert kpi.pace is not None
    assert kpi.pace.plan_line * 90 == pytest.approx(22.5)
    assert kpi.status is Status.ATTENTION


def test_a_month_that_closes_on_the_20th(scene: Scene) -> None:
    scene.plan(plan_text(calendar="closing_day = 20"))
    told = mqls({"2026-10-20": 7, "2026-10-21": 3, "2026-11-20": 2, "2026-11-21": 5})
    scene.leads(told, through="2026-11-22")
    kpi = board(scene, "2026-11-22 09:00", month="2026-11").kpi
    # From 21 October to 20 November: 22 working days, 3 November being a holiday.
    assert (kpi.moment.period.first, kpi.moment.period.last) == (
        date(2026, 10, 21),
        date(2026, 11, 20),
    )
    assert kpi.value == 5
    assert board(scene, "2026-11-22 09:00").kpi.value == 5
    assert board(scene, "2026-11-22 09:00").kpi.moment.month == Month(2026, 12)


def test_a_february(scene: Scene) -> None:
    # February 2027: the 11th and the 23rd are holidays, 18 working days.
    scene.plan(plan_text())
    scene.leads(mqls({"2027-02-01": 50}), through="2027-03-01")
    kpi = board(scene, "2027-03-01 09:00", month="2027-02").kpi
    assert [stamp.on.day for stamp in kpi.stamps] == [5, 12, 19, 28]
    assert kpi.pace is not None
    assert kpi.pace.days_elapsed == 18
    assert kpi.status is Status.ACHIEVED


def test_a_target_that_changes_mid_way_leaves_earlier_stamps_alone(scene: Scene) -> None:
    scene.plan(plan_text(targets='targets = {"2026-11" = 50, "2026-11-12" = 100}'))
    scene.leads(mqls({"2026-11-04": 12, "2026-11-13": 10}), through="2026-11-18")
    kpi = board(scene, "2026-11-18 09:00").kpi
    assert kpi.target == 100
    assert [(stamp.needed, stamp.passed) for stamp in kpi.stamps[:2]] == [(10, True), (40, False)]
    track = {day.day.day: day for day in kpi.track}
    assert track[11].plan == pytest.approx(50 * (0.2 + 0.2 * 2 / 5) / 0.8)
    assert track[12].plan == pytest.approx(100 * (0.2 + 0.2 * 3 / 5) / 0.8)


@pytest.mark.parametrize("targets", ["targets.default = 0", "", 'targets."2026-12" = 50'])
def test_without_a_target_above_zero_nothing_is_judged(scene: Scene, targets: str) -> None:
    scene.plan(plan_text(targets=targets))
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    kpi = board(scene, "2026-11-10 09:00").kpi
    assert kpi.value == 3
    assert kpi.share is None
    assert kpi.needed_per_day is None
    assert kpi.status is Status.NO_TARGET


def test_without_data_no_number_is_shown(scene: Scene) -> None:
    scene.plan(plan_text())
    kpi = board(scene, "2026-11-10 09:00").kpi
    assert (kpi.value, kpi.share, kpi.landing, kpi.needed_per_day) == (None, None, None, None)
    assert kpi.status is Status.STALE
    assert all(stamp.passed is None for stamp in kpi.stamps)


def test_old_data_keep_their_last_value_and_are_not_judged(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-09-04": 3}), through="2026-09-10")
    kpi = board(scene, "2026-11-10 09:00").kpi
    assert kpi.value == 3
    assert kpi.status is Status.STALE
    assert kpi.landing is None


def test_a_month_that_is_over_shows_how_it_ended(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-10-05": 41, "2026-11-04": 1}), through="2026-11-05")
    kpi = board(scene, "2026-11-05 09:00", month="2026-10").kpi
    assert (kpi.value, kpi.status) == (41, Status.ATTENTION)
    assert [stamp.passed for stamp in kpi.stamps] == [True, True, True, False]
    assert kpi.stamps[-1].needed == 50
    assert [rule.when for rule in kpi.rules] == [Occasion.MONTH_END]
    assert kpi.pace is not None
    assert kpi.pace.pace == kpi.share  # at the month's end pace is attainment


def test_two_months_in_crisis_go_to_the_department_head(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-10-05": 34, "2026-11-04": 2}), through="2026-11-10")
    rules = board(scene, "2026-11-10 09:00").kpi.rules
    assert [rule.when for rule in rules] == [Occasion.WEEK_1, Occasion.CRISIS, Occasion.TWO_MONTHS]
    # At exactly 70% October was no crisis.
    scene.leads([("x", "marketing_qualified", "2026-10-30")], through="2026-11-10")
    rules = board(scene, "2026-11-10 09:00").kpi.rules
    assert [rule.when for rule in rules] == [Occasion.WEEK_1, Occasion.CRISIS]


def test_last_month_keeps_its_target_and_its_definition(scene: Scene) -> None:
    scene.plan(plan_text())
    stricter = plan_text(targets="targets.default = 80").replace(
        'stage = "marketing_qualified"',
        'stage = "marketing_qualified"\nwhere = [{ attribute = "size", at_least = 100 }]',
    )
    scene.plan(stricter, since="2026-11")
    scene.leads(
        mqls({"2026-10-05": 2, "2026-11-04": 3}),
        through="2026-11-10",
        attributes=[("2026-11-04-0", "size", "1,200"), ("2026-11-04-1", "size", "99")],
    )
    october = board(scene, "2026-11-10 09:00", month="2026-10").kpi
    november = board(scene, "2026-11-10 09:00").kpi
    assert (october.value, october.target) == (2, 50)
    assert (november.value, november.target) == (1, 80)


def test_the_months_to_choose_from_begin_with_the_first_lead(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-08-31": 1}), through="2026-11-10")
    months = board(scene, "2026-11-10 09:00").months
    assert [str(month) for month in months] == ["2026-11", "2026-10", "2026-09", "2026-08"]


def test_an_unknown_plan_is_our_own_mistake(scene: Scene) -> None:
    with pytest.raises(KeyError):
        board(scene, "2026-11-10 09:00")


def test_a_weekends_leads_belong_to_the_working_day_before(scene: Scene) -> None:
    # Two a day on Thursday and Friday, five on Saturday: nine in two working days.
    scene.plan(plan_text())
    counts = {"2026-10-01": 2, "2026-10-02": 2, "2026-10-03": 5}
    scene.leads(mqls(counts), through="2026-10-04")
    landing = board(scene, "2026-10-04 09:00").kpi.landing
    # October 2026 has 22 working days (the 12th is a holiday): 21 days but one holiday.
    assert landing is not None
    assert landing.expected == pytest.approx(9 + 19 * 4.5)


def test_old_data_bring_no_rule(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-11-02": 1}), through="2026-11-12")
    assert board(scene, "2026-11-12 09:00").kpi.rules != ()
    assert board(scene, "2026-11-25 09:00").kpi.rules == ()


def test_a_second_kpi_is_judged_by_its_own_data(scene: Scene) -> None:
    second = plan_text(rest='reason_for_second_kpi = "r"').replace("[kpi]", "[[kpi]]", 1)
    second = second.replace('reason_for_second_kpi = "r"', "")
    second = 'reason_for_second_kpi = "two channels"\n' + second
    second = second.replace(
        "[calendar]",
        '[[kpi]]\nid = "won"\nname = "Wins"\nkind = "count"\nstage = "won"\n[calendar]',
    )
    scene.plan(second)
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    scene.leads([("x", "won", "2026-11-05")], through="2026-11-06")
    report = board(scene, "2026-11-10 09:00")
    assert report.second_kpi is not None
    assert (report.kpi.value, report.second_kpi.value) == (3, 1)
    assert report.second_kpi.moment.counted_through == date(2026, 11, 5)


def test_a_changed_closing_day_does_not_lose_days_of_the_month_before(scene: Scene) -> None:
    scene.plan(plan_text(calendar="closing_day = 20", rest=RULES))
    scene.plan(plan_text(rest=RULES), since="2026-11")
    # October by the old calendar: from 21 September. 40 then and 2 later are no crisis.
    scene.leads(mqls({"2026-09-22": 40, "2026-10-05": 2, "2026-11-02": 1}), through="2026-11-10")
    rules = board(scene, "2026-11-10 09:00").kpi.rules
    assert [rule.when for rule in rules] == [Occasion.WEEK_1, Occasion.CRISIS]


@pytest.mark.parametrize("lang", Language)
def test_while_numbers_are_recomputed_the_board_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, lang: Language
) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": 2}), through="2026-11-05")
    monkeypatch.setattr(Store, "rebuilding", property(lambda _: Progress(1, 4)))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-05 09:00"))
    assert board.rebuilding
    assert in_words.notice(board, Words(lang)) == Words(lang)("board.rebuilding")
    assert board.kpi.value == 2
