"""What the board's questions cost with 100 thousand and with 10 million events.

    python -m benchmarks.board_report [--events 10000000] [--folder /tmp]

The goal: no more than 20 ms warm with 10 million, and no more than 1.5 times the time with
100 thousand. Needs some 2 GB of disk and 4 GB of memory; takes a few minutes.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from benchmarks.facts import fill
from kpi_core.domain.condition import Condition, Operator
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.store import Store, open_store

FEW = 100_000
ROUNDS = 60
LAST_DAY = date(2026, 6, 30)
MONTH = Period(date(2026, 6, 1), LAST_DAY)
WEEKS = Period(LAST_DAY - timedelta(days=13 * 7 - 1), LAST_DAY)

KPI = Tally(TallyKind.REACHED, stage=Stage.MARKETING_QUALIFIED)
TALLIES = (
    *(
        Tally(TallyKind.REACHED, stage=stage)
        for stage in (Stage.LEAD, Stage.SALES_QUALIFIED, Stage.OPPORTUNITY, Stage.WON)
    ),
    KPI,
    Tally(TallyKind.AMOUNT, stage=Stage.WON),
    Tally(TallyKind.CONVERTED, stage=Stage.MARKETING_QUALIFIED, to_stage=Stage.WON),
    Tally(
        TallyKind.REACHED,
        stage=Stage.MARKETING_QUALIFIED,
        conditions=(Condition("channel", Operator.IN, ("web", "ads")),),
    ),
)

Question = Callable[[Store], object]

QUESTIONS: dict[str, Question] = {
    "the KPI's month": lambda store: store.daily([KPI], MONTH),
    "8 tallies, 13 weeks": lambda store: store.daily(TALLIES, WEEKS),
    "the month by channel": lambda store: store.by_channel(TALLIES, MONTH),
    "data through": lambda store: store.data_through(TALLIES),
    "first day": lambda store: store.first_day(TALLIES),
    "undated": lambda store: store.undated(Stage.LEAD),
    "data version": lambda store: store.data_version(),
}


def _all(store: Store) -> None:
    for question in QUESTIONS.values():
        question(store)


def _filled(folder: Path, events: int) -> Store:
    store = open_store(folder / f"{events}.duckdb")
    store.register(TALLIES)
    began = time.perf_counter()
    taken_in = fill(store, events, LAST_DAY)
    seconds = time.perf_counter() - began
    print(f"{taken_in:>12,} events taken in: {seconds:.1f} s")
    return store


def _compare(few: Store, many: Store, question: Question) -> tuple[float, float]:
    """Median milliseconds of each, asked in turns so that both see the same machine."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(ROUNDS):
        for index, store in enumerate((few, many)):
            began = time.perf_counter()
            question(store)
            times[index].append(time.perf_counter() - began)
    return statistics.median(times[0]) * 1000, statistics.median(times[1]) * 1000


def main() -> None:
    """Print a line per question, and one for all of them together."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=10_000_000)
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        few = _filled(Path(folder), FEW)
        many = _filled(Path(folder), chosen.events)
        print(f"{'':24}{FEW:>12,}{chosen.events:>14,}   ratio")
        for name, question in {**QUESTIONS, "all of them": _all}.items():
            question(few), question(many)
            small, large = _compare(few, many, question)
            ratio = f"{large / small:.2f}" if small > 0.01 else "–"
            print(f"{name:24}{small:>9.2f} ms{large:>11.2f} ms{ratio:>8}")
        few.close()
        many.close()


if __name__ == "__main__":
    main()
