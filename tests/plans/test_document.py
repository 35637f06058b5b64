"""What a plan declares, and what it asks of the store."""

from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.pace import Pace
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.status import Status, judge_growing
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.plans.targets import target_on
from tests.plans.documents import Table, plan_of, small_plan, toml

NOVEMBER = Month(2026, 11)
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


def with_indicator(**keys: Any) -> Plan:
    return plan_of({**small_plan(), "indicators": [{"id": "it", "name": "It", **keys}]})


ROLE = Condition("role", Operator.IN, ("director",))
WHERE = [{"attribute": "role", "in": ["director"]}]


@pytest.mark.parametrize(
    ("keys", "tallies", "grows"),
    [
        (
            {"kind": "count", "stage": "won", "where": WHERE, "source": "crm"},
            [Tally(TallyKind.REACHED, Stage.WON, conditions=(ROLE,), source="crm")],
            True,
        ),
        (
            {"kind": "count", "stage": "churned", "direction": "down"},
            [Tally(TallyKind.REACHED, Stage.CHURNED)],
            True,
        ),
        (
            {"kind": "sum", "stage": "won", "of": "amount"},
            [Tally(TallyKind.AMOUNT, Stage.WON)],
            True,
        ),
        (
            {"kind": "sum", "stage": "sales_qualified", "of": "quality"},
            [Tally(TallyKind.QUALITY, Stage.SALES_QUALIFIED)],
            True,
        ),
        (
            {"kind": "active", "activity": "login", "at_least": 3},
            [Tally(TallyKind.ACTIVE, name="login", at_least=3, closing_day=None)],
            True,
        ),
        (
            {"kind": "measure", "measure": "cost"},
            [Tally(TallyKind.MEASURE, name="cost")],
            True,
        ),
        (
            {"kind": "measure", "measure": "nps", "aggregate": "last"},
            [Tally(TallyKind.LEVEL, name="nps")],
            False,
        ),
        (
            {"kind": "ratio", "numerator": {"stage": "won"}, "denominator": {"stage": "lead"}},
            [Tally(TallyKind.REACHED, Stage.WON), Tally(TallyKind.REACHED, Stage.LEAD)],
            False,
        ),
        (
            {
                "kind": "ratio",
                "basis": "cohort",
                "matures_after_days": 21,
                "numerator": {"stage": "won"},
                "denominator": {"stage": "lead", "where": WHERE},
            },
            [
                Tally(TallyKind.CONVERTED, Stage.LEAD, to_stage=Stage.WON, conditions=(ROLE,)),
                Tally(TallyKind.REACHED, Stage.LEAD, conditions=(ROLE,)),
            ],
            False,
        ),
        (
            {"kind": "ratio", "numerator": {"stage": "lead"}, "per": "channel"},
            [Tally(TallyKind.REACHED, Stage.LEAD)],
            False,
        ),
        (
            {"kind": "formula", "formula": "mql * 100"},
            [Tally(TallyKind.REACHED, Stage.MARKETING_QUALIFIED)],
            True,
        ),
    ],
)
def test_each_kind_asks_for_its_tallies(keys: Table, tallies: list[Tally], grows: bool) -> None:
    plan = with_indicator(**keys)
    indicator = plan.indicator("it")
    assert indicator is not None
    assert list(plan.tallies_of(indicator)) == tallies
    assert plan.grows(indicator) is grows


def test_a_formula_asks_for_all_that_lies_below_it() -> None:
    document = small_plan() | {
        "indicators": [
            {"id": "cost", "name": "Cost", "kind": "measure", "measure": "cost"},
            {"id": "each", "name": "Each", "kind": "formula", "formula": "cost / mql"},
            {"id": "twice", "name": "Twice", "kind": "formula", "formula": "each * 2"},
        ]
    }
    plan = plan_of(document)
    assert set(plan.tallies_of(plan.by_id["twice"])) == {
        Tally(TallyKind.MEASURE, name="cost"),
        Tally(TallyKind.REACHED, Stage.MARKETING_QUALIFIED),
    }


def test_a_plan_asks_for_each_tally_once_and_for_its_actions() -> None:
    document = small_plan() | {
        "indicators": [{**small_plan()["kpi"], "id": "again"}],
        "actions": [{"id": "papers", "name": "Papers", "measure": "papers", "minimum": 4}],
    }
    assert plan_of(document).tallies() == (
        Tally(TallyKind.REACHED, Stage.MARKETING_QUALIFIED),
        Tally(TallyKind.MEASURE, name="papers"),
    )


def test_activity_starts_anew_each_business_month() -> None:
    document = small_plan() | {
        "kpi": {"id": "users", "name": "Users", "kind": "active", "activity": "login"},
        "calendar": {"closing_day": 20},
    }
    assert plan_of(document).tallies()[0].closing_day == 20


