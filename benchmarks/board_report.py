"""What the board report costs with 100 thousand and with 10 million events.

    python -m benchmarks.board_report [--small] [--folder /tmp]

No more than 20 ms warm with 10 million, and no more than 1.5 times the time with 100 thousand.
Needs some 2 GB of disk; both stores are open in one process, asked in turns.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks._alone import Goal, alone, say
from benchmarks._facts import FEW, MANY, SMALL_MANY, filled
from kpi_core.domain.period import Period
from kpi_core.facts.store import Store, open_store
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.reports.board import board_report, forecast_report, management_report

MOST_MS, MOST_TIMES = 20, 1.5
ROUNDS = 60
LAST_DAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 29, 3, tzinfo=UTC)
WEEKS = Period(LAST_DAY - timedelta(days=13 * 7 - 1), LAST_DAY)

Question = Callable[[Store, Plan], object]

BOARD = "board report"
QUESTIONS: dict[str, Question] = {
    BOARD: lambda store, _: board_report(store, "bench", now=NOW),
    "its tallies, 13 weeks": lambda store, plan: store.daily(plan.tallies(), WEEKS),
    "its forecast's reasons, opened": lambda store, _: forecast_report(store, "bench", now=NOW),
    "its indicators, opened": lambda store, _: management_report(store, "bench", now=NOW),
}


def ask(few: str, many: str) -> dict[str, Any]:
    """Median milliseconds of each question, asked in turns so that both see the same machine."""
    stores = [open_store(Path(few)), open_store(Path(many))]
    plan = read_plan(stores[0].records.revisions("bench")[-1].text)
    assert isinstance(plan, Plan), plan
    found = {}
    for name, question in QUESTIONS.items():
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS + 2):
            for taken, store in zip(times, stores, strict=True):
                began = time.perf_counter()
                question(store, plan)
                taken.append(time.perf_counter() - began)
        found[name] = [statistics.median(taken[2:]) * 1000 for taken in times]
    for store in stores:
        store.close()
    return found


def main() -> None:
    """Print a line for each question."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="200 thousand for 10 million")
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    events = SMALL_MANY if chosen.small else MANY
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        few, many = Path(name) / "few", Path(name) / "many"
        filled(few, FEW, LAST_DAY)
        filled(many, events, LAST_DAY)
        for question, (small, large) in alone(ask, few, many).figures.items():
            times = Goal(large / small, MOST_TIMES, f"x the time at {FEW:,}")
            goals = [Goal(large, MOST_MS, "ms"), times] if question == BOARD else [times]
            say(
                f"{question} at {events:,} events",
                "" if question == BOARD else f"{large:.1f} ms",
                *goals,
            )


if __name__ == "__main__":
    main()
