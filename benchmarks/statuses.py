"""How often a team on plan is alarmed by chance, and how soon one at 60% of plan is found.

    python -m benchmarks.statuses [--small]

Months of 20 working days of made-up counts, negative binomial per day, each after 26 weeks at
the same rate; a status at the end of each working day, by the product's own functions. With a
target of 10 to 300 a month and a variance of 1 and 2 times the mean. A team is *found* by a
checkpoint if that or one before it was missed, or if a day up to it ended in warning or crisis.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np

from benchmarks._alone import Goal, say
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.chance import Spread
from kpi_core.domain.checkpoint import WeekRule, checkpoints
from kpi_core.domain.dispersion import WEEKS, History
from kpi_core.domain.pace import Lines, Pace, reaches
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Levels, Status, judge_growing

TARGETS = (10, 30, 50, 300)
DISPERSIONS = (1, 2)
MONTHS, SMALL_MONTHS = 1000, 100
CALENDAR = WorkCalendar(country=None)
MONTH = CALENDAR.period(Month(2027, 2))
"""28 days from a Monday on: 20 of them are worked."""
WORKING = CALENDAR.working_days(MONTH)
LEVELS = Levels()
LINES = Lines(
    checkpoints(WeekRule.QUARTERS, (0.2, 0.4, 0.6, LEVELS.attention), MONTH, WORKING), len(WORKING)
)
ALARM = (Status.WARNING, Status.CRISIS)
MOST_ALARMS, MOST_CRISES, MOST_WITHOUT_HISTORY = 5.0, 1.5, 7.0
LEAST_FOUND = {2: {10: 70, 30: 80, 50: 85, 300: 98}, 3: {10: 78, 30: 87, 50: 90, 300: 99}}


@dataclass(frozen=True)
class Case:
    """Teams that do a part of their plan. `history`: with the 26 weeks before."""

    target: int
    dispersion: int
    part: float = 1.0
    history: bool = True


@dataclass
class Tally:
    """Of so many months: days in alarm and in crisis, months found by and missed at each
    checkpoint, and the odds that were shown for it."""

    days: int = 0
    alarms: int = 0
    crises: int = 0
    found: tuple[int, ...] = (0, 0, 0)
    missed: tuple[int, ...] = (0, 0, 0)
    odds: tuple[float, ...] = (0.0, 0.0, 0.0)


def simulate(case: Case, months: int) -> Tally:
    """So many months of a case, the same ones in every run."""
    draw = np.random.default_rng([case.target, case.dispersion, int(100 * case.part)])
    first = MONTH.first - timedelta(days=7 * WEEKS)
    history = [day for day in Period(first, MONTH.last).days() if CALENDAR.is_working(day)]
    rate, tally = case.target / len(WORKING), Tally()
    for _ in range(months):
        parts = [rate * (case.part if day in MONTH else 1.0) for day in history]
        counts = dict(zip(history, _counts(draw, parts, case.dispersion), strict=True))
        _month(case, counts, first if case.history else MONTH.first, tally)
    return tally


def _counts(draw: np.random.Generator, means: list[float], dispersion: int) -> list[float]:
    if dispersion == 1:
        return [float(count) for count in draw.poisson(means)]
    sizes = np.array(means) / (dispersion - 1)
    return [float(count) for count in draw.negative_binomial(sizes, 1 / dispersion)]


def _month(case: Case, counts: dict[date, float], first: date, tally: Tally) -> None:
    value, found = 0.0, False
    due = iter(LINES.checkpoints)
    checkpoint = next(due)
    for worked, day in enumerate(WORKING, start=1):
        value += counts[day]
        spread = Spread(History(counts, Period(first, day), CALENDAR).dispersion)
        pace = Pace(value, case.target, LINES.plan(worked), worked, len(WORKING) - worked)
        status = judge_growing(pace, LEVELS, spread).status
        tally.days += 1
        tally.alarms += status in ALARM
        tally.crises += status is Status.CRISIS
        found = found or status in ALARM
        if worked == checkpoint.working_day and not checkpoint.is_end:
            at = checkpoint.number - 1
            needed = checkpoint.share * case.target
            is_missed = not reaches(value, needed)
            found = found or is_missed
            odds = spread.chance_of_missing(needed, LINES.plan(worked) * case.target)
            tally.found = _plus(tally.found, at, found)
            tally.missed = _plus(tally.missed, at, is_missed)
            tally.odds = tuple(each + odds * (n == at) for n, each in enumerate(tally.odds))
            checkpoint = next(due)


def _plus(counts: tuple[int, ...], at: int, more: bool) -> tuple[int, ...]:
    return tuple(count + (more and n == at) for n, count in enumerate(counts))


def cases() -> Iterator[Case]:
    """Every case that is measured."""
    for target, dispersion in product(TARGETS, DISPERSIONS):
        yield Case(target, dispersion)
        yield Case(target, dispersion, history=False)
        yield Case(target, dispersion, part=0.6)


def main() -> None:
    """Print the shares of each case, beside what they should be."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help=f"{SMALL_MONTHS} months of each")
    months = SMALL_MONTHS if arguments.parse_args().small else MONTHS
    every = tuple(cases())
    with ProcessPoolExecutor(2) as pool:
        done = dict(zip(every, pool.map(simulate, every, [months] * len(every)), strict=True))
    for target, dispersion in product(TARGETS, DISPERSIONS):
        of = f"target {target}, dispersion {dispersion}"
        on_plan = done[Case(target, dispersion)]
        alarms = 100 * on_plan.alarms / on_plan.days
        crises = 100 * on_plan.crises / on_plan.days
        without = done[Case(target, dispersion, history=False)]
        say(
            f"{of}: a team on plan",
            f"misses a checkpoint in {_percents(on_plan.missed, months)}% of months, shown are "
            f"{_percents(on_plan.odds, months)}%",
            Goal(alarms, MOST_ALARMS, "% of days in warning or crisis"),
            Goal(crises, MOST_CRISES, "% in crisis"),
            Goal(
                100 * without.alarms / without.days,
                MOST_WITHOUT_HISTORY,
                "% in either without history",
            ),
        )
        behind = done[Case(target, dispersion, part=0.6)]
        found = [100 * each / months for each in behind.found]
        least = [LEAST_FOUND[number][target] for number in (2, 3)]
        say(
            f"{of}: a team at 60% is found",
            f"by the checkpoints in {_percents(behind.found, months)}% of months "
            f"(goals: {least[0]} by the second, {least[1]} by the third: "
            f"{'ok' if found[1] >= least[0] and found[2] >= least[1] else 'MISSED'})",
        )


def _percents(counts: tuple[float, ...], months: int) -> str:
    return " / ".join(f"{100 * count / months:.0f}" for count in counts)


if __name__ == "__main__":
    main()
