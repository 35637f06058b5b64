"""How much each kind of indicator scatters, by months that are easily added up."""

from datetime import date, datetime

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import Spread
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.evaluation.as_of import moment_of
from kpi_core.evaluation.history import (
    counted_past,
    days_seen,
    spread_of,
    tallies_of_data,
    tallies_of_history,
)
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Days
from tests.plans.documents import plan_of, small_plan

SEEN = Period(date(2026, 9, 1), date(2026, 9, 28))
COUNTED = Tally(TallyKind.REACHED, Stage.WON)
AMOUNTS = Tally(TallyKind.AMOUNT, Stage.WON)


def plan(**kpi: object) -> Plan:
    base = {"id": "k", "name": "K", "targets": {"default": 50}}
    return plan_of({**small_plan(), "kpi": {**base, **kpi}})


def spread(plan: Plan, days: Days, seen: Period | None = SEEN) -> Spread | None:
    return spread_of(plan, plan.kpi[0], days, seen)


def each_day(*values: float) -> dict[date, float]:
    """The values by turns."""
    return {day: values[n % len(values)] for n, day in enumerate(SEEN.days())}


def test_without_history_a_count_scatters_half_again_as_much_as_a_poisson() -> None:
    assert spread(plan(kind="count", stage="won"), {}, None) == Spread(1.5, 1.0)


def test_distinct_users_scatter_as_a_poisson_does() -> None:
    users = plan(kind="active", activity="login")
    assert spread(users, {}) == spread(users, {}, None) == Spread(1.0, 1.0)


def test_a_sum_is_counted_in_its_mean_amount_and_scatters_with_its_amounts_too() -> None:
    won = plan(kind="sum", stage="won", of="amount")
    # One deal a day, of 100 and 300 by turns: mean 200, variance 280000 / 27.
    days = {COUNTED: each_day(1.0), AMOUNTS: each_day(100.0, 300.0)}
    found = spread(won, days)
    deals = spread(plan(kind="count", stage="won"), days)
    assert found is not None
    assert deals is not None
    assert found.unit == 200
    variation = 28 * 100**2 / 27 / 200**2
    assert found.dispersion == pytest.approx(deals.dispersion * (1 + variation))


def test_of_fewer_than_twenty_amounts_nothing_is_known() -> None:
    won = plan(kind="sum", stage="won", of="amount")
    few = dict.fromkeys(list(SEEN.days())[:19], 1.0)
    assert spread(won, {COUNTED: few, AMOUNTS: few}) is None
    assert spread(won, {COUNTED: few, AMOUNTS: few}, None) is None


def test_a_sum_of_daily_numbers_has_the_same_odds_in_any_unit() -> None:
    visits = plan(kind="measure", measure="visits")
    tally = Tally(TallyKind.MEASURE, name="visits")
    ones = spread(visits, {tally: each_day(20.0, 60.0, 40.0)})
    thousands = spread(visits, {tally: each_day(20_000.0, 60_000.0, 40_000.0)})
    assert ones is not None
    assert thousands is not None
    assert thousands.unit == pytest.approx(1000 * ones.unit, rel=0.1)
    assert ones.chance_of(300, 400) == pytest.approx(thousands.chance_of(3e5, 4e5), abs=0.03)
    assert spread(visits, {}, None) is None


def test_a_share_has_no_spread() -> None:
    share = plan(kind="ratio", numerator={"stage": "won"}, denominator={"stage": "lead"})
    assert spread(share, {}) is None


def test_the_history_of_a_sum_needs_how_many_its_amounts_are() -> None:
    won = plan(kind="sum", stage="won", of="amount")
    assert tallies_of_history(won, won.kpi[0]) == (AMOUNTS, COUNTED)
    assert COUNTED in won.tallies()


def test_data_begin_with_the_first_lead_whether_or_not_it_meets_the_definition() -> None:
    where = [{"attribute": "role", "in": ["director"]}]
    narrow = plan(kind="count", stage="won", where=where)
    assert tallies_of_data(narrow, narrow.kpi[0]) == (COUNTED,)
    own = plan(kind="count", stage="won", where=where, source="crm")
    assert tallies_of_data(own, own.kpi[0]) == own.tallies_of(own.kpi[0])


@pytest.mark.parametrize(
    ("month", "since", "seen"),
    [
        ("2026-11", None, None),
        ("2026-11", date(2026, 11, 12), None),
        ("2026-11", date(2026, 9, 3), Period(date(2026, 9, 3), date(2026, 11, 11))),
        ("2026-11", date(2024, 9, 3), Period(date(2025, 11, 1), date(2026, 11, 11))),
        ("2199-01", date(2024, 9, 3), None),  # a month from an address
    ],
)
def test_the_history_is_a_year_up_to_the_last_day_that_is_over(
    month: str, since: date | None, seen: Period | None
) -> None:
    now = datetime.fromisoformat("2026-11-12 10:00")
    moment = moment_of(
        WorkCalendar(),
        now=now,
        data_through=now,
        month=Month.parse(month),
        is_live=False,
        allowed_days=2,
    )
    assert days_seen(plan(kind="count", stage="won"), moment, since) == seen


def test_the_forecast_and_the_status_go_by_the_same_scatter() -> None:
    won = plan(kind="sum", stage="won", of="amount")
    days = {COUNTED: each_day(1.0, 4.0), AMOUNTS: each_day(100.0, 900.0)}
    for each in (won, plan(kind="count", stage="won")):
        past, found = counted_past(each, each.kpi[0], days, SEEN), spread(each, days)
        assert past is not None
        assert found == Spread(past.dispersion, past.amounts.mean)
    assert counted_past(won, won.kpi[0], days, None) is None


def test_a_day_on_which_more_was_taken_back_than_came_is_known_to_the_past() -> None:
    won = plan(kind="sum", stage="won", of="amount")
    days = {COUNTED: each_day(1.0), AMOUNTS: each_day(500.0, 900.0, -300.0)}
    past = counted_past(won, won.kpi[0], days, SEEN)
    assert past is not None
    assert past.falls
