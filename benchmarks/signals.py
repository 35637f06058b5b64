"""What the signals of a plan cost to compute, on the weeks of 10 million events.

    python -m benchmarks.signals [--small]

Ten indicators of every kind, 82 weeks of each as the store gives them: no more than 100 ms for
all signals. Beside it what an opened list adds, a range for each of 13 weeks and the past year
tried. Then the shares of calm and of doubled weeks that give a signal, 5 to 100 events a week.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks._alone import Goal, say
from kpi_core.analysis.anomaly import ObservedWeek, Series, Side, judge, judge_newest, openings
from kpi_core.analysis.control_limits import expected_count

MOST_MS = 100
MOST_CALM, LEAST_SEEN = 1.5, 80.0
WEEKS, SHOWN = 82, 13
A_WEEK = 160_000
"""Of 10 million events in 14 months."""
PLAN = 4 * [Series.COUNT] + 2 * [Series.RATE] + 2 * [Series.SUM] + 2 * [Series.LEVEL]
ROUNDS, DRAWN, SMALL_DRAWN = 20, 5000, 2000

Observed = list[tuple[Series, list[ObservedWeek]]]


def observed(level: float) -> Observed:
    """Made-up weeks, a ninth of them of two working days."""
    draw, found = np.random.default_rng(1), []
    for series in PLAN:
        weeks = []
        for n in range(WEEKS):
            worked = 2 if n % 9 == 4 else 5
            value = float(draw.negative_binomial(level * worked / 10, 1 / 3))
            weeks.append(ObservedWeek(value, worked, 0.0, value + draw.poisson(level)))
        found.append((series, weeks))
    return found


def opened(series: Series, weeks: list[ObservedWeek]) -> None:
    """What an opened list asks of an indicator."""
    for n in range(SHOWN):
        judge(series, weeks[: len(weeks) - n])
    openings(series, weeks)


def milliseconds(ask: Callable[[Series, list[ObservedWeek]], object], every: Observed) -> float:
    """The median time for all indicators."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for series, weeks in every:
            ask(series, weeks)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def share_seen(level: float, times: int, *, newest: float, growth: float = 0.0) -> float:
    """Per cent of newest Poisson weeks outside, after 26 weeks; for a doubling those above."""
    draw, seen = np.random.default_rng([int(level), int(newest)]), 0
    for _ in range(times):
        means = level * (1 + growth) ** np.arange(-26.0, 1.0)
        means[-1] *= newest
        counts = [float(count) for count in draw.poisson(means)]
        side = expected_count(counts[:-1], [5.0] * 26, 5.0).side_of(counts[-1])
        seen += side != 0 if newest == 1 else side > 0
    return 100 * seen / times


def main() -> None:
    """Print a line for each figure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help=f"{SMALL_DRAWN} weeks of each")
    times = SMALL_DRAWN if arguments.parse_args().small else DRAWN
    every = observed(A_WEEK)
    signals = [judge_newest(*each) for each in every]
    spoke = sum(each.side is not Side.WITHIN for each in signals)
    took = milliseconds(judge_newest, every)
    say(
        f"signals of {len(every)} indicators at 10,000,000 events",
        f"{spoke} speak",
        Goal(took, MOST_MS, "ms"),
    )
    say("their ranges and the past year, opened", f"{milliseconds(opened, every):.1f} ms")
    for level in (5, 20, 100):
        calm = share_seen(level, times, newest=1)
        growing = share_seen(level, times, newest=1, growth=0.02)
        say(
            f"{level} a week: calm, and growing by 2% a week",
            "",
            Goal(calm, MOST_CALM, "% calm"),
            Goal(growing, MOST_CALM, "% growing"),
        )
        doubled = share_seen(level, times, newest=2)
        is_missed = level >= 20 and doubled < LEAST_SEEN
        say(f"{level} a week: doubled", f"{doubled:.0f}% seen{' MISSED' if is_missed else ''}")


if __name__ == "__main__":
    main()
