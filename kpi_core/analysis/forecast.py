"""Where a month will end: what came so far, and a negative binomial count of what is still to come.

The level of the month is drawn towards that of the recent months, and the width allows for how
far months differ from those before them (shrinkage by a gamma prior: Gelman et al., Bayesian Data
Analysis, 3rd ed., 2.6; the sum of a count at an uncertain level is negative binomial).
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from kpi_core.domain.dispersion import History
from kpi_core.domain.period import Period

RECENT_MONTHS = 4
AGEING = 0.6
"""What a month weighs beside the one after it."""
GROWTH_MONTHS = 12
LARGEST_GROWTH = 0.7
"""Of a month over those before it, as a logarithm: about a doubling or a halving."""
PRIOR_MONTHS = 4
"""Months that growth and month-to-month variation of other teams count for."""
FEWEST_RECENT = 10
"""Events in the recent months below which they tell no level."""
MOST_TERMS = 600
"""Expected events above which they are counted in packs: the distribution is the same to 0.2%."""
TAIL = 1e-7
"""Chances below this are left out."""


@dataclass(frozen=True)
class Evidence:
    """How far one may trust the past, by the number of past months: none, one or two, more."""

    variation: float
    """How far a month's level strays from the recent level, as a share of it."""
    drift: float
    """How far the rest of a month strays from its beginning, as a share of it."""

    @classmethod
    def of(cls, months: int) -> "Evidence":
        """Wider with fewer months."""
        if months == 0:
            return cls(0.5, 0.4)
        return cls(0.5, 0.3) if months < 3 else cls(0.3, 0.2)


@dataclass(frozen=True)
class Level:
    """Events per ordinary working day: the recent months', and how far a month strays from it.

    `variation` is the standard deviation of a month's level over the recent level.
    """

    recent: float
    variation: float


@dataclass(frozen=True)
class Rest:
    """What is still to come: a count with a mean and a variance, each amount worth `unit`.

    Negative binomial; Poisson where the variance is no larger than the mean.
    """

    mean: float
    variance: float
    unit: float = 1.0

    @cached_property
    def _pack(self) -> float:
        """How many events one step of the distribution stands for."""
        return max(1.0, self.mean / MOST_TERMS)

    @cached_property
    def _chances(self) -> tuple[float, ...]:
        """The chance of so many steps or fewer, up to all but the last ten-millionth."""
        mean, variance = self.mean / self._pack, self.variance / self._pack**2
        return tuple(accumulate(_terms(mean, variance)))

    def quantile(self, share: float) -> float:
        """The least that is not exceeded in this share of cases, in the unit."""
        steps = self._chances
        at = min(bisect_left(steps, share), len(steps) - 1)
        return at * self._pack * self.unit

    def chance_of(self, needed: float) -> float:
        """The chance that so much or more comes, in the unit; 1 where nothing is needed."""
        steps = math.ceil(needed / (self.unit * self._pack) - 1e-9)
        if steps <= 0:
            return 1.0
        if steps > len(self._chances):
            return 0.0
        return max(1.0 - self._chances[steps - 1], 0.0)

    def with_amounts(self, mean: float, variation: float) -> "Rest":
        """The sum of as many amounts of this mean and squared coefficient of variation."""
        return replace(self, variance=self.variance + self.mean * variation, unit=mean)


@dataclass(frozen=True)
class MonthForecast:
    """A month's end and what it was worked out from; counts are events, weights working days.

    `past_months` are the whole months used; `usual` is their level per ordinary working day, None
    without any; `level` is what the month goes by; `trust` is the share of it that the month
    itself decides. `weight` is how many ordinary working days the month is worth, `weight_left`
    what is left of that.
    """

    so_far: float
    past_months: int
    usual: float | None
    level: float
    trust: float
    weight: float
    weight_left: float
    rest: Rest

    def quantile(self, share: float) -> float:
        """The month's end that is not exceeded in this share of cases."""
        return self.so_far + self.rest.quantile(share)

    def is_thin(self, fewest: float) -> bool:
        """Whether neither this month nor a usual one comes to so many events."""
        usual = (self.usual or 0.0) * self.weight
        return max(usual, self.quantile(0.5)) < fewest

    def chance_of(self, target: float) -> float:
        """The chance that the month ends at the target or above."""
        return self.rest.chance_of(target - self.so_far)


