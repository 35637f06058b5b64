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
from kpi_core.evaluation.month_end import NoLanding, Odds, Outlook
from kpi_core.facts.maintainer import Progress
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.actions import Occasion
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport, board_report, forecast_report
from kpi_core.reports.narrative import forecast_text
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
    # 14 of 19 days are over: 36.8 are on plan, of which 31 are 84.1%.
    assert kpi.pace is not None
    assert kpi.pace.days_worked == 14
    assert kpi.pace.expected == pytest.approx(36.842105)
    assert kpi.pace.pace == pytest.approx(31 / 36.842105)
    assert kpi.status is Status.ATTENTION
    # 19 more in 5 days.
    assert kpi.needed_per_day == pytest.approx(3.8)
    # 31 in 14 days is 2.214 a day; 5 more days bring 11, so that 50 are far.
    assert kpi.landing is not None
    assert kpi.landing.expected == pytest.approx(31 + 11, abs=2)
    assert kpi.landing.is_first
    assert kpi.landing.outlook is Outlook.UNLIKELY
    # Week 1 was missed, week 2 passed since: its rule is over. The level's holds.
    assert [rule.when for rule in kpi.rules] == [Occasion.ATTENTION]
    track = {day.day.day: day for day in kpi.track}
    assert (track[9].value, track[15].value, track[21].value) == (9, 12, 31)
    assert track[22].value is None
    assert track[9].floor == pytest.approx(10)
    assert track[9].plan == pytest.approx(50 * 5 / 19)
    assert track[30].plan == pytest.approx(50)


def test_a_missed_checkpoint_brings_its_rule_and_the_level_its_own(scene: Scene) -> None:
    scene.plan(plan_text(targets="targets.default = 500", rest=RULES))
    scene.leads(mqls({"2026-11-02": 95}), through="2026-11-10")
    kpi = board(scene, "2026-11-10 09:00").kpi
    # 95 of the plan line's 131.6 are 72%, and 95 or fewer come by chance in less than 1 of 100.
    assert kpi.status is Status.WARNING
    assert [rule.when for rule in kpi.rules] == [Occasion.WEEK_1, Occasion.WARNING]
    assert kpi.missed is not None
    assert (kpi.missed.number, kpi.missed.needed) == (1, 100)


