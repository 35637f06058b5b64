"""What holds for every month, every number and every rule."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_core.analysis.control_limits import natural_limits
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import Spread
from kpi_core.domain.checkpoint import Checkpoint, WeekRule, checkpoints
from kpi_core.domain.pace import Lines, Pace
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import (
    Direction,
    Levels,
    Status,
    judge_ceiling,
    judge_direct,
    judge_growing,
)

WORST_TO_BEST = [
    Status.CRISIS,
    Status.WARNING,
    Status.ATTENTION,
    Status.ON_PLAN,
    Status.ACHIEVED,
]

amounts = st.floats(0, 1e9) | st.integers(0, 1000).map(float)
targets = st.floats(0.001, 1e9) | st.integers(1, 1000).map(float)
levels = st.tuples(st.integers(1, 98), st.integers(1, 98)).map(sorted).filter(
    lambda pair: pair[0] < pair[1]
).map(lambda pair: Levels(warning=pair[0] / 100, attention=pair[1] / 100))  # fmt: skip
months = st.builds(Month, st.integers(2024, 2032), st.integers(1, 12))
calendars = st.builds(
    WorkCalendar,
    country=st.sampled_from(["JP", "BR", None]),
    closing_day=st.none() | st.integers(1, 28),
    weekend=st.frozensets(st.integers(0, 6), max_size=6),
)
rising = st.lists(st.integers(1, 99), min_size=4, max_size=4, unique=True).map(
    lambda shares: tuple(share / 100 for share in sorted(shares))
)
SHARES = (0.2, 0.4, 0.6, 0.8)


@st.composite
def months_of_work(
    draw: st.DrawFn, shares: st.SearchStrategy[tuple[float, ...]] = rising
) -> tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]]:
    calendar, month = draw(calendars), draw(months)
    period = calendar.period(month)
    off = draw(st.sets(st.sampled_from(list(period.days())), max_size=len(period)))
    working = tuple(day for day in calendar.working_days(period) if day not in off)
    rule = draw(st.sampled_from(WeekRule))
    return period, working, checkpoints(rule, draw(shares), period, working)


def better(status: Status) -> int:
    """A rank; too early is below achieved, which is all it can turn into by doing more."""
    return -1 if status is Status.TOO_EARLY else WORST_TO_BEST.index(status)


spreads = st.none() | st.builds(
    Spread, dispersion=st.floats(1, 20), unit=st.sampled_from([1.0, 1e3, 1e6])
)


@given(
    st.floats(0.001, 1e6) | st.integers(1, 1000).map(float),
    st.floats(0, 1),
    st.floats(0, 23),
    st.floats(0, 1e6) | st.integers(0, 1000).map(float),
    amounts,
    levels,
    spreads,
    st.booleans(),
)
def test_doing_more_never_looks_worse(
    target: float,
    plan_line: float,
    worked: float,
    value: float,
    more: float,
    borders: Levels,
    spread: Spread | None,
    is_over: bool,
) -> None:
    def judged(done: float) -> int:
        pace = Pace(done, target, plan_line, worked, 0)
        return better(judge_growing(pace, borders, spread, is_over=is_over).status)

    assert judged(value) <= judged(value + more)


@given(targets | st.just(0.0), st.floats(0, 1), st.floats(1, 23), amounts, amounts, st.booleans())
def test_less_never_looks_worse_under_a_ceiling(
    ceiling: float, line: float, worked: float, value: float, more: float, is_over: bool
) -> None:
    def judged(spent: float) -> int:
        return better(judge_ceiling(Pace(spent, ceiling, line, worked, 0), is_over=is_over))

    assert judged(value + more) <= judged(value)


@given(targets, amounts, amounts, levels)
def test_more_of_a_ratio_never_looks_worse(
    target: float, value: float, more: float, borders: Levels
) -> None:
    before = judge_direct(value, target, Direction.UP, borders)
    after = judge_direct(value + more, target, Direction.UP, borders)
    assert better(before) <= better(after)


@given(targets | st.just(0.0), amounts, amounts, levels)
def test_less_never_looks_worse_where_less_is_better(
    target: float, value: float, more: float, borders: Levels
) -> None:
    before = judge_direct(value + more, target, Direction.DOWN, borders)
    after = judge_direct(value, target, Direction.DOWN, borders)
    assert better(before) <= better(after)


@given(months_of_work(), amounts, targets)
def test_at_months_end_pace_is_attainment(
    month: tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]], value: float, target: float
) -> None:
    _, working, due = month
    assume(working)
    for bent in (False, True):
        line = Lines(due, len(working), bent).plan(len(working))
        assert Pace(value, target, line, len(working), 0).pace == pytest.approx(value / target)


@given(months_of_work())
def test_the_lines_never_fall_and_run_from_nothing_to_all(
    month: tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]],
) -> None:
    _, working, due = month
    assume(working)
    for bent in (False, True):
        lines = Lines(due, len(working), bent)
        halves = [half / 2 for half in range(2 * len(working) + 1)]
        floors = [lines.floor(days) for days in halves]
        plans = [lines.plan(days) for days in halves]
        assert floors[0] == plans[0] == 0
        assert floors == sorted(floors)
        assert plans == sorted(plans)
        assert plans[-1] == 1


@given(months_of_work(st.just(SHARES)))
def test_a_bent_plan_line_is_the_floor_over_eight_tenths(
    month: tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]],
) -> None:
    _, working, due = month
    assume(working)
    lines = Lines(due, len(working), bent=True)
    for days in range(len(working) + 1):
        assert lines.plan(days) == pytest.approx(lines.floor(days) / 0.8)


@given(months_of_work())
def test_checkpoints_come_in_order_within_the_month(
    month: tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]],
) -> None:
    period, working, due = month
    assert bool(due) == bool(working)
    for attribute in ("number", "on", "working_day", "share"):
        values = [getattr(each, attribute) for each in due]
        assert values == sorted(set(values)), attribute
    assert all(each.on in period for each in due)
    assert all(each.working_day == sum(day <= each.on for day in working) for each in due)
    if due:
        assert (due[-1].is_end, due[-1].on) == (True, period.last)


@given(months_of_work(st.just(SHARES)).filter(lambda month: len(month[1]) > 0))
def test_quarters_never_ask_before_an_even_pace_does(
    month: tuple[Period, tuple[date, ...], tuple[Checkpoint, ...]],
) -> None:
    period, working, _ = month
    for each in checkpoints(WeekRule.QUARTERS, SHARES, period, working):
        assert each.working_day / len(working) >= each.number / 4


@given(amounts, targets, st.integers(1, 31))
def test_what_each_day_must_bring_adds_up_to_what_is_missing(
    value: float, target: float, days_left: int
) -> None:
    pace = Pace(value, target, 0.5, 10, days_left)
    assert pace.needed_per_day is not None
    assert pace.needed_per_day * days_left == pytest.approx(pace.missing)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=12))
def test_limits_contain_the_mean(weeks: list[float]) -> None:
    limits = natural_limits(weeks)
    assert limits.mean in limits
    assert limits.low <= limits.mean <= limits.high


@given(calendars, st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_every_day_belongs_to_the_month_that_holds_it(calendar: WorkCalendar, day: date) -> None:
    assert day in calendar.period(calendar.month_of(day))


@given(calendars, months)
def test_months_follow_each_other_without_a_gap(calendar: WorkCalendar, month: Month) -> None:
    ends = calendar.period(month).last
    assert calendar.period(month.plus(1)).first == ends + timedelta(days=1)
