"""The management indicators, against weeks and cohorts counted by hand."""

from datetime import date, timedelta
from statistics import mean

import pytest

from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.reports.board import board_report, management_report
from kpi_core.reports.indicators import IndicatorReport
from tests.reports.conftest import Scene, Told, in_tokyo, plan_text

NOW = "2026-11-22 13:00"
THROUGH = "2026-11-22"
NEWEST = date(2026, 11, 9)
"""Monday of the newest week that is over on Sunday 22 November, before that day has ended."""

WINS = """
[[indicators]]
id = "won"
name = "Wins"
kind = "count"
stage = "won"
"""
COHORT = """
[[indicators]]
id = "rate"
name = "MQL to win"
kind = "ratio"
basis = "cohort"
matures_after_days = 20
min_sample = 4
numerator = { stage = "won" }
denominator = { stage = "marketing_qualified" }
"""
SHARES = """
[[indicators]]
id = "channels"
name = "By channel"
kind = "ratio"
per = "channel"
min_sample = 4
numerator = { stage = "marketing_qualified" }
"""


def wins(weeks: list[int]) -> list[Told]:
    """So many wins in each week, the last being the newest closed one."""
    first = NEWEST - timedelta(days=7 * (len(weeks) - 1))
    return [
        (f"w{week}-{n}", "won", str(first + timedelta(days=7 * week + n % 5)))
        for week, count in enumerate(weeks)
        for n in range(count)
    ]


def indicator(scene: Scene, name: str, month: str | None = None) -> IndicatorReport:
    chosen = Month.parse(month) if month else None
    reports = management_report(scene.store, "p", now=in_tokyo(NOW), month=chosen)
    return next(report for report in reports if report.id == name)


def test_a_week_outside_the_natural_limits_of_the_twelve_before_is_abnormal(scene: Scene) -> None:
    usual = [10, 12, 11, 9, 10, 12, 11, 9, 10, 12, 11, 9]
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([*usual, 20]), through=THROUGH)
    report = indicator(scene, "won")
    # Moving ranges: 2 1 2 1 2 1 2 1 2 1 2, their mean 17/11.
    half = 2.66 * 17 / 11
    assert report.limits is not None
    assert report.limits.mean == pytest.approx(mean(usual))
    assert report.limits.low == pytest.approx(10.5 - half)
    assert report.limits.high == pytest.approx(10.5 + half)
    assert report.is_abnormal
    assert [week.value for week in report.weeks] == [*usual, 20]
    board = board_report(scene.store, "p", now=in_tokyo(NOW))
    assert board.abnormal == ("Wins",)


def test_a_week_within_them_is_quiet(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([10, 12, 11, 9, 10, 12, 11, 9, 10, 12, 11, 9, 14]), through=THROUGH)
    assert not indicator(scene, "won").is_abnormal
    assert board_report(scene.store, "p", now=in_tokyo(NOW)).abnormal == ()


def test_fewer_than_twelve_weeks_before_judge_nothing(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([10] * 11 + [90]), through=THROUGH)
    report = indicator(scene, "won")
    assert report.weeks[0].value is None
    assert report.limits is None
    assert not report.is_abnormal


