"""The management indicators, against weeks and cohorts counted by hand."""

from datetime import date, timedelta

from kpi_core.analysis.anomaly import Side
from kpi_core.domain.period import Month
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports import narrative
from kpi_core.reports.board import board_report, management_report
from kpi_core.reports.indicators import IndicatorReport
from tests.reports.conftest import Scene, Told, in_tokyo, plan_text

EN, JA = Words(Language.EN), Words(Language.JA)
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


def test_a_week_outside_what_the_weeks_before_let_expect_needs_a_look(scene: Scene) -> None:
    usual = [10, 12, 11, 9, 10, 12, 11, 9, 10, 12, 11, 9]
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([*usual, 40]), through=THROUGH)
    report = indicator(scene, "won")
    assert report.limits is not None
    # Five working days as in most of the weeks before, whose mean is 10.5 and which have a few
    # days off: a little more than the mean.
    assert 10.5 < report.limits.mean < 12.5
    assert 1 <= report.limits.low <= 4
    assert 20 <= report.limits.high <= 27
    assert report.is_abnormal
    assert [week.value for week in report.weeks] == [*usual, 40]
    board = board_report(scene.store, "p", now=in_tokyo(NOW))
    assert board.abnormal == ("Wins",)
    (signal,) = board.signals
    assert signal == report.signal
    assert (signal.side, signal.first, signal.value) == (Side.ABOVE, NEWEST, 40)
    assert narrative.management(board, EN) == (
        "Management indicators: 1 of 1 needs a look: Wins high"
    )
    assert narrative.management(board, JA) == "管理指標（1件中1件が要確認：Winsが多い）"
    low, high = (round(end) for end in (signal.low, signal.high))
    assert narrative.last_week(report, EN) == f"Week of Nov 9: 40, usual range {low}–{high}"


def test_a_week_within_them_is_quiet(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([10, 12, 11, 9, 10, 12, 11, 9, 10, 12, 11, 9, 14]), through=THROUGH)
    report = indicator(scene, "won")
    assert not report.is_abnormal
    board = board_report(scene.store, "p", now=in_tokyo(NOW))
    assert board.abnormal == ()
    assert narrative.management(board, EN) == "Management indicators: none of 1 needs a look"
    assert report.limits is not None
    low, high = (round(end) for end in (report.limits.low, report.limits.high))
    assert narrative.usual_range(report, EN) == (
        f"Usual weekly range {low}–{high}. Too few a week to judge a fall."
    )


def test_fewer_than_eight_weeks_before_judge_nothing_and_say_so(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins([10] * 7 + [90]), through=THROUGH)
    report = indicator(scene, "won")
    assert report.weeks[0].value is None
    assert report.limits is None
    assert not report.is_abnormal
    assert report.openings is None
    assert narrative.tried(report, EN) == ""
    assert narrative.usual_range(report, EN) == "No usual range yet: 7 of 8 weeks of history."


def test_the_past_year_says_how_often_it_would_have_spoken(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    year = [10] * 40 + [40] + [10] * 10 + [45] + [10] * 8
    scene.leads(wins(year), through=THROUGH)
    report = indicator(scene, "won")
    assert report.openings == 2
    assert narrative.tried(report, EN).endswith("would have spoken 2 times in 12 months")
    assert narrative.tried(report, JA) == "過去12か月に当てはめると、要確認は2回でした"


def test_without_data_there_is_a_sentence(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    report = indicator(scene, "won")
    assert report.weeks == ()
    assert narrative.usual_range(report, EN) == "No usual range: the data are too old."


def test_events_to_come_are_in_no_week(scene: Scene) -> None:
    scene.plan(plan_text(rest=WINS))
    ahead = [(f"late{n}", "won", "2027-03-01") for n in range(90)]
    scene.leads([*wins([10] * 30), *ahead], through=THROUGH)
    assert not indicator(scene, "won").is_abnormal


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
