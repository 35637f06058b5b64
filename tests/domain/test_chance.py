"""The odds of so few or fewer, against probabilities added up by another route."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.domain.chance import Spread, at_most


def poisson_at_most(count: int, mean: Fraction) -> float:
    """Term by term in exact fractions."""
    terms = sum((mean**k / math.factorial(k) for k in range(count + 1)), Fraction(0))
    return float(terms) * math.exp(-float(mean))


def coin_at_most(failures: int, successes: int, p: Fraction) -> float:
    """So many failures or fewer before a whole number of successes: exact fractions again."""
    return float(
        sum(
            math.comb(k + successes - 1, k) * p**successes * (1 - p) ** k
            for k in range(failures + 1)
        )
    )


@pytest.mark.parametrize(
    ("count", "mean", "chance"),
    [
        # e^-2.5 (1 + 2.5): 0.0820850 * 3.5
        (1, 2.5, 0.2872975),
        (0, 3.0, 0.0497871),
        # e^-5 (1 + 5 + 12.5 + 20.8333): 0.00673795 * 39.3333
        (3, 5.0, 0.2650259),
    ],
)
def test_few_of_a_poisson_worked_out_by_hand(count: int, mean: float, chance: float) -> None:
    assert at_most(count, mean, 1) == pytest.approx(chance, abs=1e-6)


def test_few_of_a_negative_binomial_worked_out_by_hand() -> None:
    # Mean 2 and variance 4 are the failures before 2 heads of a fair coin:
    # 1/4, then 2/8, then 3/16.
    assert at_most(0, 2, 2) == pytest.approx(0.25)
    assert at_most(1, 2, 2) == pytest.approx(0.5)
    assert at_most(2, 2, 2) == pytest.approx(0.6875)


@given(st.integers(0, 60), st.integers(1, 400))
def test_a_dispersion_of_one_is_a_poisson(count: int, tenths: int) -> None:
    exact = poisson_at_most(count, Fraction(tenths, 10))
    assert at_most(count, tenths / 10, 1) == pytest.approx(exact, rel=1e-9, abs=1e-12)


@given(st.integers(0, 60), st.integers(1, 30), st.integers(2, 9))
def test_any_other_is_a_negative_binomial(count: int, successes: int, dispersion: int) -> None:
    # The failures before r successes have the mean r(1-p)/p and the variance mean/p.
    mean = successes * (dispersion - 1)
    exact = coin_at_most(count, successes, Fraction(1, dispersion))
    assert at_most(count, mean, dispersion) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_its_ends() -> None:
    assert at_most(-1, 5, 1.5) == 0
    assert at_most(0, 0, 1.5) == 1
    assert at_most(10_000, 10, 1.5) == pytest.approx(1)
    assert at_most(0, 100_000, 1.5) == 0
    assert at_most(999_999, 1_000_000, 1) == pytest.approx(0.5, abs=0.001)


def test_a_sum_of_amounts_is_counted_in_its_mean() -> None:
    # 300 of an expected 500, in units of 100: three or fewer of five.
    assert Spread(1.0, 100.0).chance_of(300, 500) == pytest.approx(at_most(3, 5, 1))
    assert Spread(1.0, 100.0).chance_of(399, 500) == pytest.approx(at_most(3, 5, 1))


def test_the_odds_of_missing_are_those_of_fewer_than_needed() -> None:
    # 2 of 10 are needed where 2.5 are on plan: one or none.
    assert Spread(1.0).chance_of_missing(2, 2.5) == pytest.approx(0.2872975)
    # 9.4 needed are ten.
    assert Spread(1.0).chance_of_missing(9.4, 12) == pytest.approx(at_most(9, 12, 1))
    assert Spread(1.0).chance_of_missing(0.2 * 50, 12.5) == pytest.approx(at_most(9, 12.5, 1))


def test_a_mean_too_large_to_add_up_is_a_normal_distribution() -> None:
    assert at_most(1e38, 1e38, 1.5) == pytest.approx(0.5)
    assert at_most(9e37, 1e38, 1.5) == 0
    # One standard deviation below: 1e6 + 1 expected, a variance of 1.44 times that.
    assert at_most(1e6 + 1 - 1.2e3, 1e6 + 1, 1.44) == pytest.approx(0.1587, abs=0.0005)