def month_forecast(history: History, month: Period, *, left_of_today: float = 1.0) -> MonthForecast:
    """The end of a month from the days seen before and in it.

    `history` holds a count per day; its days end before the month's last one. Of the first day
    that is not seen `left_of_today` is still to come, from 0 to 1. So far means the days seen.
    ValueError where the days seen go beyond the month.
    """
    if history.seen.last > month.last:
        raise ValueError(f"Days seen after the month: {history.seen.last} > {month.last}")
    weights = history.weights_through(month.last)
    past = past_months(history, month)
    evidence = Evidence.of(len(past))
    seen = [day for day in month.days() if day in history.seen]
    left = [day for day in month.days() if day > history.seen.last]
    so_far = sum(map(history.on, seen))
    weight_seen = sum(weights[day] for day in seen)
    weight_left = sum(weights[day] for day in left)
    if left:
        weight_left -= (1 - left_of_today) * weights[left[0]]
    dispersion = history.dispersion
    usual = _recent_level(history, past, dispersion) if past else None
    shape, rate = 0.5 + so_far / dispersion, weight_seen / dispersion
    trust = 1.0
    if usual is not None:
        prior = 1 / usual.variation**2
        shape, rate = prior + so_far / dispersion, prior / usual.recent + weight_seen / dispersion
        trust = weight_seen / dispersion / rate
    level = shape / rate if rate > 0 else 0.0
    mean = level * weight_left
    uncertain = weight_left**2 * shape / rate**2 if rate > 0 else 0.0
    scatter = dispersion * mean + uncertain + (evidence.drift * mean) ** 2
    return MonthForecast(
        so_far=so_far,
        past_months=len(past),
        usual=None if usual is None else usual.recent,
        level=level,
        trust=trust,
        weight=sum(weights[day] for day in month.days()),
        weight_left=weight_left,
        rest=Rest(mean, scatter),
    )


def past_months(history: History, month: Period) -> tuple[Period, ...]:
    """The whole months seen before one; none where the recent ones hold too few to go by."""
    seen = history.seen
    past = [
        each
        for each in history.months
        if seen.first <= each.first < month.first and each.last <= seen.last
    ]
    recent = sum(_came(history, each) for each in past[-RECENT_MONTHS:])
    return tuple(past) if recent >= FEWEST_RECENT else ()


def _came(history: History, month: Period) -> float:
    return sum(map(history.on, month.days()))


def _recent_level(history: History, past: Sequence[Period], dispersion: float) -> Level:
    """The level of the recent months, carried on by its growth, and how months vary around it."""
    evidence = Evidence.of(len(past))
    weights = history.weights
    totals = [_came(history, month) for month in past]
    worth = [sum(weights[day] for day in month.days()) for month in past]
    log_growth, squares, n = 0.0, 0.0, 0
    for at in range(max(1, len(past) - GROWTH_MONTHS), len(past)):
        before = _mean_level(totals[:at], worth[:at])
        grown = (totals[at] + 0.5) / worth[at] / _smoothed_level(totals[:at], worth[:at])
        log_growth += min(max(math.log(grown), -LARGEST_GROWTH), LARGEST_GROWTH)
        stray = (totals[at] / worth[at] / before - 1) ** 2 - dispersion / (before * worth[at])
        squares += min(max(stray, 0.0), 1.0)
        n += 1
    recent = _mean_level(totals, worth) * math.exp(log_growth / (PRIOR_MONTHS + n))
    strays = (PRIOR_MONTHS * evidence.variation**2 + squares) / (PRIOR_MONTHS + n)
    return Level(recent, math.sqrt(strays))


def _ages(months: int) -> list[float]:
    return [AGEING ** (months - 1 - at) for at in range(months)]


def _mean_level(totals: Sequence[float], worth: Sequence[float]) -> float:
    """The newest months weigh most; never quite zero."""
    totals, worth = totals[-RECENT_MONTHS:], worth[-RECENT_MONTHS:]
    ages = _ages(len(totals))
    came = sum(age * total for age, total in zip(ages, totals, strict=True))
    weight = sum(age * each for age, each in zip(ages, worth, strict=True))
    return max(came / weight, 0.5 / sum(worth))


def _smoothed_level(totals: Sequence[float], worth: Sequence[float]) -> float:
    """The mean of the months' own levels, half an event added to each."""
    totals, worth = totals[-RECENT_MONTHS:], worth[-RECENT_MONTHS:]
    ages = _ages(len(totals))
    levels = [(total + 0.5) / each for total, each in zip(totals, worth, strict=True)]
    return sum(age * each for age, each in zip(ages, levels, strict=True)) / sum(ages)


def _terms(mean: float, variance: float) -> Iterator[float]:
    """The chances of 0, 1, 2 … events, until all but the tail is covered."""
    if mean <= 0:
        yield 1.0
        return
    spread = variance / mean
    if spread <= 1:
        term, size, rest = math.exp(-mean), math.inf, 0.0
    else:
        size, rest = mean / (spread - 1), 1 - 1 / spread
        term = math.exp(-size * math.log(spread))
    total, n = 0.0, 0
    while total < 1 - TAIL and (n <= mean or term > TAIL * TAIL):
        yield term
        total += term
        n += 1
        term *= mean / n if math.isinf(size) else (n - 1 + size) / n * rest