def test_a_changed_definition_shows_as_a_break_and_starts_the_limits_anew(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    amount = WINS.replace('kind = "count"', 'kind = "sum"\nof = "amount"')
    scene.plan(plan_text(rest=amount), since="2026-11")
    scene.leads(wins([10] * 13), through=THROUGH, amount=5.0)
    report = indicator(scene, "won")
    # Weeks that end in November count amounts: those of 26 October (ends 1 November) and later.
    assert [week.first for week in report.weeks if week.is_break] == [date(2026, 10, 26)]
    assert [week.value for week in report.weeks][-4:] == [10, 50, 50, 50]
    assert report.limits is None


def test_a_cohort_counts_what_became_of_the_months_leads_whenever(scene: Scene) -> None:
    scene.plan(plan_text(rest=COHORT))
    leads = [(f"l{n}", "marketing_qualified", "2026-09-10") for n in range(4)]
    late = [("l0", "won", "2026-09-11"), ("l1", "won", "2026-11-02")]
    other = [("x", "marketing_qualified", "2026-08-01"), ("x", "won", "2026-09-15")]
    scene.leads([*leads, *late, *other], through=THROUGH)
    report = indicator(scene, "rate", "2026-09")
    # Of September's four, two have won by now; the win of August's lead is August's.
    assert report.value == 0.5
    # 30 September and 20 days are over.
    assert report.matures_on is None


def test_a_cohort_knows_nothing_of_what_is_dated_later(scene: Scene) -> None:
    scene.plan(plan_text(rest=COHORT))
    leads = [(f"l{n}", "marketing_qualified", "2026-11-02") for n in range(4)]
    wins = [("l0", "won", "2026-11-20"), ("l1", "won", "2026-11-23"), ("l2", "won", "2031-01-05")]
    scene.leads([*leads, *wins], through="2026-11-25")
    # On the 22nd, one win is known; on the 24th two; the one of 2031 never is.
    assert indicator(scene, "rate").value == 0.25
    later = management_report(scene.store, "p", now=in_tokyo("2026-11-24 09:00"))
    assert next(report for report in later if report.id == "rate").value == 0.5


def test_a_cohort_matures_by_what_its_later_stage_is_known_through(scene: Scene) -> None:
    scene.plan(plan_text(rest=COHORT))
    leads = [(f"l{n}", "marketing_qualified", "2026-09-10") for n in range(4)]
    scene.leads(leads, through="2026-10-05")
    scene.leads([("l0", "won", "2026-09-11")], through=THROUGH)
    # Leads are known to October 5th, wins to November 22nd: 20 days after September are over.
    assert indicator(scene, "rate", "2026-09").matures_on is None


def test_a_cohort_that_has_not_matured_says_until_when_it_grows(scene: Scene) -> None:
    scene.plan(plan_text(rest=COHORT))
    scene.leads([(f"l{n}", "marketing_qualified", "2026-11-10") for n in range(4)], through=THROUGH)
    assert indicator(scene, "rate").matures_on == date(2026, 12, 20)


def test_below_the_minimum_sample_a_ratio_says_nothing(scene: Scene) -> None:
    scene.plan(plan_text(rest=COHORT + "targets = { default = 0.3 }\n"))
    scene.leads([(f"l{n}", "marketing_qualified", "2026-11-10") for n in range(3)], through=THROUGH)
    report = indicator(scene, "rate")
    assert report.value is None
    assert report.status is Status.TOO_FEW


def test_the_shares_of_the_channels_are_one_together(scene: Scene) -> None:
    scene.plan(plan_text(rest=SHARES))
    channels = {"l0": "ads", "l1": "ads", "l2": "search", "l3": None, "l4": "unknown"}
    scene.leads(
        [(lead, "marketing_qualified", "2026-11-10") for lead in channels],
        through=THROUGH,
        channel=channels.get,
    )
    shares = indicator(scene, "channels").shares
    # A blank channel and the word "unknown" are two things.
    assert [(share.channel, share.share) for share in shares] == [
        ("ads", 0.4),
        ("", 0.2),
        ("search", 0.2),
        ("unknown", 0.2),
    ]


def test_a_week_needs_a_quarter_of_the_months_sample(scene: Scene) -> None:
    # The cohorts of 13 matured weeks: one MQL each where four are a month's minimum.
    scene.plan(plan_text(rest=COHORT))
    monday = date(2026, 10, 26)
    leads = [
        (f"l{week}", "marketing_qualified", str(monday - timedelta(days=7 * week)))
        for week in range(13)
    ]
    scene.leads([*leads, ("l0", "won", "2026-10-28")], through=THROUGH)
    weeks = indicator(scene, "rate").weeks
    assert [week.value for week in weeks][-2:] == [0.0, 1.0]


def test_a_past_month_shows_the_weeks_it_ended_with(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([10] * 20), through=THROUGH)
    assert indicator(scene, "won", "2026-09").weeks[-1].first == date(2026, 9, 21)


def test_active_users_bunch_within_a_month_so_that_weeks_are_not_judged(scene: Scene) -> None:
    active = '[[indicators]]\nid = "users"\nname = "U"\nkind = "active"\nactivity = "login"\n'
    scene.plan(plan_text(rest=active))
    scene.leads(wins([10] * 13), through=THROUGH)
    report = indicator(scene, "users")
    assert report.limits is None
    assert not report.is_abnormal
