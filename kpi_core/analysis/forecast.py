"""Where the month will end if the working days to come are like those behind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, variance

INTERVAL = 0.8
"""The share of months whose end should fall between `low` and `high`."""

_Z = NormalDist().inv_cdf(0.5 + INTERVAL / 2)


@dataclass(frozen=True)
class Landing:
    """The expected value at month's end; `low` and `high` are None without an estimate of width."""

    expected: float
    low: float | None
    high: float | None


def run_rate_landing(
    done: float,
    per_working_day: Sequence[float],
    days_left: int,
    *,
    counts: bool,
    is_over: bool = False,
) -> Landing | None:
    """The run rate of the closed working days carried on; None before the first has closed.

    `done` is the value so far, today's part included; `per_working_day` has one value per
    closed working day, a weekend's added to the working day before it. The variance of the
    rest is s² r (1 + r/n): r days to come, and a rate known from n days only. s² is the
    days' sample variance, for counts never less than their mean (Poisson). Where no working day
    is to come and the month is not over, what days off bring is not known: there is no interval.
    """
    days_elapsed = len(per_working_day)
    if days_elapsed == 0:
        return None
    if days_left == 0:
        return Landing(done, done, done) if is_over else Landing(done, None, None)
    rate = sum(per_working_day) / days_elapsed
    expected = max(sum(per_working_day) + rate * days_left, done)
    if not counts and days_elapsed < 3:
        return Landing(expected, None, None)
    spread = variance(per_working_day) if days_elapsed > 1 else 0.0
    if counts:
        spread = max(spread, rate, 1.0 / days_elapsed)
    half = _Z * math.sqrt(spread * days_left * (1 + days_left / days_elapsed))
    return Landing(expected, max(expected - half, done), expected + half)
