"""The forecast of the month's end against what came: `make score`, on the shared series.

The scorer and its series lie beside the project, in `forecast/` of $KPI_SHARED or `../shared`.
Where they are absent, one sentence says so.
"""

import csv
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from kpi_core.analysis.forecast import month_forecast
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.dispersion import History
from kpi_core.domain.period import Period

ROOT = Path(__file__).resolve().parent.parent
GRID = (np.arange(400) + 0.5) / 400
HISTORIES = (0, 1, "all")
BANDS = (10, 30, 100, 300)
"""Events a month, as the index of the series says, from which on a volume band begins."""
KINDS = ("real", "proxy")


def shared() -> Path | None:
    """Where the scorer lies; None where it is absent."""
    folder = Path(os.environ.get("KPI_SHARED") or ROOT.parent / "shared") / "forecast"
    return folder if (folder / "score.py").is_file() else None


def predict(
    history: Sequence[tuple[date, int]],
    as_of: date,
    month_end: date,
    is_workday: Callable[[date], bool],
) -> list[float]:
    """The product's forecast as the scorer asks for it: 400 equally likely ends of the month."""
    month = Period(as_of.replace(day=1), month_end)
    seen = Period(history[0][0], history[-1][0])
    off = frozenset(day for day in Period(seen.first, month_end).days() if not is_workday(day))
    calendar = WorkCalendar(country=None, weekend=frozenset(), days_off=off)
    counts = {day: float(count) for day, count in history}
    found = month_forecast(History(counts, seen, calendar), month)
    return [found.quantile(share) for share in GRID]


def run_rate(
    history: Sequence[tuple[date, int]],
    as_of: date,
    month_end: date,
    is_workday: Callable[[date], bool],
) -> np.ndarray:
    """What is usual, and what ours is scored against: the days so far carried on, as a Poisson."""
    so_far = sum(count for day, count in history if day >= as_of.replace(day=1))
    mean = max(so_far / (as_of.day - 1) * ((month_end - as_of).days + 1), 1e-6)
    counts = np.arange(1, int(mean + 12 * mean**0.5 + 30))
    logs = np.concatenate([[0.0], np.cumsum(np.log(mean / counts))]) - mean
    return so_far + np.searchsorted(np.cumsum(np.exp(logs)), GRID)


def scorer(folder: Path) -> ModuleType:
    """The scorer, as it lies in its folder."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"Cannot read {folder / 'score.py'}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(folder: Path, series: dict[str, str]) -> list[dict[str, Any]]:
    """Both methods on every origin of one series."""
    tool = scorer(folder)
    rows = tool.load_csv(folder / "series" / f"{series['series']}.csv")
    is_workday = tool.make_is_workday(series["country"])
    found = []
    for label, months, history, as_of, end, came, so_far, before in tool.origins(
        rows, histories=HISTORIES
    ):
        key = f"{series['series']}|{as_of}|{label}"
        about: dict[str, Any] = {
            each: series[each] for each in ("series", "source", "kind", "thin")
        }
        about["per_month"] = float(series["per_month"])
        about |= {"month": f"{as_of:%Y-%m}", "cutoff": as_of.day, "history": str(label)}
        for name, method in (("ours", predict), ("m1", run_rate)):
            samples = method(history, as_of, end, is_workday)
            found.append(
                about
                | {"months": months, "method": name}
                | tool.record(samples, came, so_far, before, key)
            )
    return found


@dataclass(frozen=True)
class Line:
    """A figure of the table and the range it must lie in."""

    name: str
    value: float
    least: float
    most: float

    @property
    def holds(self) -> bool:
        """Both ends count."""
        return self.least <= self.value <= self.most

    def __str__(self) -> str:
        goal = f"<= {self.most}" if self.least < 0 else f"{self.least}-{self.most}"
        return f"{self.name:<44} {self.value:6.3f}   {goal:<10} {'ok' if self.holds else 'MISSED'}"


def table(results: pd.DataFrame, tool: ModuleType) -> Iterator[Line]:
    """The figures to reach, on the real and proxy series."""
    real = results[results.kind.isin(KINDS)]
    every = real[real.history == "all"]
    ours = every[every.method == "ours"]
    yield _ratio("CRPS against the run rate", every, tool, 0.66)
    yield Line("80% interval holds", ours.in80.mean(), 0.77, 0.85)
    for cutoff, some in ours.groupby("cutoff"):
        yield Line(f"... on day {cutoff} ({len(some)})", some.in80.mean(), 0.72, 0.88)
    edges = [*BANDS, float("inf")]
    for name, some in ours.groupby(pd.cut(ours.per_month, edges, right=False), observed=True):
        yield Line(
            f"... of {name.left:g} a month or more ({len(some)})", some.in80.mean(), 0.72, 0.88
        )
    yield Line("PIT below 0.1", (ours.pit < 0.1).mean(), -1, 0.15)
    yield Line("PIT above 0.9", (ours.pit > 0.9).mean(), -1, 0.15)
    squares = [
        ((some[f"p{target}"] - some[f"hit{target}"]) ** 2)
        for target in tool.TARGETS
        for some in (ours[ours[f"open{target}"] == 1],)
    ]
    yield Line("Brier of P(target), open targets", pd.concat(squares).mean(), -1, 0.150)
    for label, history, most in (("one month", "1", 0.72), ("no history", "0", 0.86)):
        some = real[real.history == history]
        yield _ratio(f"{label}: CRPS against the run rate", some, tool, most)
        held = some[some.method == "ours"].in80.mean()
        yield Line(f"{label}: 80% interval holds", held, 0.77, 0.88)


def bands_before(rows: list[dict[str, Any]]) -> str:
    """How often the range held by what the three months before brought; no goal is set for it."""
    results = pd.DataFrame(rows)
    ours = results[(results.method == "ours") & (results.history == "all")]
    bands = pd.cut(ours.prev_mean, [*BANDS, float("inf")], right=False)
    held = ours.in80.groupby(bands, observed=True).mean()
    return ", ".join(f"from {band.left:g} {value:.3f}" for band, value in held.items())


def _ratio(name: str, results: pd.DataFrame, tool: ModuleType, most: float) -> Line:
    return Line(name, float(tool.summary(results).loc["ours", "ratio_scaled"]), -1, most)


def main() -> int:
    """Print the table; 1 where a figure is missed."""
    folder = shared()
    if folder is None:
        print("No scorer: set KPI_SHARED to the folder that holds forecast/score.py.")
        return 0
    with (folder / "series" / "index.csv").open(encoding="utf-8") as file:
        series = [each for each in csv.DictReader(file) if each["kind"] in KINDS]
    with ProcessPoolExecutor(2) as pool:
        rows = [row for some in pool.map(score, [folder] * len(series), series) for row in some]
    lines = list(table(pd.DataFrame(rows), scorer(folder)))
    for line in lines:
        print(line)
    print(f"Bands by the three months before in place of the series: {bands_before(rows)}")
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
