"""The made-up history: stable, within bounds, and of nobody."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kpi_core.analysis.anomaly import ObservedWeek, Series, Side, judge
from kpi_core.demo.course import COURSES, qualification_days
from kpi_core.demo.leads import COLUMNS, leads_csv
from kpi_core.demo.measures import measures_csv
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import Spread
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.pace import Lines, Pace
from kpi_core.domain.period import Month
from kpi_core.domain.status import Levels, Status, judge_growing

DATES = ("lead_date", "mql_date", "sql_date", "opportunity_date", "won_date", "lost_date")
TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))
MONTHS = [Month(2023, 1).plus(n) for n in range(108)]

Row = dict[str, str]


def read(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def counts_for_the_kpi(row: Row) -> bool:
    """The starter's conditions, spelled out a second time."""
    return (
        row["mql_date"] != ""
        and row["role"] in ("executive", "director", "manager")
        and int(row["employees"]) >= 100
        and row["industry"] in ("manufacturing", "it", "finance")
    )


def facts(rows: list[Row], first: str) -> set[tuple[str, str, str]]:
    """Lead, stage and moment of all that happened from a day on."""
    reached = ((row["lead_id"], name, row[name]) for row in rows for name in DATES)
    return {fact for fact in reached if fact[2] >= first}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read(leads_csv(TODAY))


@given(DAYS)
@hypothesis_settings(max_examples=3)
def test_what_happened_stays_when_a_day_goes_by(today: date) -> None:
    tomorrow = today + timedelta(days=1)
    before, after = read(leads_csv(today)), read(leads_csv(tomorrow))
    first = min(row[name] for row in after for name in DATES if row[name])[:8] + "01"
    seen_later = {fact for fact in facts(after, first) if fact[2] < today.isoformat()}
    assert facts(before, first) == seen_later
    days = {row["day"]: row for row in read(measures_csv(tomorrow))}
    for row in read(measures_csv(today)):
        assert days.get(row["day"], row) == row


@given(DAYS)
@hypothesis_settings(max_examples=2)
def test_the_same_day_gives_the_same_bytes(today: date) -> None:
    assert leads_csv(today) == leads_csv(today)
    assert measures_csv(today) == measures_csv(today)


@given(DAYS)
@hypothesis_settings(max_examples=3)
def test_it_is_fourteen_months_up_to_yesterday(today: date) -> None:
    year, month = divmod(today.year * 12 + today.month - 14, 12)
    first, last = date(year, month + 1, 1), today - timedelta(days=1)
    days = [date.fromisoformat(row["day"]) for row in read(measures_csv(today))]
    assert days == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    moments = [row[name][:10] for row in read(leads_csv(today)) for name in DATES if row[name]]
    assert first.isoformat() <= min(moments) <= max(moments) <= last.isoformat()


def test_every_months_kpi_lies_about_the_target_of_fifty() -> None:
    totals = [len(qualification_days(month)) for month in MONTHS]
    assert 40 <= min(totals) < 46
    assert 55 < max(totals) <= 60
    for start in range(len(totals) - 13):
        shown = totals[start : start + 13]
        assert 3 <= sum(total >= 50 for total in shown) <= 12


def test_the_running_month_is_seldom_in_crisis_and_often_behind() -> None:
    found: Counter[Status] = Counter()
    calendar = WorkCalendar()
    for month in MONTHS[36:72]:
        period = calendar.period(month)
        working = calendar.working_days(period)
        due = checkpoints(WeekRule.QUARTERS, (0.2, 0.4, 0.6, 0.8), period, working)
        qualified = qualification_days(month)
        for day in period.days():
            elapsed = sum(each <= day for each in working)
            value = sum(each <= day for each in qualified)
            pace = Pace(value, 50, Lines(due, len(working)).plan(elapsed), elapsed, 0)
            found[judge_growing(pace, Levels(), Spread()).status] += 1
    shares = {status: count / found.total() for status, count in found.items()}
    assert shares.get(Status.CRISIS, 0) < 0.07
    assert shares[Status.ATTENTION] > 0.4
    assert shares[Status.ON_PLAN] > 0.05


def observed(rows: list[Row], name: str) -> list[ObservedWeek]:
    """The weeks of a measure, by the days that Japan works."""
    calendar, weeks = WorkCalendar(), []
    for at in range(0, len(rows), 7):
        days = [(date.fromisoformat(row["day"]), int(row[name])) for row in rows[at : at + 7]]
        off = [value for day, value in days if not calendar.is_working(day)]
        weeks.append(ObservedWeek(sum(value for _, value in days), 7 - len(off), sum(off)))
    return weeks


@pytest.mark.parametrize("name", ["page_views", "cost"])
def test_a_measure_that_is_abnormal_is_on_the_move(name: str) -> None:
    for start in range(60):
        rows = read(measures_csv(date(2025, 1, 6) + timedelta(weeks=3 * start)))[-30 * 7 :]
        newest = rows[-13 * 7 :]
        weeks = [sum(int(row[name]) for row in newest[n : n + 7]) for n in range(0, 13 * 7, 7)]
        if judge(Series.SUM, observed(rows, name)).side is not Side.WITHIN:
            assert max(weeks) / min(weeks) > 1.08
        # A step would leave the limits behind while the line is flat again.
        assert all(abs(after / before - 1) < 0.15 for before, after in pairwise(weeks))


