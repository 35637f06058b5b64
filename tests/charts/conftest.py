"""Charts of reports of one's own making, as the browser takes them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_core.charts.palette import Theme
from kpi_core.charts.spec import Spec, spec_of
from kpi_core.charts.track import track_chart
from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import board_report
from kpi_core.reports.kpi import KpiReport
from tests.reports.conftest import Scene, in_tokyo, mqls, plan_text

Layer = dict[str, Any]
COUNTS = {"2026-11-02": 4, "2026-11-09": 5, "2026-11-14": 3, "2026-11-16": 9, "2026-11-20": 10}


@pytest.fixture
def scene(tmp_path: Path, new_store: Callable[[Path], Store]) -> Iterator[Scene]:
    store = new_store(tmp_path / "data")
    yield Scene(store)
    store.close()


@pytest.fixture
def november(scene: Scene) -> KpiReport:
    """31 of 50 by Saturday the 21st: week 1 was missed with 9 of 10, week 2 passed with 21."""
    scene.plan(plan_text())
    scene.leads(mqls(COUNTS), through="2026-11-22")
    return kpi(scene, "2026-11-22 13:00")


@pytest.fixture
def october(scene: Scene) -> KpiReport:
    """A month that is over, with 41 of 50."""
    scene.plan(plan_text())
    scene.leads(mqls({"2026-10-05": 41, "2026-11-04": 1}), through="2026-11-05")
    return kpi(scene, "2026-11-05 09:00", month="2026-10")


def kpi(scene: Scene, now: str, month: str | None = None) -> KpiReport:
    chosen = Month.parse(month) if month else None
    return board_report(scene.store, "p", now=in_tokyo(now), month=chosen).kpi


def drawn(report: KpiReport, theme: Theme = "light", language: Language = Language.EN) -> Spec:
    return spec_of(track_chart(report, Words(language), theme))


def layers(spec: Spec, mark: str) -> list[Layer]:
    """The layers of one kind of mark, from back to front."""
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def rows(layer: Layer) -> list[dict[str, Any]]:
    """A layer's data, which stand in it."""
    found: list[dict[str, Any]] = layer["data"]["values"]
    return found


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Everything in a document that holds nothing else, with the way to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value, f"{path}[]")
    else:
        yield path, node


def days(first: str, per_day: list[int]) -> dict[str, int]:
    """So many on each day from the first on."""
    begin = date.fromisoformat(first)
    return {str(begin + timedelta(days=n)): count for n, count in enumerate(per_day)}
