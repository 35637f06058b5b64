"""The printed plan in words: each of its numbers worked out by hand."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.narrative import Fact
from kpi_core.reports.plan_sheet import PlanSheet, RuleRow, plan_sheet
from kpi_core.reports.target_table import CellKind, TeamRow
from tests.plans.documents import Table, plan_of, small_plan, toml

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
"""Noon in Tokyo."""
AT = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - the store's clocks have no zone


def sheet_of(
    document: Table, *revisions: Revision, now: datetime = NOW, language: Language = Language.EN
) -> PlanSheet:
    return plan_sheet(plan_of(document), Words(language), now=now, revisions=revisions)


def with_kpi(**fields: object) -> Table:
    document = small_plan()
    document["kpi"] |= fields
    return document


def saved(
    document: Table, number: int, since: date | None, who: str = "Sato", why: str = ""
) -> Revision:
    return Revision(number, since, toml(document), who, why, AT)


def texts(report: PlanSheet, year: int = 0, kpi: int = 0) -> list[str]:
    return [cell.text for cell in report.kpis[kpi].years[year].cells]


@dataclass(frozen=True)
class Sums:
    """The sums of a fiscal year."""

    quarters: list[str]
    year: list[str]


def sums(report: PlanSheet, year: int = 0) -> Sums:
    cells = report.kpis[0].years[year].cells
    return Sums(
        [cell.text for cell in cells if cell.kind is CellKind.QUARTER],
        [cell.text for cell in cells if cell.kind is CellKind.YEAR],
    )


# --- targets ---


def test_fiscal_years_are_shown_whole_with_the_sums_of_quarters_and_year() -> None:
    targets = {"default": 50, "2026-12": 60, "2026-11-16": 70}
    report = sheet_of(with_kpi(targets=targets))
    assert report.heads == (
        "Apr", "May", "Jun", "Q1", "Jul", "Aug", "Sep", "Q2",
        "Oct", "Nov", "Dec", "Q3", "Jan", "Feb", "Mar", "Q4", "Year",
    )  # fmt: skip
    # November ends with the 70 that hold from its 16th on: 50 + 70 + 60 = 180.
    assert texts(report) == [
        "50", "50", "50", "150", "50", "50", "50", "150",
        "50", "70", "60", "180", "50", "50", "50", "150", "630",
    ]  # fmt: skip
    assert sums(report, 1) == Sums(["150"] * 4, ["600"])
    assert [year.label for year in report.kpis[0].years] == [
        "April 2026–March 2027",
        "April 2027–March 2028",
    ]
    kinds = [cell.kind for cell in report.kpis[0].years[0].cells]
    assert kinds.count(CellKind.PAST) == 7
    assert kinds[9] is CellKind.RUNNING
    assert report.kpis[0].figure == "70"


def test_a_fiscal_year_begins_where_the_plan_says() -> None:
    document = with_kpi(targets={"default": 10, "2026-01": 40})
    document["calendar"] = {"fiscal_year_start": 1}
    report = sheet_of(document)
    assert report.heads[:4] == ("Jan", "Feb", "Mar", "Q1")
    assert sums(report) == Sums(["60", "30", "30", "30"], ["150"])
    in_january = sheet_of(document, now=datetime(2026, 1, 15, tzinfo=UTC))
    assert len(in_january.kpis[0].years) == 1  # twelve months from January on are the year


def test_months_without_a_target_add_nothing_and_a_year_without_any_is_left_out() -> None:
    report = sheet_of(with_kpi(targets={"2026-11": 30, "2026-12": 45}))
    assert sums(report) == Sums(["–", "–", "75", "–"], ["75"])
    assert texts(report)[8:12] == ["–", "30", "45", "75"]
    assert len(report.kpis[0].years) == 1
    assert sheet_of(with_kpi(targets={"2027-01": 5})).kpis[0].figure == "No target"


def test_a_business_month_is_named_by_the_month_in_which_it_closes() -> None:
    document = with_kpi(targets={"default": 50, "2026-12": 60})
    document["calendar"] = {"closing_day": 20}
    report = sheet_of(document)  # 22 November belongs to December
    assert report.month == "December 2026"
    assert report.kpis[0].figure == "60"


@pytest.mark.parametrize(
    "kpi",
    [
        {
            "kind": "ratio", "numerator": {"stage": "won"},
            "denominator": {"stage": "lead"}, "targets": {"default": 0.125},
        },
        {"kind": "active", "activity": "login", "targets": {"default": 500}},
        {"kind": "measure", "measure": "score", "aggregate": "last", "targets": {"default": 8}},
    ],
)  # fmt: skip
def test_shares_levels_and_distinct_users_have_no_sums(kpi: Table) -> None:
    document = small_plan()
    document["kpi"] = {"id": "n", "name": "N"} | kpi
    report = sheet_of(document)
    assert len(report.heads) == 12
    assert len(texts(report)) == 12
    assert len(set(texts(report))) == 1


def test_beside_a_number_with_sums_a_share_leaves_them_empty() -> None:
    document = small_plan()
    share = {
        "id": "rate", "name": "Rate", "kind": "ratio", "targets": {"default": 0.125},
        "numerator": {"stage": "won"}, "denominator": {"stage": "lead"},
    }  # fmt: skip
    document |= {"kpi": [document["kpi"], share], "reason_for_second_kpi": "Quality, too."}
    report = sheet_of(document)
    assert texts(report, kpi=1)[:4] == ["12.5%", "12.5%", "12.5%", ""]
    assert report.kpis[1].figure == "12.5%"
    assert report.reason_for_second == Fact("Why a second KPI", "Quality, too.")
    assert report.due_heads == ("MQLs",)


def test_each_month_has_the_target_of_the_revision_in_force() -> None:
    old, new = with_kpi(targets={"default": 40}), with_kpi(targets={"default": 50})
    revisions = (saved(old, 1, None), saved(new, 2, date(2026, 11, 1), why="More budget"))
    report = sheet_of(new, *revisions)
    # October 40, November and December 50; seven months of 40 and five of 50.
    assert sums(report) == Sums(["120", "120", "140", "150"], ["530"])
    assert report.saved == (
        "Revision 2, saved by Sato on Nov 20, 2026",
        "in force from November 2026",
        "More budget",
    )


def test_a_draft_holds_from_the_running_month_on() -> None:
    old, draft = with_kpi(targets={"default": 40}), with_kpi(targets={"default": 50})
    report = sheet_of(draft, saved(old, 1, None))
    assert sums(report) == Sums(["120", "120", "140", "150"], ["530"])
    assert report.saved == ("Draft, not saved",)


def test_what_a_page_saved_is_said_to_be_the_screens() -> None:
    report = sheet_of(small_plan(), saved(small_plan(), 1, None, who="page"))
    assert report.saved == (
        "Revision 1, saved by screen on Nov 20, 2026",
        "in force from the start",
    )


def test_of_a_long_reason_the_beginning_is_shown() -> None:
    report = sheet_of(small_plan(), saved(small_plan(), 1, None, why="x" * 5000))
    assert report.saved[-1] == "x" * 399 + "…"


def test_teams_have_their_part_of_the_month_and_of_the_year() -> None:
    teams = {"by": "channel", "targets": {"web": {"default": 30, "2026-12": 40}, "fair": {}}}
    report = sheet_of(with_kpi(teams=teams))
    assert report.kpis[0].teams_title == "Targets by channel"
    assert report.kpis[0].teams == (TeamRow("web", "30", "370"), TeamRow("fair", "–", "–"))


# --- the month ---


def test_checkpoints_have_the_days_and_values_of_a_month_with_holidays() -> None:
    """November 2026 has two holidays, the 3rd and the 23rd: 19 working days.

    A quarter of them is over with the 5th (Nov 9), half with the 10th (Nov 16), three quarters
    with the 15th (Nov 24).
    """
    report = sheet_of(with_kpi(targets={"default": 33}))
    assert report.working_days == "19 working days"
    found = [(each.name, each.day, each.share, *each.due) for each in report.checkpoints]
    assert found == [
        ("Week 1", "Mon, Nov 9", "20%", "7"),  # 6.6 leads: seven
        ("Week 2", "Mon, Nov 16", "40%", "14"),
        ("Week 3", "Tue, Nov 24", "60%", "20"),
        ("Month's end", "Mon, Nov 30", "100%", "33"),
    ]


def test_a_checkpoint_asks_for_a_share_of_the_target_of_its_day() -> None:
    report = sheet_of(with_kpi(targets={"default": 50, "2026-11-16": 70}))
    assert [each.due for each in report.checkpoints] == [("10",), ("28",), ("42",), ("70",)]


def test_december_closes_with_the_years_own_days_off() -> None:
    """Without the 29th to the 31st December 2026 has 20 working days: 5, 10 and 15 are over on
    the 7th, 14th and 21st."""
    plan = read_plan(starters()["saas"])
    assert isinstance(plan, Plan)
    now = datetime(2026, 12, 10, tzinfo=UTC)
    report = plan_sheet(plan, Words(Language.JA), now=now)
    assert report.working_days == "20営業日"
    found = [(each.name, each.day, *each.due) for each in report.checkpoints]
    assert found == [
        ("第1週", "12月7日(月)", "10"),
        ("第2週", "12月14日(月)", "20"),
        ("第3週", "12月21日(月)", "30"),
        ("月末", "12月31日(木)", "50"),
    ]
    assert Fact("会社の休業日", "3日（2026年4月～2027年3月）") in report.calendar


def test_what_is_compared_directly_has_no_checkpoints() -> None:
    document = with_kpi(direction="down")
    report = sheet_of(document)
    assert report.checkpoints == ()
    assert report.kpis[0].note == "at most, in November 2026"


# --- what was agreed ---


def test_rules_name_their_case_the_levels_border_and_the_owner() -> None:
    document = small_plan()
    document["levels"] = {"attention": 0.85, "warning": 0.7}
    whens = ("week_2", "month_end", "attention", "warning", "crisis", "two_months_in_crisis")
    document["rules"] = [{"when": when, "do": ["Meet", "Act"]} for when in whens]
    document["rules"][0]["owner"] = "Sato"
    rules = sheet_of(document).rules
    assert rules[0] == RuleRow("Week 2 missed", "", "", "", ("Meet", "Act"), "Owner: Sato")
    assert [(rule.case, rule.note) for rule in rules[1:]] == [
        ("Month’s target missed", ""),
        ("Attention", "85% or more of plan, under 100%"),
        ("Warning", "70% or more, under 85%"),
        ("Crisis", "under 70% of plan"),
        ("Crisis two months running", ""),
    ]
    assert [rule.status for rule in rules] == ["", "", "attention", "warning", "crisis", "crisis"]
    assert rules[5].owner == "Owner: Not assigned"


def test_a_ceilings_rules_speak_of_the_ceiling() -> None:
    document = with_kpi(direction="down")
    document["rules"] = [{"when": when, "do": ["Act"]} for when in ("month_end", "crisis")]
    assert [(rule.case, rule.note) for rule in sheet_of(document).rules] == [
        ("Month’s ceiling exceeded", ""),
        ("Crisis", "over the month’s ceiling"),
    ]


def test_the_number_says_why_it_was_chosen_and_what_was_agreed() -> None:
    kpi = {
        "why": "It leads orders.", "decision": "Which channel gets the budget.",
        "definition": {
            "version": 2, "text": "Fits.", "agreed_by": ["A", "B"], "agreed_on": date(2026, 4, 1),
        },
    }  # fmt: skip
    assert sheet_of(with_kpi(**kpi)).kpis[0].facts == (
        Fact("Why this number", "It leads orders."),
        Fact("Decision it drives", "Which channel gets the budget."),
        Fact("Definition v2", "Fits."),
        Fact("Agreed", "A, B (Apr 1, 2026)"),
    )


def test_goal_actions_and_management_indicators_keep_their_units() -> None:
    document = small_plan()
    document["kgi"] |= {"unit": "orders", "per": "year", "target": 1}
    document["actions"] = [
        {
            "id": "a",
            "name": "Papers",
            "measure": "p",
            "minimum": 4,
            "per": "month",
            "unit": "papers",
        }
    ]
    document["indicators"] = [
        {
            "id": "cost", "name": "Cost", "unit": "yen", "owner": "Ito", "direction": "down",
            "kind": "measure", "measure": "cost", "targets": {"default": 1500000},
            "decision": "Whether to buy ads.",
        },
        {"id": "views", "name": "Views", "kind": "measure", "measure": "v"},
    ]  # fmt: skip
    report = sheet_of(document)
    assert (report.goal.text, report.goal.owner) == ("1 order", "a year")
    assert report.goal.note == "by Mar 31, 2027"
    (action,) = report.actions
    assert action.text == "at least 4 papers a month"
    cost, views = report.indicators
    assert (cost.text, cost.owner) == ("1.5M yen or less", "Ito")
    assert cost.note == "Whether to buy ads."
    assert (views.text, views.owner) == ("", "")


def test_the_calendar_says_which_days_are_worked() -> None:
    document = small_plan()
    document["calendar"] = {"country": "none", "closing_day": 20, "weekend": ["sun", "fri"]}
    document["checkpoints"] = {"weeks": "days"}
    assert sheet_of(document).calendar == (
        Fact("Public holidays", "not observed"),
        Fact("Month closes", "on day 20"),
        Fact("Weekend", "Fri, Sun"),
        Fact("Company days off", "none"),
        Fact("Working hours", "09:00–18:00, Asia/Tokyo"),
        Fact("Checkpoints fall", "after day 7, 14 and 21"),
    )
    assert sheet_of(small_plan(), language=Language.JA).calendar[0] == Fact("祝日", "日本")


def test_a_review_whose_day_has_come_is_due() -> None:
    document = small_plan() | {"review_on": date(2026, 11, 22)}
    assert sheet_of(document).review.text == "Nov 22, 2026 (due)"
    document["review_on"] = date(2026, 11, 23)
    assert sheet_of(document).review.text == "Nov 23, 2026"
    assert sheet_of(small_plan()).review.text == "no date set"
