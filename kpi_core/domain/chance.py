"""How far chance alone carries a number: the odds of so few or fewer."""

import math
from dataclasses import dataclass

from kpi_core.domain.dispersion import UNKNOWN_DISPERSION

NEGLIGIBLE = 1e-15
"""Terms below this part of the sum are left out."""
NORMAL_FROM = 1e6
"""The mean above which there are too many terms to add up; the two differ by less than 0.001."""


def at_most(count: float, mean: float, dispersion: float) -> float:
    """The chance of `count` or fewer where `mean` are expected.

    Negative binomial of that mean and of variance `dispersion` × mean; Poisson at a dispersion
    of 1. Added up from the count, or from the mean where that is less: there terms are largest.
    Of large means it is the normal distribution that both come to.
    """
    if count < -1e-9:
        return 0.0
    if mean <= 0:
        return 1.0
    if mean > NORMAL_FROM:
        return 0.5 * math.erfc((mean - count - 0.5) / math.sqrt(2 * max(dispersion, 1) * mean))
    k = math.floor(count + 1e-9)
    start = min(k, math.floor(mean))
    if dispersion <= 1:
        log_term = start * math.log(mean) - mean - math.lgamma(start + 1)

        def before(j: int) -> float:  # the term before j's, as a part of it
            return j / mean
    else:
        size, rest = mean / (dispersion - 1), 1 - 1 / dispersion
        log_term = (
            math.lgamma(start + size)
            - math.lgamma(start + 1)
            - math.lgamma(size)
            - size * math.log(dispersion)
            + start * math.log(rest)
        )

        def before(j: int) -> float:
            return j / ((j - 1 + size) * rest)

    term = total = math.exp(log_term)
    for j in range(start + 1, k + 1):
        term /= before(j)
        total += term
        if term < NEGLIGIBLE * total:
            break
    term = math.exp(log_term)
    for j in range(start, 0, -1):
        term *= before(j)
        total += term
        if term < NEGLIGIBLE * total:
            break
    return min(total, 1.0)


@dataclass(frozen=True)
class Spread:
    """How a month's sum scatters: like so many `unit`s of a negative binomial count.

    A count has the unit 1, a sum of amounts their mean.
    """

    dispersion: float = UNKNOWN_DISPERSION
    unit: float = 1.0

    def chance_of(self, value: float, expected: float) -> float:
        """The chance of the value or less, where `expected` is on plan."""
        return at_most(value / self.unit, expected / self.unit, self.dispersion)

    def chance_of_missing(self, needed: float, expected: float) -> float:
        """The chance that a team on plan does not reach what is needed."""
        return at_most(
            math.ceil(needed / self.unit - 1e-9) - 1, expected / self.unit, self.dispersion
        )