def test_every_comparison_becomes_a_condition() -> None:
    where = [
        {"attribute": "a", "in": ["x", " y "]},
        {"attribute": "b", "not_in": ["z"]},
        {"attribute": "c", "at_least": 100},
        {"attribute": "d", "at_most": -0.5},
    ]
    plan = with_indicator(kind="count", stage="won", where=where)
    assert plan.tallies_of(plan.by_id["it"])[0].conditions == (
        Condition("a", Operator.IN, ("x", "y")),
        Condition("b", Operator.NOT_IN, ("z",)),
        Condition("c", Operator.AT_LEAST, number=100.0),
        Condition("d", Operator.AT_MOST, number=-0.5),
    )


def test_a_second_kpi_with_a_reason_is_taken() -> None:
    first = small_plan()["kpi"]
    document = small_plan() | {
        "kpi": [first, {**first, "id": "sql", "stage": "sales_qualified"}],
        "reason_for_second_kpi": "Two products, two markets.",
    }
    assert [kpi.id for kpi in plan_of(document).kpi] == ["mql", "sql"]


def test_a_calendar_may_keep_no_holidays() -> None:
    document = small_plan() | {
        "calendar": {"country": "none", "weekend": ["fri", "sat"], "days_off": [date(2026, 11, 1)]}
    }
    calendar = plan_of(document).work_calendar
    assert not calendar.is_working(date(2026, 11, 1))  # a Sunday, our own day off
    assert calendar.is_working(date(2026, 11, 3))  # Culture Day in Japan
    assert not calendar.is_working(date(2026, 11, 6))  # a Friday


def test_the_last_checkpoint_is_the_attention_level_at_the_months_end() -> None:
    document = small_plan() | {"levels": {"attention": 0.9, "warning": 0.75}}
    plan = plan_of(document)
    due = plan.lines_of(NOVEMBER).checkpoints
    assert [(c.on.day, c.share) for c in due] == [(9, 0.2), (16, 0.4), (24, 0.6), (30, 0.9)]
    assert (plan.alert_levels.attention, plan.alert_levels.warning) == (0.9, 0.75)


CHANGING = {"default": 50.0, "2026-11": 60.0, "2026-11-16": 70.0, "2026-11-25": 80.0}


@pytest.mark.parametrize(
    ("month", "day", "target"),
    [
        ("2026-10", date(2026, 10, 31), 50),
        ("2026-11", date(2026, 11, 1), 60),
        ("2026-11", date(2026, 11, 15), 60),
        ("2026-11", date(2026, 11, 16), 70),
        ("2026-11", date(2026, 11, 24), 70),
        ("2026-11", date(2026, 11, 30), 80),
        ("2026-12", date(2026, 12, 1), 50),
    ],
)
def test_a_target_changes_on_its_day_and_for_its_month_alone(
    month: str, day: date, target: float
) -> None:
    named = Month.parse(month)
    period = plan_of(small_plan()).work_calendar.period(named)
    assert target_on(CHANGING, named, period, day) == target


def test_a_month_that_no_target_names_has_none() -> None:
    assert target_on({"2026-12": 60.0}, NOVEMBER, PERIOD, PERIOD.last) is None
    assert target_on({"2026-11-16": 60.0}, NOVEMBER, PERIOD, date(2026, 11, 15)) is None
    assert target_on({}, NOVEMBER, PERIOD, PERIOD.last) is None
    assert target_on(None, NOVEMBER, PERIOD, PERIOD.last) is None


def test_a_day_counts_for_the_business_month_it_lies_in() -> None:
    # Closing on the 20th, 26 October lies in the month of November.
    period = Period(date(2026, 10, 21), date(2026, 11, 20))
    targets = {"2026-11": 60.0, "2026-10-26": 70.0}
    assert target_on(targets, NOVEMBER, period, date(2026, 10, 25)) == 60
    assert target_on(targets, NOVEMBER, period, date(2026, 10, 26)) == 70


def test_a_higher_target_is_asked_for_from_its_day_on() -> None:
    # 13 November: nine of 19 days are over, and 30 of 60 are a half.
    # 16 November: ten of 19, and 30 of 70 are 0.43, a pace of 0.81.
    plan = plan_of({**small_plan(), "kpi": {**small_plan()["kpi"], "targets": CHANGING}})
    lines = plan.lines_of(NOVEMBER)
    statuses = []
    for day, worked in ((date(2026, 11, 13), 9), (date(2026, 11, 16), 10)):
        target = target_on(plan.kpi[0].targets, NOVEMBER, PERIOD, day)
        pace = Pace(30, target, lines.plan(worked), worked, 19 - worked)
        statuses.append(judge_growing(pace, plan.alert_levels, None).status)
    assert statuses == [Status.ON_PLAN, Status.ATTENTION]