def test_sales_takes_on_only_what_the_kpi_counts(rows: list[Row]) -> None:
    assert all(counts_for_the_kpi(row) for row in rows if row["sql_date"] and row["mql_date"])


@pytest.mark.parametrize("year", range(2025, 2031))
def test_of_the_kpis_mqls_each_stage_is_smaller_than_the_one_before(year: int) -> None:
    rows = [row for row in read(leads_csv(date(year, 7, 1))) if row["lead_date"]]
    cohort = [row for row in rows if counts_for_the_kpi(row)]
    reached = [sum(bool(row[name]) for row in cohort) for name in DATES[1:5]]
    rates = [after / before for before, after in pairwise(reached)]
    assert all(
        least < rate < most
        for (least, most), rate in zip(
            [(0.55, 0.75), (0.65, 0.82), (0.33, 0.55)], rates, strict=True
        )
    )


def test_page_views_or_cost_are_abnormal_in_most_weeks() -> None:
    mondays = [date(2025, 1, 6) + timedelta(weeks=5 * n) for n in range(30)]
    found = 0
    for monday in mondays:
        rows = read(measures_csv(monday))[-30 * 7 :]
        judged = [judge(Series.SUM, observed(rows, name)) for name in ("page_views", "cost")]
        found += any(judgement.side is not Side.WITHIN for judgement in judged)
    assert found >= 26


def test_the_file_counts_what_the_course_says(rows: list[Row]) -> None:
    counted = Counter(row["mql_date"][:7] for row in rows if counts_for_the_kpi(row))
    whole = [Month(2025, 10).plus(n) for n in range(13)]
    assert {str(month): len(qualification_days(month)) for month in whole} == {
        month: count for month, count in counted.items() if month != "2026-11"
    }
    so_far = [day for day in qualification_days(Month(2026, 11)) if day < TODAY]
    assert counted["2026-11"] == len(so_far)


def test_every_course_is_run_and_no_week_goes_back() -> None:
    for course in COURSES:
        assert list(course) == sorted(course)
        assert course[0] >= 0.18
    assert len({tuple(qualification_days(month)) for month in MONTHS}) == len(MONTHS)


def test_attributes_are_those_the_starter_names(rows: list[Row]) -> None:
    assert {row["role"] for row in rows} == {"executive", "director", "manager", "staff", "other"}
    assert {row["industry"] for row in rows} == {
        "manufacturing", "it", "finance", "retail", "healthcare", "other",
    }  # fmt: skip
    assert all(5 <= int(row["employees"]) <= 20_000 for row in rows)
    assert {row["quality"] for row in rows} == {"", "1", "2", "3", "4", "5"}


def test_a_lead_passes_the_stages_in_order(rows: list[Row]) -> None:
    for row in rows:
        moments = [row[name] for name in DATES if row[name]]
        assert moments == sorted(moments)
        assert not (row["won_date"] and row["lost_date"])
        if row["won_date"]:
            assert int(row["amount"]) > 0


def test_every_lead_is_one(rows: list[Row]) -> None:
    ids = [row["lead_id"] for row in rows]
    assert len(ids) == len(set(ids))


def test_the_funnel_narrows(rows: list[Row]) -> None:
    sizes = [sum(bool(row[name]) for row in rows) for name in DATES[:5]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 100


def test_weekends_and_holidays_are_quiet(rows: list[Row]) -> None:
    leads = Counter(row["lead_date"][:10] for row in rows if row["lead_date"])
    monday, sunday, constitution_day = leads["2026-06-08"], leads["2026-06-07"], leads["2026-05-04"]
    assert sunday < monday / 3
    assert constitution_day < monday / 3


def test_the_channel_mix_drifts(rows: list[Row]) -> None:
    def share(channel: str, months: tuple[str, ...]) -> float:
        channels = [row["channel"] for row in rows if row["lead_date"].startswith(months)]
        return channels.count(channel) / len(channels)

    then, now = ("2025-10", "2025-11", "2025-12"), ("2026-08", "2026-09", "2026-10")
    assert share("paid ads", then) > share("paid ads", now) + 0.03
    assert share("webinar", then) < share("webinar", now) - 0.03


def test_it_is_about_nobody(rows: list[Row]) -> None:
    assert not {"name", "mail", "email", "phone"} & set(COLUMNS)
    assert b"@" not in leads_csv(TODAY)
    assert all(row["account"].startswith("company ") for row in rows)


def test_a_white_paper_a_week_or_so() -> None:
    papers: Counter[str] = Counter()
    for row in read(measures_csv(TODAY)):
        papers[row["day"][:7]] += int(row["whitepapers"])
        assert int(row["page_views"]) > 0
        assert int(row["cost"]) > 0
    assert all(2 <= count <= 8 for count in papers.values())
