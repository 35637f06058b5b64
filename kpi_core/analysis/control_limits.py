"""The range in which chance alone leaves a week: of counts, of rates, and of other numbers.

Each follows a steady trend: the newest week is compared with where the line of the weeks before
comes to, and the range is wider by what is not known of that line.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from kpi_core.domain.chance import at_most

TAIL_BELOW, TAIL_ABOVE = 0.0025, 0.0075
"""The chance of a calm count beyond each end: together one week in a hundred.

Few events show a rise sooner than a fall, so that more of it is spent there.
"""
SIGMAS = 3.0
"""Half the width of the ranges that a normal distribution gives."""
MOVING_RANGE_SIGMA = 1.128
"""The mean difference of two values of a normal distribution, in standard deviations."""
USUAL_DISPERSION, WEEKS_OF_PRIOR = 1.2, 10
"""Variance over mean of weekly counts, and the weeks of history that this weighs as much as."""
USUAL_TREND = 0.015
"""The standard deviation of a trend, a week: trends that few weeks show are drawn towards none."""
EXACT_TO = 200.0
"""Standard deviations of a count above which there are too many terms to add up."""
STEPS = 5
"""Newton's steps from the mean level; the fit stands still by then."""


@dataclass(frozen=True)
class Limits:
    """The range that common variation explains: both ends are normal, rounding errors aside."""

    mean: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        at_an_end = math.isclose(value, self.low) or math.isclose(value, self.high)
        return at_an_end or self.low < value < self.high


@dataclass(frozen=True)
class ExpectedCount:
    """What a week lets expect: a negative binomial count of this mean and dispersion."""

    mean: float
    dispersion: float

    def limits(self) -> Limits:
        """The counts that are left when the rarest on either side are cut off.

        Exactly; of large counts as of the gamma distribution that they come to, by the cube roots
        of Wilson and Hilferty (1931), less than a hundredth of a standard deviation off.
        """

        def first(reached: Callable[[float], bool], guess: float) -> float:
            low, step = max(round(guess), 0), 1
            while low > 0 and reached(low):
                low, step = max(low - step, 0), step * 2
            high, step = low + 1, 1
            if reached(low):
                return float(low)
            while not reached(high):
                low, high, step = high, high + step, step * 2
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if reached(middle) else (middle, high)
            return float(high)

        low, high = map(self._about, (TAIL_BELOW, 1 - TAIL_ABOVE))
        if self._sigma > EXACT_TO:
            return Limits(self.mean, float(round(low)), float(round(high)))
        return Limits(
            self.mean,
            first(lambda count: self._up_to(count) > TAIL_BELOW, low),
            first(lambda count: self._up_to(count) >= 1 - TAIL_ABOVE, high),
        )

    def side_of(self, count: float) -> int:
        """-1 below the limits, 1 above them, else 0; the same, with less to work out."""
        if abs(count - self.mean) < 1.5 * self._sigma:
            return 0
        if self._sigma > EXACT_TO:
            limits = self.limits()
            return (count > limits.high) - (count < limits.low)
        if count < self.mean:
            return -1 if self._up_to(count) <= TAIL_BELOW else 0
        return 1 if self._up_to(count - 1) >= 1 - TAIL_ABOVE else 0

    @property
    def _sigma(self) -> float:
        return math.sqrt(self.mean * self.dispersion)

    def _about(self, chance: float) -> float:
        """The count that is not exceeded with a chance, roughly."""
        shape = self.mean / self.dispersion
        root = 1 - 1 / (9 * shape) + NormalDist().inv_cdf(chance) / (3 * math.sqrt(shape))
        return float(self.mean * max(root, 0.0) ** 3)

    def _up_to(self, count: float) -> float:
        return at_most(count, self.mean, self.dispersion)


def expected_count(
    counts: Sequence[float], weights: Sequence[float], newest_weight: float
) -> ExpectedCount:
    """What the weeks before let expect of the newest, by the weight of its days.

    Counts are events a week, weights above zero are working days. Poisson regression on a line
    of logarithms whose slope is drawn towards none (a ridge of `USUAL_TREND`). The dispersion is
    Pearson's (McCullagh and Nelder 1989, 4.5.2), shrunk to 1.2 by 10 weeks and never below 1;
    what is not known of the line is added to the variance. At least two weeks.
    """
    middle = (len(counts) - 1) / 2
    total, exposure = max(sum(counts), 0.5), sum(weights)
    level, slope = math.log(total / exposure), 0.0
    places = [n - middle for n in range(len(counts))]
    dispersion = USUAL_DISPERSION
    for turn in range(2):
        for _ in range(STEPS):
            means = _line(weights, places, level, slope)
            s0, s1, s2 = _moments(means, places)
            ridge = dispersion / USUAL_TREND**2
            off = total - s0
            tilt = sum(y * x for y, x in zip(counts, places, strict=True)) - s1 - ridge * slope
            determinant = s0 * (s2 + ridge) - s1 * s1
            level += ((s2 + ridge) * off - s1 * tilt) / determinant
            slope += (s0 * tilt - s1 * off) / determinant
        means = _line(weights, places, level, slope)
        if turn == 0:
            squares = sum((y - mu) ** 2 for y, mu in zip(counts, means, strict=True))
            n = len(counts)
            raw = squares / sum(means) * n / max(n - 2, 1)
            prior = USUAL_DISPERSION * WEEKS_OF_PRIOR
            dispersion = max(1.0, (prior + n * raw) / (WEEKS_OF_PRIOR + n))
    s0, s1, s2 = _moments(means, places)
    s2 += dispersion / USUAL_TREND**2
    ahead = len(counts) - middle
    unknown = dispersion * (s2 - 2 * ahead * s1 + ahead**2 * s0) / (s0 * s2 - s1 * s1)
    mean = newest_weight * math.exp(min(level + slope * ahead, 60.0))
    return ExpectedCount(mean, dispersion + mean * unknown)