def test_the_same_shares_are_a_floor_or_a_plan_line_as_the_plan_says() -> None:
    # Checkpoints after 5, 10 and 15 of 19 working days.
    shares = {"shares": [0.25, 0.5, 0.75]}
    stated = plan_of({**small_plan(), "checkpoints": {**shares, "kind": "floor"}})
    floor = stated.lines_of(NOVEMBER)
    assert [floor.floor(days) for days in (5, 10, 15, 19)] == pytest.approx([0.25, 0.5, 0.75, 0.8])
    assert floor.plan(5) == pytest.approx(0.3125)
    line = plan_of({**small_plan(), "checkpoints": {**shares, "kind": "plan"}}).lines_of(NOVEMBER)
    assert [line.plan(days) for days in (5, 10, 15, 19)] == pytest.approx([0.25, 0.5, 0.75, 1])
    assert [line.floor(days) for days in (5, 10, 15, 19)] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert [each.share for each in line.checkpoints] == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_the_usual_shares_leave_the_plan_line_even() -> None:
    lines = plan_of(small_plan()).lines_of(NOVEMBER)
    assert [lines.plan(days) for days in (5, 10, 19)] == pytest.approx([5 / 19, 10 / 19, 1])


def test_working_hours_are_the_plans() -> None:
    hours = {"work_from": time(10), "work_to": time(20)}
    calendar = plan_of({**small_plan(), "calendar": hours}).work_calendar
    assert calendar.days_worked(PERIOD, datetime.fromisoformat("2026-11-02 15:00")) == 0.5


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("mql", "marketing_qualified"),
        ("MQL", "marketing_qualified"),
        ("ｓｑｌ", "sales_qualified"),
        ("受注", "won"),
        ("Closed Won", "won"),
        ("商談", "opportunity"),
        ("sales_qualified", "sales_qualified"),
    ],
)
def test_a_stage_is_named_as_people_name_it(name: str, stage: str) -> None:
    plan = plan_of({**small_plan(), "kpi": {**small_plan()["kpi"], "stage": name}})
    (tally,) = plan.tallies_of(plan.kpi[0])
    assert tally.stage == stage
    ratio = {"kind": "ratio", "numerator": {"stage": name}, "denominator": {"stage": "リード"}}
    tallies = with_indicator(**ratio).tallies()
    assert {each.stage for each in tallies} >= {stage, "lead"}


def test_a_sum_of_what_grows_grows_and_a_quotient_does_not() -> None:
    parts = [
        {"id": "a", "name": "A", "kind": "count", "stage": "lead"},
        {"id": "spent", "name": "S", "kind": "measure", "measure": "spent"},
        {"id": "score", "name": "L", "kind": "measure", "measure": "nps", "aggregate": "last"},
        {"id": "both", "name": "B", "kind": "formula", "formula": "2 * a + spent"},
        {"id": "nested", "name": "N", "kind": "formula", "formula": "both / 2"},
        {"id": "each", "name": "E", "kind": "formula", "formula": "spent / a"},
        {"id": "with_level", "name": "W", "kind": "formula", "formula": "a + score"},
        {"id": "leads", "name": "D", "kind": "formula", "formula": "a * 1"},
    ]
    plan = plan_of({**small_plan(), "indicators": parts})
    grows = {name: plan.grows(each) for name, each in plan.by_id.items()}
    assert grows == {
        "mql": True, "a": True, "spent": True, "score": False, "both": True, "nested": True,
        "each": False, "with_level": False, "leads": True,
    }  # fmt: skip
    can_fall = {name for name, each in plan.by_id.items() if plan.can_fall(each)}
    assert can_fall == {"spent", "score", "both", "nested", "each", "with_level"}


def test_months_of_distinct_entities_make_no_quarter() -> None:
    parts = [
        {"id": "users", "name": "U", "kind": "active", "activity": "login"},
        {"id": "with_users", "name": "F", "kind": "formula", "formula": "users + mql"},
        {"id": "leads", "name": "D", "kind": "formula", "formula": "mql * 2"},
        {"id": "score", "name": "L", "kind": "measure", "measure": "nps", "aggregate": "last"},
    ]
    plan = plan_of({**small_plan(), "indicators": parts})
    add_up = {name for name, each in plan.by_id.items() if plan.months_add_up(each)}
    assert add_up == {"mql", "leads"}


def test_shares_and_levels_rise() -> None:
    plan = plan_of(small_plan())
    shares = [checkpoint.share for checkpoint in plan.lines_of(NOVEMBER).checkpoints]
    assert all(sooner < later for sooner, later in pairwise(shares))


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    text = toml(small_plan())
    assert read_plan("\ufeff" + text.replace("\n", "\r\n")) == read_plan(text)


def test_the_same_text_is_read_once() -> None:
    text = toml(small_plan())
    assert read_plan(text) is read_plan(text)
