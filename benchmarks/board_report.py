"""What the board report costs with 100 thousand and with 10 million events.

    python -m benchmarks.board_report [--events 10000000] [--folder /tmp]

The goal: no more than 20 ms warm with 10 million, and no more than 1.5 times the time with
100 thousand. Needs some 2 GB of disk and 4 GB of memory; takes two minutes.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.facts import fill
from kpi_core.domain.period import Period
from kpi_core.facts.store import Store, open_store
from kpi_core.plans.document import Plan
from kpi_core.plans.revise import load_plan
from kpi_core.reports.board import board_report, management_report

FEW = 100_000
ROUNDS = 60
LAST_DAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 29, 3, tzinfo=UTC)
WEEKS = Period(LAST_DAY - timedelta(days=13 * 7 - 1), LAST_DAY)

PLAN = """
id = "bench"
name = "Benchmark"
csf = "More of them"
kgi = { name = "Orders", target = 1000, deadline = 2027-03-31 }

[kpi]
id = "mql"
name = "MQLs"
kind = "count"
stage = "marketing_qualified"
targets.default = 1000

[[indicators]]
id = "leads"
name = "Leads"
kind = "count"
stage = "lead"

[[indicators]]
id = "sql"
name = "SQLs"
kind = "count"
stage = "sales_qualified"

[[indicators]]
id = "opportunities"
name = "Opportunities"
kind = "count"
stage = "opportunity"

[[indicators]]
id = "won"
name = "Won"
kind = "count"
stage = "won"

[[indicators]]
id = "value"
name = "Value won"
kind = "sum"
of = "amount"
stage = "won"

[[indicators]]
id = "paid"
name = "MQLs from ads"
kind = "count"
stage = "marketing_qualified"
where = [{ attribute = "channel", in = ["web", "ads"] }]

[[indicators]]
id = "rate"
name = "MQL to win"
kind = "ratio"
basis = "cohort"
matures_after_days = 60
numerator = { stage = "won" }
denominator = { stage = "marketing_qualified" }

[[indicators]]
id = "size"
name = "Value a win"
kind = "formula"
formula = "value / won"
"""

Question = Callable[[Store, Plan], object]

QUESTIONS: dict[str, Question] = {
    "its tallies, 13 weeks": lambda store, plan: store.daily(plan.tallies(), WEEKS),
    "the board report": lambda store, _: board_report(store, "bench", now=NOW),
    "its indicators, opened": lambda store, _: management_report(store, "bench", now=NOW),
}


def _filled(folder: Path, events: int) -> tuple[Store, Plan]:
    store = open_store(folder / f"{events}")
    now = NOW.replace(tzinfo=None)
    plan = load_plan(store, PLAN, who="bench", why="", effective_from=None, now=now)
    assert isinstance(plan, Plan), plan
    began = time.perf_counter()
    taken_in = fill(store, events, LAST_DAY)
    print(f"{taken_in:>12,} events taken in: {time.perf_counter() - began:.1f} s")
    return store, plan


def _compare(
    few: tuple[Store, Plan], many: tuple[Store, Plan], question: Question
) -> tuple[float, float]:
    """Median milliseconds of each, asked in turns so that both see the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 2):
        for taken, (store, plan) in zip(times, (few, many), strict=True):
            began = time.perf_counter()
            question(store, plan)
            taken.append(time.perf_counter() - began)
    few_ms, many_ms = (statistics.median(taken[2:]) * 1000 for taken in times)
    return few_ms, many_ms


def main() -> None:
    """Print a line per question: both times and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=10_000_000)
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        few, many = _filled(Path(folder), FEW), _filled(Path(folder), chosen.events)
        print(f"{'':24}{FEW:>12,}{chosen.events:>14,}   ratio")
        for name, question in QUESTIONS.items():
            small, large = _compare(few, many, question)
            print(f"{name:24}{small:>9.2f} ms{large:>11.2f} ms{large / small:>8.2f}")
        few[0].close()
        many[0].close()


if __name__ == "__main__":
    main()
