"""From a goal back to the month: rates, growth, and last year's season."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MONTHS = 12


@dataclass(frozen=True)
class Needed:
    """What a number must be each month for the goal to come out.

    `rate` is how much of the goal one unit of the number brought, over `months` months.
    """

    value: int
    rate: float
    months: int


def needed_per_month(
    goal: float, reached: Sequence[float], number: Sequence[float]
) -> Needed | None:
    """How much of `number` a month brings `goal` a month, at the rates of the months given.

    `reached` is what the goal counts in each of the same months. The rate is the ratio of the two
    sums, so that a month without any weighs nothing. None where either sum is zero. Rounded up:
    with less the goal is not reached.
    """
    if len(reached) != len(number):
        raise ValueError("One value of each for every month")
    above, below = sum(reached), sum(number)
    if above <= 0 or below <= 0:
        return None
    return Needed(_up(goal * below / above), above / below, len(number))


def months_that_reached(values: Sequence[float | None], target: float) -> tuple[int, int]:
    """In how many of the months known the target was reached, and how many are known."""
    known = [value for value in values if value is not None]
    return sum(value >= target for value in known), len(known)


def grown(value: float, rate: float, periods: int) -> float:
    """A value after so many periods of growth, compounded: 100 at 10% after 2 is 121."""
    return value * (1 + rate) ** periods


def by_season(total: float, last_year: Sequence[float]) -> tuple[int, ...]:
    """A year's total over twelve months, each with last year's share of it.

    Whole numbers that add up to the rounded total: what rounding takes goes to the months with
    the largest remainders (Hamilton's method). Without anything last year all months are alike.
    """
    if len(last_year) != MONTHS:
        raise ValueError("Twelve months")
    whole = sum(last_year)
    shares = [each / whole for each in last_year] if whole > 0 else [1 / MONTHS] * MONTHS
    exact = [share * round(total) for share in shares]
    parts = [math.floor(each) for each in exact]
    left = round(total) - sum(parts)
    order = sorted(range(MONTHS), key=lambda month: (parts[month] - exact[month], month))
    for month in order[:left]:
        parts[month] += 1
    return tuple(parts)


def _up(value: float) -> int:
    """Rounded up, but for what arithmetic on floats adds to a whole number."""
    return math.ceil(round(value, 9))