def test_a_checkpoint_says_how_often_a_team_on_plan_misses_it(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-11-02": 9}), through="2026-11-10")
    kpi = board(scene, "2026-11-10 09:00").kpi
    # Missed is missed, by 9 of 10. A team on plan has 13.16 by then, its variance is 1.5 times
    # that, as no history tells otherwise.
    assert kpi.missed is not None
    assert kpi.missed.odds == pytest.approx(_at_most(9, 50 * 5 / 19, 1.5))
    # The status has the guard: 68% of the plan line may still be chance.
    assert kpi.status is Status.ATTENTION
    assert kpi.could_be_chance
    words = Words(Language.EN)
    assert [narrative.occasion(rule, kpi, words) for rule in kpi.rules] == [
        "Week 1: checkpoint missed, 9 of 10 needed (a team on plan misses this in 1 month of 5)",
        "Planned for “Attention”",
    ]
    assert narrative.from_plan_line(kpi, words) == "5 short of the plan line. Could be chance."


def _at_most(count: int, mean: float, dispersion: float) -> float:
    """Term after term from nothing on, each from the one before."""
    size, rest = mean / (dispersion - 1), 1 - 1 / dispersion
    term, total = dispersion**-size, 0.0
    for k in range(count + 1):
        total += term
        term *= (k + size) / (k + 1) * rest
    return total


def test_the_plan_line_moves_through_the_day(scene: Scene) -> None:
    # On Wednesday at half past one a half of the second working day is over.
    scene.plan(plan_text(targets="targets.default = 500"))
    scene.leads(mqls({"2026-11-02": 25}), through="2026-11-04 13:30")
    kpi = board(scene, "2026-11-04 13:30").kpi
    assert kpi.pace is not None
    assert kpi.pace.expected == pytest.approx(500 * 1.5 / 19)


@pytest.mark.parametrize(
    ("count", "status"),
    [
        (132, Status.ON_PLAN),  # 131.6 is the plan line after five of 19 days
        (131, Status.ATTENTION),
        (106, Status.ATTENTION),  # 80.6%
        (105, Status.WARNING),  # 79.8%
        (93, Status.WARNING),  # 70.7%
        (92, Status.CRISIS),  # 69.9%
        (500, Status.ACHIEVED),
    ],
)
def test_the_status_after_the_first_week(scene: Scene, count: int, status: Status) -> None:
    scene.plan(plan_text(targets="targets.default = 500"))
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
    # Golden Week is no fault of the team's: after five of 18 days 25 are on plan.
    assert kpi.pace is not None
    assert kpi.pace.expected == pytest.approx(25)
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
    assert kpi.pace.days_worked == 18
    assert kpi.status is Status.ACHIEVED


def test_a_target_that_changes_mid_way_leaves_earlier_stamps_alone(scene: Scene) -> None:
    scene.plan(plan_text(targets='targets = {"2026-11" = 50, "2026-11-12" = 100}'))
    scene.leads(mqls({"2026-11-04": 12, "2026-11-13": 10}), through="2026-11-18")
    kpi = board(scene, "2026-11-18 09:00").kpi
    assert kpi.target == 100
    assert [(stamp.needed, stamp.passed) for stamp in kpi.stamps[:2]] == [(10, True), (40, False)]
    track = {day.day.day: day for day in kpi.track}
    assert track[11].plan == pytest.approx(50 * 7 / 19)
    assert track[12].plan == pytest.approx(100 * 8 / 19)


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


AUGUST = {"2026-08-31": 50}
"""So that September is covered from its first day."""


def occasions(scene: Scene, now: str, month: str | None = None) -> list[Occasion]:
    return [rule.when for rule in board(scene, now, month).kpi.rules]


def test_two_closed_months_in_crisis_go_to_the_department_head(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    # 34 of 50 are 68%, twice; the third month begins well.
    counts = {**AUGUST, "2026-09-07": 34, "2026-10-05": 34, "2026-11-02": 20}
    scene.leads(mqls(counts), through="2026-11-03")
    # The gravest first.
    assert occasions(scene, "2026-11-03 09:00") == [Occasion.TWO_MONTHS, Occasion.MONTH_END]
    assert occasions(scene, "2026-11-03 09:00", "2026-10") == [
        Occasion.TWO_MONTHS,
        Occasion.MONTH_END,
    ]
    # At exactly 70% October was no crisis.
    scene.leads([("x", "marketing_qualified", "2026-10-30")], through="2026-11-03")
    assert occasions(scene, "2026-11-03 09:00") == [Occasion.MONTH_END]


def test_one_closed_month_in_crisis_and_a_bad_day_are_no_two_months(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    counts = {**AUGUST, "2026-09-07": 50, "2026-10-05": 10}
    scene.leads(mqls(counts), through="2026-11-10")
    assert Occasion.TWO_MONTHS not in occasions(scene, "2026-11-10 09:00")


@pytest.mark.parametrize("first", ["2026-10-05", "2026-11-02"])
def test_a_month_before_the_data_begin_is_not_a_month_of_nothing(scene: Scene, first: str) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({first: 1}), through="2026-12-01")
    # November ended in crisis. Of October there is nothing, or less than the whole.
    assert occasions(scene, "2026-12-01 09:00") == [Occasion.MONTH_END]


def test_a_month_that_the_data_do_not_reach_the_end_of_is_not_closed(scene: Scene) -> None:
    scene.plan("stale_after_working_days = 9\n" + plan_text(rest=RULES))
    counts = {**AUGUST, "2026-09-07": 10, "2026-10-05": 10}
    scene.leads(mqls(counts), through="2026-10-29")
    assert Occasion.TWO_MONTHS not in occasions(scene, "2026-11-04 09:00")


def test_the_rule_of_a_missed_month_holds_when_the_next_months_data_come(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    counts = {**AUGUST, "2026-09-07": 50, "2026-10-05": 41}
    scene.leads(mqls(counts), through="2026-11-01")
    assert occasions(scene, "2026-11-01 09:00") == [Occasion.MONTH_END]
    scene.leads(mqls({"2026-11-02": 20}), through="2026-11-03")
    report = board(scene, "2026-11-03 09:00").kpi
    assert [rule.when for rule in report.rules] == [Occasion.MONTH_END]
    assert narrative.occasion(report.rules[0], report, Words(Language.EN)) == (
        "October 2026: target missed, 41 of 50"
    )
    # It ends with the month that follows.
    scene.leads(mqls({"2026-11-20": 40, "2026-12-01": 9}), through="2026-12-02")
    assert occasions(scene, "2026-12-02 09:00") == []


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


def test_a_first_month_is_forecast_from_its_fifth_day_on(scene: Scene) -> None:
    scene.plan(plan_text())
    counts = {"2026-10-01": 2, "2026-10-02": 2, "2026-10-03": 5}
    scene.leads(mqls(counts), through="2026-10-04")
    kpi = board(scene, "2026-10-04 09:00").kpi
    assert (kpi.landing, kpi.no_landing) == (None, NoLanding.FIRST_DAYS)
    facts = {fact.label: fact for fact in narrative.facts(kpi, Words(Language.EN))}
    assert facts["Forecast"].note == "First month: shown from day 5"
    scene.leads(mqls({"2026-10-04": 1}), through="2026-10-05")
    kpi = board(scene, "2026-10-05 09:00").kpi
    assert kpi.landing is not None
    facts = {fact.label: fact for fact in narrative.facts(kpi, Words(Language.EN))}
    assert "first month" in facts["Forecast"].note


def test_a_thin_month_has_a_count_and_a_word(scene: Scene) -> None:
    scene.plan(plan_text(targets="targets.default = 12"))
    months = {f"2026-{month:02}-{day:02}": 1 for month in range(5, 11) for day in (5, 14, 22)}
    scene.leads(mqls({**months, "2026-11-04": 1}), through="2026-11-12")
    kpi = board(scene, "2026-11-12 09:00").kpi
    assert kpi.landing is not None
    assert (kpi.landing.low, kpi.landing.high, kpi.landing.odds) == (None, None, None)
    facts = {fact.label: fact for fact in narrative.facts(kpi, Words(Language.EN))}
    assert facts["Forecast"].text == "target unlikely"
    assert facts["Forecast"].note.startswith("1 so far; under 10 a month there is no range")
    japanese = {fact.label: fact for fact in narrative.facts(kpi, Words(Language.JA))}
    assert japanese["着地見込み"].text == "目標達成は難しそう"


def test_a_target_reached_has_no_odds_unless_it_can_be_lost_again(scene: Scene) -> None:
    counts = {f"2026-{month:02}-{day:02}": 3 for month in (9, 10) for day in range(1, 29)}
    counts |= {f"2026-11-{day:02}": 3 for day in range(1, 12)}
    scene.plan(plan_text(targets="targets.default = 20"))
    scene.leads(mqls(counts), through="2026-11-12")
    landing = board(scene, "2026-11-12 09:00").kpi.landing
    assert landing is not None
    assert landing.odds is None
    assert landing.low is not None


def test_a_sum_is_forecast_by_its_events_and_never_reached_for_good(scene: Scene) -> None:
    text = plan_text(targets="targets.default = 1000")
    text = text.replace('kind = "count"', 'kind = "sum"\nof = "amount"')
    scene.plan(text)
    counts = {f"2026-{month:02}-{day:02}": 2 for month in (8, 9, 10) for day in range(1, 29)}
    counts |= {f"2026-11-{day:02}": 2 for day in range(1, 12)}
    scene.leads(mqls(counts), through="2026-11-12", amount=100.0)
    kpi = board(scene, "2026-11-12 09:00").kpi
    # 22 of 100 each came, the target of 1,000 is reached, and refunds may come.
    assert kpi.value == 2200
    assert kpi.landing is not None
    assert kpi.landing.odds == Odds(0.99, 99, 100)
    # 56 a month of 28 days: some 35 to 40 more of 100 each.
    assert kpi.landing.expected == pytest.approx(2200 + 37 * 100, rel=0.06)
    assert kpi.landing.low is not None
    assert kpi.landing.high is not None
    assert kpi.landing.low < kpi.landing.expected < kpi.landing.high


@pytest.mark.parametrize(
    ("chance", "times", "of"),
    [(0.0, 1, 100), (0.08, 1, 12), (0.4, 4, 10), (0.5, 5, 10), (0.95, 19, 20), (1.0, 99, 100)],
)
def test_a_chance_is_a_fraction_and_never_none_or_all(chance: float, times: int, of: int) -> None:
    odds = Odds.from_chance(chance)
    assert (odds.times, odds.of) == (times, of)
    assert narrative.in_so_many(odds, Words(Language.EN)) == f"{times} in {of}"
    assert narrative.in_so_many(odds, Words(Language.JA)) == f"{of}回に{times}回"


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
    counts = {"2026-08-03": 1, "2026-09-22": 40, "2026-10-05": 2, "2026-11-02": 1}
    scene.leads(mqls(counts), through="2026-11-10")
    closed = board(scene, "2026-11-10 09:00").kpi.closed
    assert closed is not None
    assert (str(closed.month), closed.value, closed.status) == ("2026-10", 42, Status.ATTENTION)


def test_days_left_are_counted_from_today_however_old_the_data(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": 20}), through="2026-11-12 12:00")
    kpi = board(scene, "2026-11-13 10:00").kpi
    # 13, 16-20, 24-27 and 30 November are eleven; 30 are missing.
    assert kpi.pace is not None
    assert kpi.pace.days_left == 11
    assert kpi.needed_per_day == pytest.approx(30 / 11)
    # The forecast goes by the data's own days: seven are over, and twelve are to come.
    assert kpi.landing is not None
    assert kpi.landing.low is not None
    assert kpi.landing.high is not None
    assert kpi.landing.low < 20 + 12 * 20 / 7 < kpi.landing.high


def test_imports_that_stop_at_a_months_end_await_data(scene: Scene) -> None:
    scene.plan(plan_text(rest=RULES))
    scene.leads(mqls({"2026-09-30": 1, "2026-10-05": 20}), through="2026-11-01")
    assert board(scene, "2026-11-04 09:00").kpi.status is Status.CRISIS
    # 2, 4 and 5 November have closed without data: more than the two that the plan allows.
    late = board(scene, "2026-11-06 09:00").kpi
    assert late.status is Status.STALE
    assert [rule.when for rule in late.rules] == [Occasion.MONTH_END]
    picked = board(scene, "2026-11-06 09:00", "2026-10").kpi
    assert picked.status is Status.CRISIS


def test_without_a_target_the_forecast_stands_all_the_same(scene: Scene) -> None:
    scene.plan(plan_text(targets="targets.default = 0"))
    days = ("02", "04", "05", "06", "09", "10", "11", "12", "13", "16", "17", "18", "19", "20")
    scene.leads(mqls({f"2026-11-{day}": 2 for day in days}), through="2026-11-21")
    kpi = board(scene, "2026-11-21 09:00").kpi
    assert kpi.landing is not None
    facts = {fact.label: fact.text for fact in narrative.facts(kpi, Words(Language.EN))}
    # 28 in 14 days, five to come.
    assert int(facts["Forecast"]) == pytest.approx(38, abs=2)
    assert kpi.landing.odds is None
    assert "Needed per remaining working day" not in facts


def test_on_the_last_weekend_no_certainty_is_claimed(scene: Scene) -> None:
    # Friday 30 October 2026 is the last working day; Saturday may bring more.
    scene.plan(plan_text(targets="targets.default = 100"))
    scene.leads(mqls({"2026-10-15": 90}), through="2026-10-31")
    kpi = board(scene, "2026-10-31 09:00").kpi
    assert kpi.landing is not None
    assert kpi.landing.expected == 90
    assert kpi.landing.low == 90
    assert kpi.landing.high is not None
    assert kpi.landing.high >= 91
    facts = {fact.label: fact for fact in narrative.facts(kpi, Words(Language.EN))}
    assert facts["Forecast"].note.split("; ")[-1].startswith("target unlikely: 1 in ")


def test_the_dispersion_is_that_of_the_weeks_before(scene: Scene) -> None:
    # On plan in every month, by a burst every second week: a slow start is no crisis here. After
    # four of 19 days 8.4 are on plan; of a Poisson none would come in 1 of 4,500 cases.
    scene.plan(plan_text(targets="targets.default = 40"))
    bursts = {f"2026-{month:02}-{day:02}": 20 for month in range(5, 11) for day in (9, 23)}
    scene.leads(mqls(bursts), through="2026-11-07")
    burst = board(scene, "2026-11-07 09:00").kpi
    assert (burst.value, burst.status) == (0, Status.ATTENTION)
    assert burst.could_be_chance


@pytest.mark.parametrize("lang", Language)
def test_while_numbers_are_recomputed_the_board_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, lang: Language
) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": 2}), through="2026-11-05")
    monkeypatch.setattr(Store, "rebuilding", property(lambda _: Progress(1, 4)))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-05 09:00"))
    assert board.rebuilding
    assert narrative.notice(board, Words(lang)) == Words(lang)("board.rebuilding")
    assert board.kpi.value == 2


def test_a_goal_of_each_month_is_named_so(scene: Scene) -> None:
    scene.plan(plan_text().replace("target = 1\n", 'target = 36\nper = "month"\n'))
    board = board_report(scene.store, "p", now=in_tokyo("2026-11-10 09:00"))
    said = [
        narrative.chain(board, Words(language))[0].text for language in (Language.EN, Language.JA)
    ]
    assert said == ["g: 36 a month by Mar 31, 2027", "g：月36（2027年3月31日まで）"]


def test_why_the_forecast_is_what_it_is(scene: Scene) -> None:
    scene.plan(plan_text())
    counts = {f"2026-{month:02}-{day:02}": 2 for month in (8, 9, 10) for day in range(1, 29)}
    counts |= {f"2026-11-{day:02}": 2 for day in range(1, 12)}
    counts["2026-10-06"] = 30
    scene.leads(mqls(counts), through="2026-11-12")
    basis = forecast_report(scene.store, "p", now=in_tokyo("2026-11-12 00:00"))
    assert basis is not None
    # Of nineteen working days seven are over; 28 of 50 are missing.
    assert (basis.value, basis.days_left) == (22, 12)
    words = Words(Language.EN)
    text = list(forecast_text.reasons(basis, words))
    assert text[0] == "22 so far, 12 working days left."
    assert text[3].startswith("The target needs 2.3 a day; your best 12 working days in a row: ")
    assert text[4].startswith("The forecast on this day of the month, in the months before: inside")
    bulk = forecast_text.bulk_day(basis, words)
    assert bulk == "Tue, Oct 6 holds 30 of its month's 84: it looks like a bulk import."
    assert forecast_text.without_bulk(basis, words).startswith("Without it: ")
    said = forecast_text.at_rate(basis, 3, words)
    assert said == "At 3 a day for 12 working days, and nothing on days off, the month ends at 58."
    row = forecast_text.record_row(basis.record[0], words)
    assert (row["Month"], row["Result"]) == ("October 2026", "84")


def test_a_month_that_is_over_has_no_forecast_to_explain(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-10-05": 20}), through="2026-11-04")
    now = in_tokyo("2026-11-04 09:00")
    assert forecast_report(scene.store, "p", now=now, month=Month.parse("2026-10")) is None
