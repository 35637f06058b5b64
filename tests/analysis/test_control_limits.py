"""The ranges of calm weeks, against tables, other routes and seeded simulation."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from kpi_core.analysis.control_limits import (
    TAIL_ABOVE,
    TAIL_BELOW,
    ExpectedCount,
    expected_count,
    natural_limits,
    rate_limits,
    root_limits,
)

ZIGZAG = [10.0, 12.0] * 6
"""Mean 11; every moving range is 2."""


def cumulative(mean: float, dispersion: float, most: int) -> list[float]:
    """P(X ≤ k) of a gamma mixture of Poisson counts, term by term, by the recurrence from 0."""
    size, part = mean / (dispersion - 1), 1 - 1 / dispersion
    term = total = dispersion**-size
    found = [total]
    for k in range(most):
        term *= (k + size) / (k + 1) * part
        total += term
        found.append(total)
    return found


@pytest.mark.parametrize("mean", [0.3, 2.0, 5.0, 20.0, 100.0])
@pytest.mark.parametrize("dispersion", [1.2, 2.0, 5.0])
def test_a_counts_limits_leave_out_what_is_rarest_on_either_side(
    mean: float, dispersion: float
) -> None:
    limits = ExpectedCount(mean, dispersion).limits()
    chances = cumulative(mean, dispersion, 600)
    assert limits.low == next(k for k, chance in enumerate(chances) if chance > TAIL_BELOW)
    assert limits.high == next(k for k, chance in enumerate(chances) if chance >= 1 - TAIL_ABOVE)


def test_poisson_limits_are_those_of_a_printed_table() -> None:
    # P(X ≤ 3 | 10) = .0103, P(X ≤ 2 | 10) = .0028, P(X ≤ 1 | 10) = .0005;
    # P(X ≤ 17 | 10) = .9857, P(X ≤ 18 | 10) = .9928.
    limits = ExpectedCount(10, 1).limits()
    assert (limits.low, limits.high) == (2, 18)


@pytest.mark.parametrize(("mean", "dispersion"), [(35_000, 1.1), (2000, 15), (500, 60)])
def test_of_large_counts_the_approximation_meets_the_exact_range(
    mean: float, dispersion: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = ExpectedCount(mean, dispersion).limits()
    monkeypatch.setattr("kpi_core.analysis.control_limits.EXACT_TO", 0)
    rough = ExpectedCount(mean, dispersion).limits()
    sigma = math.sqrt(mean * dispersion)
    assert rough.low == pytest.approx(exact.low, abs=0.02 * sigma)
    assert rough.high == pytest.approx(exact.high, abs=0.02 * sigma)


def test_the_side_of_a_count_is_that_of_its_limits() -> None:
    for expected in (ExpectedCount(6, 1.3), ExpectedCount(40, 2), ExpectedCount(0.2, 1)):
        limits = expected.limits()
        for count in range(120):
            side = (count > limits.high) - (count < limits.low)
            assert expected.side_of(count) == side


def test_level_weeks_let_expect_their_mean_and_by_working_days_their_part() -> None:
    whole = expected_count([20.0] * 26, [5.0] * 26, 5.0)
    assert whole.mean == pytest.approx(20)
    assert expected_count([20.0] * 26, [5.0] * 26, 2.0).mean == pytest.approx(8)
    # Nothing scatters: 10 weeks of 1.2 and 26 of 0 are below a Poisson's 1; the level of 26
    # weeks of 20 has a variance of 20 / 26, and the line adds to it.
    assert 1 + 1 / 26 < whole.dispersion < 1.25


def test_a_steady_trend_is_followed() -> None:
    counts = [round(1000 * 1.02**n) for n in range(26)]
    expected = expected_count(counts, [5.0] * 26, 5.0)
    assert expected.mean == pytest.approx(1000 * 1.02**26, rel=0.005)


def test_the_scatter_of_few_weeks_is_drawn_towards_the_usual_one() -> None:
    wild = [5.0, 35.0] * 4
    # Pearson: 8 × 15² / 160 × 8 / 6 = 15; with 10 weeks of 1.2 (12 + 8 × 15) / 18 = 7.33.
    assert expected_count(wild, [5.0] * 8, 5.0).dispersion == pytest.approx(9.5, abs=2.2)


def test_rates_have_binomial_width_where_they_scatter_less() -> None:
    # 0.1 of 100 in every week: z is 0, sigma of z is floored at 1; 3 √(0.09 / 100) = 0.09.
    limits = rate_limits([10.0] * 1000, [100.0] * 1000, 100)
    assert limits.mean == pytest.approx(0.1)
    assert limits.low == pytest.approx(0.01, abs=0.0005)
    assert limits.high == pytest.approx(0.19, abs=0.0005)


def test_rates_that_scatter_more_widen_by_their_moving_range() -> None:
    # Of 10,000: 900 and 1100 in turn; z = ± 0.01 / 0.003, moving range 6.667, sigma 5.91.
    limits = rate_limits([900.0, 1100.0] * 200, [10_000.0] * 400, 10_000)
    half = 3 * 0.003 * (2 * 0.01 / 0.003) / 1.128
    assert limits.high - limits.mean == pytest.approx(half, rel=0.02)


@pytest.mark.parametrize("came", [0.0, 100.0])
def test_a_rate_that_was_never_other_than_none_or_all_has_one_normal_value(came: float) -> None:
    limits = rate_limits([came] * 12, [100.0] * 12, 100)
    assert limits.low == limits.mean == limits.high == came / 100


def test_natural_limits_lie_2_66_mean_moving_ranges_from_the_line() -> None:
    limits = natural_limits(ZIGZAG * 30)
    assert limits.mean == pytest.approx(11, abs=0.1)
    assert limits.high - limits.mean == pytest.approx(2.66 * 2, rel=0.02)


def test_natural_limits_of_few_weeks_are_wider_by_what_is_unknown_of_the_line() -> None:
    limits = natural_limits(ZIGZAG)
    # The mean of twelve adds a twelfth of the variance, the line at most 6.5² / 143 of it.
    assert 5.32 * math.sqrt(13 / 12) < limits.high - limits.mean
    assert limits.high - limits.mean < 5.32 * math.sqrt(13 / 12 + 6.5**2 / 143)


def test_a_constant_number_has_one_normal_value() -> None:
    limits = natural_limits([0.1] * 12)
    assert 0.1 in limits
    assert 0.11 not in limits


def test_limits_on_roots_are_never_negative_and_wider_above() -> None:
    limits = root_limits([0.0, 4.0, 1.0, 3.0, 0.0, 2.0, 5.0, 1.0], [1.0] * 8, 1.0)
    assert limits.low == 0
    assert limits.high - limits.mean > limits.mean - limits.low


def draws(seed: int, dispersion: float) -> Callable[[np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    if dispersion == 1:
        return random.poisson
    return lambda means: random.negative_binomial(means / (dispersion - 1), 1 / dispersion)


def share_outside(
    level: float, *, dispersion: float, growth: float = 0.0, weeks: int = 2000
) -> float:
    """The share of newest weeks outside; a tenth of all weeks have two to four working days."""
    draw, random = draws(7, dispersion), np.random.default_rng(11)
    outside = 0
    for _ in range(weeks):
        worked = np.where(random.random(27) < 0.1, random.integers(2, 5, 27), 5).astype(float)
        means = level * worked / 5 * (1 + growth) ** np.arange(-26.0, 1.0)
        counts = [float(count) for count in draw(means)]
        expected = expected_count(counts[:-1], [float(w) for w in worked[:-1]], float(worked[-1]))
        outside += expected.side_of(counts[-1]) != 0
    return outside / weeks


@pytest.mark.parametrize("level", [5, 20, 100])
@pytest.mark.parametrize("dispersion", [1.0, 1.2])
def test_calm_weeks_lie_outside_in_no_more_than_three_of_two_hundred(
    level: float, dispersion: float
) -> None:
    assert share_outside(level, dispersion=dispersion) <= 0.015


@pytest.mark.parametrize("level", [5, 20, 100])
def test_steady_growth_of_two_per_cent_a_week_is_calm(level: float) -> None:
    assert share_outside(level, dispersion=1.0, growth=0.02) <= 0.015


def test_a_doubling_of_twenty_a_week_is_seen_in_its_first_week() -> None:
    draw, seen = draws(3, 1.0), 0
    for _ in range(2000):
        counts = [float(count) for count in draw(np.array([20.0] * 26 + [40.0]))]
        seen += expected_count(counts[:-1], [5.0] * 26, 5.0).side_of(counts[-1]) == 1
    assert seen / 2000 >= 0.8


@pytest.mark.parametrize(("of", "share"), [(100, 0.1), (400, 0.02), (50, 0.5)])
def test_calm_rates_lie_outside_in_no_more_than_three_of_two_hundred(of: int, share: float) -> None:
    random, outside = np.random.default_rng(5), 0
    for _ in range(2000):
        parts = random.poisson(of, 27) + 1
        came = [float(each) for each in random.binomial(parts, share)]
        sizes = [float(each) for each in parts]
        limits = rate_limits(came[:-1], sizes[:-1], sizes[-1])
        outside += came[-1] / sizes[-1] not in limits
    assert outside / 2000 <= 0.015