def _line(
    weights: Sequence[float], places: Sequence[float], level: float, slope: float
) -> list[float]:
    return [w * math.exp(level + slope * x) for w, x in zip(weights, places, strict=True)]


def _moments(means: Sequence[float], places: Sequence[float]) -> tuple[float, float, float]:
    pairs = list(zip(means, places, strict=True))
    return sum(means), sum(mu * x for mu, x in pairs), sum(mu * x * x for mu, x in pairs)


def rate_limits(came: Sequence[float], of: Sequence[float], newest_of: float) -> Limits:
    """Laney's p-prime limits of a rate: shares of 1, of so many a week.

    Laney, "Improved control charts for attributes", Quality Engineering 14 (2002): the binomial
    width × sigma of the z-values by their moving range, here never below 1, about a line in place
    of the mean. None of `of` is 0; at least two weeks.
    """
    mean = sum(came) / sum(of)
    variance = mean * (1 - mean)
    if variance <= 0:
        return Limits(mean, mean, mean)
    rates = [each / n for each, n in zip(came, of, strict=True)]
    scores = [(p - mean) / math.sqrt(variance / n) for p, n in zip(rates, of, strict=True)]
    variance *= max(_sigma(scores), 1.0) ** 2
    centre, unknown = _centre(rates, of, variance, USUAL_TREND * mean)
    centre = min(max(centre, 0.0), 1.0)
    half = SIGMAS * math.sqrt(variance / newest_of + unknown)
    return Limits(centre, max(centre - half, 0.0), min(centre + half, 1.0))


def natural_limits(
    values: Sequence[float], weights: Sequence[float] = (), newest_weight: float = 1.0
) -> Limits:
    """The XmR limits of Shewhart and Wheeler about a line: ± 2.66 × mean moving range.

    Values in any unit, each of the same size whatever its weight; what weighs less scatters more.
    Wheeler and Chambers, "Understanding Statistical Process Control" (1992), 3.3. At least two.
    """
    weights = weights or [1.0] * len(values)
    mean = sum(values) / len(values)
    scores = [(y - mean) * math.sqrt(w) for y, w in zip(values, weights, strict=True)]
    variance = _sigma(scores) ** 2
    centre, unknown = _centre(values, weights, variance, USUAL_TREND * abs(mean))
    half = SIGMAS * math.sqrt(variance / newest_weight + unknown)
    return Limits(centre, centre - half, centre + half)


def root_limits(values: Sequence[float], weights: Sequence[float], newest_weight: float) -> Limits:
    """The XmR limits on 2 √(x + 3/8), which scatters alike at every level, put back.

    Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika 35
    (1948). Values are not negative, in any unit, each as of a week of weight 1. At least two.
    """
    limits = natural_limits([2 * math.sqrt(x + 3 / 8) for x in values], weights, newest_weight)
    mean, low, high = (
        max((max(end, 0.0) / 2) ** 2 - 3 / 8, 0.0) for end in (limits.mean, limits.low, limits.high)
    )
    return Limits(mean, low, high)


def _sigma(values: Sequence[float]) -> float:
    """Standard deviation by the mean moving range of two, which a slow trend hardly widens."""
    moving = [abs(b - a) for a, b in pairwise(values)]
    return sum(moving) / len(moving) / MOVING_RANGE_SIGMA


def _centre(
    values: Sequence[float], weights: Sequence[float], variance: float, usual_slope: float
) -> tuple[float, float]:
    """Where the line of the values comes to at the next place, and the variance of that.

    `variance` is that of a value of weight 1.
    """
    total = sum(weights)
    pairs = list(zip(values, weights, strict=True))
    middle = sum(n * w for n, (_, w) in enumerate(pairs)) / total
    mean = sum(y * w for y, w in pairs) / total
    if variance <= 0 or usual_slope <= 0:
        return mean, variance / total
    ridge = variance / usual_slope**2
    spread = sum(w * (n - middle) ** 2 for n, (_, w) in enumerate(pairs)) + ridge
    slope = sum(w * (n - middle) * (y - mean) for n, (y, w) in enumerate(pairs)) / spread
    ahead = len(values) - middle
    return mean + slope * ahead, variance * (1 / total + ahead**2 / spread)
