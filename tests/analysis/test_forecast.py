"""The forecast of a month's end: reference answers, laws, and the oddest histories."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.analysis.forecast import MonthForecast, Rest, month_forecast
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import at_most
from kpi_core.domain.dispersion import History
from kpi_core.domain.period import Month, Period

EVERY_DAY = WorkCalendar(country=None, weekend=frozenset())
JAPAN = WorkCalendar(country="JP")
JUNE = EVERY_DAY.period(Month(2026, 6))


def forecast(
    counts: list[float], first: date = JUNE.first, calendar: WorkCalendar = EVERY_DAY
) -> MonthForecast:
    """Of the month in which the day after the last count lies."""
    days = {first + timedelta(days=n): count for n, count in enumerate(counts)}
    as_of = first + timedelta(days=len(counts))
    seen = Period(first, as_of - timedelta(days=1))
    month = calendar.period(calendar.month_of(as_of))
    return month_forecast(History(days, seen, calendar), month)


def test_the_reference_answers(shared: Path) -> None:
    folder = shared / "forecast"
    for case in json.loads((folder / "fixtures.json").read_text()):
        as_of = date.fromisoformat(case["as_of"])
        month = Month(as_of.year, as_of.month)
        calendar = WorkCalendar(country=case["country"] or None)
        first = calendar.period(month.plus(-case["months"])).first
        with (folder / "series" / f"{case['series']}.csv").open() as file:
            rows = [(date.fromisoformat(row["date"]), row["count"]) for row in csv.DictReader(file)]
        counts = {day: float(count) for day, count in rows if first <= day < as_of}
        found = month_forecast(
            History(counts, Period(first, as_of - timedelta(days=1)), calendar),
            calendar.period(month),
        )
        assert found.so_far == case["mtd"]
        ours = [found.so_far + found.rest.mean, *map(found.quantile, (0.1, 0.5, 0.9))]
        for value, name in zip(ours, ("mean", "q10", "q50", "q90"), strict=True):
            assert abs(value - case[name]) <= max(1, 0.01 * case[name]), (case, name, value)


def test_a_first_month_worked_out_by_hand() -> None:
    # Ten days of 3 in June: c 30, no past. Days are alike, so off days do not come into it; the
    # last three weigh (0 + 30) / (0 + 30) = 1. Dispersion is 1.5 with 14 days or fewer.
    # level = (0.5 + 30 / 1.5) / (10 / 1.5) = 3.075; 20 days are left: 61.5.
    found = forecast([3.0] * 10)
    assert (found.so_far, found.past_months, found.usual) == (30, 0, None)
    assert found.level == pytest.approx(3.075)
    assert found.rest.mean == pytest.approx(61.5)
    # 1.5 * 61.5 + 400 * 20.5 / (10 / 1.5)^2 + (0.4 * 61.5)^2 = 92.25 + 184.5 + 605.16.
    assert found.rest.variance == pytest.approx(881.91)


def test_the_level_is_drawn_towards_the_recent_months() -> None:
    # Months of 4 a day, then five days of 1: between the two, and nearer to the usual at first.
    found = forecast([4.0] * (30 + 31 + 31) + [1.0] * 5)
    assert found.past_months == 3
    assert found.usual == pytest.approx(4, rel=0.02)
    assert 1 < found.level < 4
    assert 0 < found.trust < 1
    later = forecast([4.0] * (30 + 31 + 31) + [1.0] * 20)
    assert later.trust > found.trust
    assert later.level < found.level


@pytest.mark.parametrize(("mean", "variance"), [(3, 3), (12.5, 40), (47, 300), (400, 900)])
def test_the_distribution_is_that_of_the_chance_guard(mean: float, variance: float) -> None:
    rest = Rest(mean, variance)
    for needed in (1, round(mean), round(mean + 2 * variance**0.5)):
        expected = 1 - at_most(needed - 1, mean, variance / mean)
        assert rest.chance_of(needed) == pytest.approx(expected, abs=1e-5)
    low, high = round(rest.quantile(0.1)), round(rest.quantile(0.9))
    assert at_most(low, mean, variance / mean) >= 0.1 > at_most(low - 1, mean, variance / mean)
    assert at_most(high, mean, variance / mean) >= 0.9 > at_most(high - 1, mean, variance / mean)


def test_ten_thousand_a_day_are_counted_in_packs() -> None:
    # A sample of the same negative binomial, drawn as Poisson counts of a gamma-distributed mean.
    found = forecast([10_000.0] * 70)
    rest = found.rest
    shape = rest.mean**2 / (rest.variance - rest.mean)
    draw = np.random.default_rng(7)
    sample = draw.poisson(draw.gamma(shape, rest.mean / shape, 200_000))
    for share in (0.1, 0.5, 0.9):
        assert rest.quantile(share) == pytest.approx(np.quantile(sample, share), rel=0.01)
    assert found.quantile(0.5) == pytest.approx(310_000, rel=0.02)


def test_amounts_widen_the_sum_of_a_count() -> None:
    # 30 of 20,000 each: a compound sum's variance is that of the count and the amounts' own.
    rest = Rest(30, 60).with_amounts(20_000, 0.5)
    assert (rest.variance, rest.unit) == (75, 20_000)
    assert rest.quantile(0.5) == pytest.approx(600_000, rel=0.05)
    assert rest.chance_of(0) == 1


counts = st.lists(st.integers(0, 60).map(float), min_size=1, max_size=200)


@given(counts)
def test_the_ends_are_in_order_and_never_below_what_has_come(days: list[float]) -> None:
    found = forecast(days, first=date(2026, 5, 11), calendar=JAPAN)
    low, middle, high = (found.quantile(share) for share in (0.1, 0.5, 0.9))
    assert found.so_far <= low <= middle <= high
    assert found.weight_left > 0


@given(counts, st.integers(1, 300), st.integers(0, 100))
def test_more_is_never_less_likely(days: list[float], target: int, more: int) -> None:
    found = forecast(days)
    chance = found.chance_of(target)
    assert 0 <= found.chance_of(target + more) <= chance <= 1
    assert found.chance_of(found.so_far) == 1


@given(counts, st.integers(1, 30))
def test_a_better_last_day_never_makes_the_forecast_worse(days: list[float], more: int) -> None:
    # One day more of the running month, worth more; a spike widens the range, so its mean alone.
    base, better = forecast(days), forecast([*days[:-1], days[-1] + more])
    if base.past_months == better.past_months and base.so_far != better.so_far:
        assert better.so_far + better.rest.mean >= base.so_far + base.rest.mean - 1e-9


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=120))
def test_any_history_gives_finite_numbers(days: list[float]) -> None:
    found = forecast(days)
    ends = [found.quantile(share) for share in (0.1, 0.5, 0.9)]
    assert np.isfinite([*ends, found.level, found.rest.mean, found.rest.variance]).all()


def test_no_event_at_all() -> None:
    found = forecast([0.0] * 100)
    assert found.past_months == 0
    assert found.quantile(0.1) == 0
    assert found.chance_of(50) < 0.01


def test_fewer_than_ten_in_the_recent_months_are_no_history() -> None:
    quiet = [0.0] * 60 + [3.0] + [0.0] * 61
    assert forecast([*quiet, 20.0]).past_months == 0
    assert forecast([10.0, *[0.0] * 121, 20.0]).past_months == 4


def test_a_month_of_which_only_a_part_is_seen_is_not_a_past_one() -> None:
    assert forecast([2.0] * 40, first=date(2026, 6, 10)).past_months == 0
    # The days seen end in June, and August is asked for.
    counts = {JUNE.first + timedelta(days=n): 5.0 for n in range(20)}
    history = History(counts, Period(JUNE.first, date(2026, 6, 20)), EVERY_DAY)
    found = month_forecast(history, EVERY_DAY.period(Month(2026, 8)))
    assert (found.past_months, found.so_far) == (0, 0)


def test_days_beyond_those_seen_do_not_count() -> None:
    days = {JUNE.first + timedelta(days=n): 2.0 for n in range(30)}
    seen = Period(JUNE.first, date(2026, 6, 10))
    found = month_forecast(History(days, seen, EVERY_DAY), JUNE)
    known = {day: count for day, count in days.items() if day in seen}
    assert found == month_forecast(History(known, seen, EVERY_DAY), JUNE)
    with pytest.raises(ValueError, match="Days seen after the month"):
        month_forecast(History(days, Period(JUNE.first, date(2026, 7, 1)), EVERY_DAY), JUNE)


def test_the_last_day_is_open_until_it_is_over() -> None:
    found = forecast([2.0] * 29)
    assert found.weight_left == pytest.approx(1)
    assert found.quantile(0.9) > found.so_far
    half = month_forecast(
        History(
            {JUNE.first + timedelta(days=n): 2.0 for n in range(29)},
            Period(JUNE.first, date(2026, 6, 29)),
            EVERY_DAY,
        ),
        JUNE,
        left_of_today=0.5,
    )
    assert half.weight_left == pytest.approx(0.5)


def test_one_spike_does_not_become_the_level() -> None:
    calm = forecast([2.0] * 61 + [2.0] * 10)
    spike = forecast([2.0] * 40 + [200.0] + [2.0] * 20 + [2.0] * 10)
    assert spike.rest.mean < 3 * calm.rest.mean
    assert spike.rest.variance > calm.rest.variance
