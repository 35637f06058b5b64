"""Landings worked out by hand; 80% of a normal distribution lie within 1.28155 deviations."""

from math import sqrt

import pytest

from kpi_core.analysis.forecast import run_rate_landing


def test_nothing_is_foretold_before_the_first_working_day_has_closed() -> None:
    assert run_rate_landing(3, [], 19, counts=True) is None


def test_a_month_that_is_over_lands_where_it_is() -> None:
    landing = run_rate_landing(48, [2.0] * 19, 0, counts=True, is_over=True)
    assert landing is not None
    assert (landing.expected, landing.low, landing.high) == (48, 48, 48)


def test_days_off_that_are_left_are_no_certainty() -> None:
    landing = run_rate_landing(90, [4.5] * 20, 0, counts=True)
    assert landing is not None
    assert (landing.expected, landing.low, landing.high) == (90, None, None)


def test_counts_vary_at_least_as_chance_does() -> None:
    # 2 a day, 15 days to come: 8 + 30. The days' own variance, (0+1+1+0)/3, is below the mean
    # of 2, so the mean counts: 2 * 15 * (1 + 15/4) = 142.5.
    landing = run_rate_landing(8, [2, 3, 1, 2], 15, counts=True)
    assert landing is not None
    assert landing.expected == pytest.approx(38)
    assert landing.low == pytest.approx(38 - 1.28155 * sqrt(142.5), abs=0.001)
    assert landing.high == pytest.approx(53.298, abs=0.001)


def test_amounts_vary_as_their_days_did() -> None:
    # Mean 200, variance 10,000, two days to come: 10,000 * 2 * (1 + 2/3) = 33,333.
    landing = run_rate_landing(600, [100, 200, 300], 2, counts=False)
    assert landing is not None
    assert landing.expected == pytest.approx(1000)
    assert landing.low == pytest.approx(1000 - 233.98, abs=0.01)
    assert landing.high == pytest.approx(1000 + 233.98, abs=0.01)


def test_two_days_tell_no_width_of_an_amount() -> None:
    landing = run_rate_landing(300, [100, 200], 10, counts=False)
    assert landing is not None
    assert (landing.expected, landing.low, landing.high) == (1800, None, None)


def test_what_has_been_done_today_is_not_lost() -> None:
    # Nothing on the two closed days, seven today: the month cannot end below seven.
    # 0.5 * 1 * (1 + 1/2) = 0.75; 1.28155 * 0.8660 = 1.1099.
    landing = run_rate_landing(7, [0, 0], 1, counts=True)
    assert landing is not None
    assert (landing.expected, landing.low) == (7, 7)
    assert landing.high == pytest.approx(8.1099, abs=0.0001)
