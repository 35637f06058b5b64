"""When a weekly number is abnormal: the process behaviour chart (XmR) of Shewhart and Wheeler."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isclose

BASELINE_WEEKS = 12
NATURAL_LIMIT = 2.66
"""3 / 1.128: three sigma, sigma estimated from the mean moving range of two."""


@dataclass(frozen=True)
class Limits:
    """The range that common variation explains: both ends are normal, rounding errors aside."""

    mean: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        at_an_end = isclose(value, self.low) or isclose(value, self.high)
        return at_an_end or self.low < value < self.high


def natural_limits(baseline: Sequence[float]) -> Limits:
    """Mean ± 2.66 × mean moving range. At least two values."""
    mean = sum(baseline) / len(baseline)
    moving = [abs(b - a) for a, b in pairwise(baseline)]
    half = NATURAL_LIMIT * sum(moving) / len(moving)
    return Limits(mean, mean - half, mean + half)


def limits_before(weeks: Sequence[float | None]) -> Limits | None:
    """Limits from the 12 closed weeks before the newest; None where one of them is missing.

    The newest week is judged by weeks it is not part of: otherwise it widens its own limits.
    What has never been negative is not expected to be.
    """
    baseline = weeks[-BASELINE_WEEKS - 1 : -1]
    known = [week for week in baseline if week is not None]
    if len(known) < BASELINE_WEEKS:
        return None
    limits = natural_limits(known)
    return replace(limits, low=max(limits.low, 0.0)) if min(known) >= 0 else limits


def is_abnormal(weeks: Sequence[float | None]) -> bool:
    """Whether the newest closed week lies outside; False where it cannot be judged."""
    limits = limits_before(weeks)
    newest = weeks[-1] if weeks else None
    return limits is not None and newest is not None and newest not in limits
