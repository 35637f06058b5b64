"""The month's track as the browser takes it, for the November that `tests/reports` works out."""

import json
import math
import re
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.charts.palette import PALETTES, Theme
from kpi_core.charts.spec import Spec
from kpi_core.charts.track import HEADROOM, NAME_HEIGHT, _apart, _steps
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language
from kpi_core.reports.kpi import KpiReport
from tests.charts.conftest import Layer, days, drawn, kpi, layers, leaves, rows
from tests.reports.conftest import Scene, mqls, plan_text

MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00")
DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
COLOUR = re.compile(r"#[0-9a-f]{6}")
DOTTED = [1, 5]
COUNTS = {"2026-11-02": 4, "2026-11-09": 5, "2026-11-14": 3, "2026-11-16": 9, "2026-11-20": 10}


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


def at(layer: Layer) -> list[float]:
    return [row["at"] for row in rows(layer)]


def values_reached(report: KpiReport) -> list[float]:
    return [day.value for day in report.track if day.value is not None]


def names(spec: Spec) -> dict[str, float]:
    """The text at the end of each line, and where it stands."""
    found = [layer for layer in layers(spec, "text") if layer["mark"].get("dx") == 10]
    return {layer["mark"]["text"]: at(layer)[0] for layer in found}


def axis_values(spec: Spec) -> list[float]:
    ticks: list[float] = spec["layer"][0]["encoding"]["y"]["axis"]["values"]
    return ticks


def top_of(spec: Spec) -> float:
    """The value at the chart's upper edge."""
    top: float = spec["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    return top


def is_sound(spec: Spec) -> None:
    """What holds for every track: its own data in it, local midnights, numbers that are numbers."""
    json.dumps(spec, allow_nan=False)
    assert "datasets" not in spec
    for layer in spec["layer"]:
        assert set(layer["data"]) == {"values"}
        assert rows(layer)
    dates = [leaf for _, leaf in leaves(spec) if isinstance(leaf, str) and DATE.fullmatch(leaf)]
    assert dates
    assert [text for text in dates if not MIDNIGHT.fullmatch(text)] == []


def test_it_carries_its_data_and_every_date_is_a_local_midnight(november: KpiReport) -> None:
    spec = drawn(november)
    is_sound(spec)
    line = layers(spec, "line")[-1]
    assert rows(line)[0]["day"] == "2026-11-01T00:00:00"
    assert rows(line)[-1]["day"] == "2026-11-21T00:00:00"
    x = line["encoding"]["x"]
    assert x["scale"]["domain"][0] == "2026-11-01T00:00:00"
    mondays = [datetime.fromisoformat(value).day for value in x["axis"]["values"]]
    assert mondays == [2, 9, 16, 23, 30]


def test_the_line_is_the_value_up_to_the_last_day_counted(november: KpiReport) -> None:
    reached = layers(drawn(november), "line")[-1]
    assert at(reached) == [0] + [4] * 7 + [9] * 5 + [12] * 2 + [21] * 4 + [31] * 2


def test_the_plan_line_and_the_floor_are_told_apart_without_colour(november: KpiReport) -> None:
    plan, floor = layers(drawn(november), "line")[:2]
    assert at(plan) == [day.plan for day in november.track]
    assert at(floor) == [day.floor for day in november.track]
    # [1, 0] has no gaps: the plan line is solid.
    assert plan["mark"]["strokeDash"] == [1, 0]
    assert floor["mark"]["strokeDash"][1] > 0


def test_the_stamps_are_those_of_the_report(november: KpiReport) -> None:
    (label,) = [layer for layer in layers(drawn(november), "text") if "name" in rows(layer)[0]]
    assert [(row["name"], row["at"], row["number"]) for row in rows(label)] == [
        ("✕ Nov 9", 10, "10"),
        ("✓ Nov 16", 20, "20"),
        ("Nov 24", pytest.approx(30), "30"),
        ("Nov 30", 50, "50"),
    ]
    in_japanese = layers(drawn(november, language=Language.JA), "text")[0]
    assert [row["name"] for row in rows(in_japanese)] == ["✕ 11/9", "✓ 11/16", "11/24", "11/30"]


def test_the_landing_runs_from_the_last_day_counted_to_the_months_end(november: KpiReport) -> None:
    assert november.landing is not None
    (dotted,) = [each for each in layers(drawn(november), "line") if is_dotted(each)]
    first, last = rows(dotted)
    assert first == {"day": "2026-11-21T00:00:00", "at": 31}
    assert last == {"day": "2026-11-30T00:00:00", "at": pytest.approx(31 + 5 * 31 / 14)}
    wedge = layers(drawn(november), "area")[0]
    assert "y2" in wedge["encoding"]
    assert (rows(wedge)[1]["low"], rows(wedge)[1]["high"]) == (
        november.landing.low,
        november.landing.high,
    )


def is_dotted(layer: Layer) -> bool:
    dash: list[int] = layer["mark"].get("strokeDash", [])
    return dash == DOTTED


def test_a_month_that_is_over_has_no_landing(october: KpiReport) -> None:
    spec = drawn(october)
    is_sound(spec)
    assert not [layer for layer in layers(spec, "line") if is_dotted(layer)]
    assert len(layers(spec, "area")) == 1  # the one under the line
    assert set(names(spec)) == {"Plan line 50", "Floor 40"}
    label = next(layer for layer in layers(spec, "text") if "name" in rows(layer)[0])
    assert [row["name"][0] for row in rows(label)] == ["✓", "✓", "✓", "✕"]


def test_without_a_target_there_is_the_values_line_alone(scene: Scene) -> None:
    scene.plan(plan_text(targets=""))
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    report = kpi(scene, "2026-11-10 09:00")
    spec = drawn(report)
    is_sound(spec)
    lines = [layer for layer in layers(spec, "line") if not is_dotted(layer)]
    assert [at(line) for line in lines] == [values_reached(report)]
    assert layers(spec, "rule") == []
    assert not [name for name in names(spec) if name.startswith(("Plan line", "Floor"))]
    assert lines[0]["mark"]["color"] == PALETTES["light"].quiet


def test_on_the_first_day_and_without_data_it_can_be_drawn(scene: Scene) -> None:
    scene.plan(plan_text())
    empty = kpi(scene, "2026-11-02 15:00")
    spec = drawn(empty)
    is_sound(spec)
    assert len(layers(spec, "line")) == 2  # the plan line and the floor
    scene.leads(mqls({"2026-11-01": 1}), through="2026-11-02")
    spec = drawn(kpi(scene, "2026-11-02 15:00"))
    is_sound(spec)
    assert at(layers(spec, "line")[-1]) == [1]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("count", "status"),
    [
        (500, Status.ACHIEVED),
        (132, Status.ON_PLAN),
        (120, Status.ATTENTION),
        (95, Status.WARNING),
        (90, Status.CRISIS),
    ],
)
def test_the_line_has_the_colour_of_its_status_and_every_colour_is_the_palettes(
    scene: Scene, theme: Theme, count: int, status: Status
) -> None:
    scene.plan(plan_text(targets="targets.default = 500"))
    scene.leads(mqls({"2026-11-04": count}), through="2026-11-10")
    report = kpi(scene, "2026-11-10 09:00")
    assert report.status is status
    spec, palette = drawn(report, theme), PALETTES[theme]
    assert layers(spec, "line")[-1]["mark"]["color"] == palette.tones[status]
    known = {palette.ground, palette.ink, palette.quiet, palette.line, *palette.tones.values()}
    colours = {leaf for _, leaf in leaves(spec) if isinstance(leaf, str) and COLOUR.match(leaf)}
    assert colours <= known
    stroke = layers(spec, "point")[0]["encoding"]["stroke"]["scale"]
    assert dict(zip(stroke["domain"], stroke["range"], strict=True)) == {
        "yes": palette.ink,
        "no": palette.tones[Status.CRISIS],
        "open": palette.quiet,
    }


# --- what stands in the way of what ---


@pytest.mark.parametrize("count", [1, 8, 11, 12, 13, 14, 20, 45, 400])
def test_the_lines_names_never_overlap_nor_leave_the_chart(scene: Scene, count: int) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": count}), through="2026-11-10")
    height = 320
    spec = drawn(kpi(scene, "2026-11-10 09:00"))
    top = top_of(spec)
    places = sorted(names(spec).values())
    assert len(places) == 3
    for lower, upper in pairwise(places):
        assert (upper - lower) / top * height >= NAME_HEIGHT - 1e-6
    assert places[0] >= 0
    assert places[-1] <= top


AMOUNTS = st.floats(0, 1e9, allow_nan=False)


@given(values=st.lists(AMOUNTS, max_size=6), gap=st.floats(1e-3, 1e8))
def test_values_moved_apart_are_apart_and_none_is_moved_without_need(
    values: list[float], gap: float
) -> None:
    places = _apart(values, gap)
    assert len(places) == len(values)
    ordered = sorted(places)
    # Floats this large are spaced by a ten-millionth.
    assert all(upper - lower >= gap - 1e-6 for lower, upper in pairwise(ordered))
    assert all(place >= value for place, value in zip(places, values, strict=True))
    for value, place in zip(values, places, strict=True):
        below = [other for other in places if other < place]
        assert place == value or place == pytest.approx(max(below) + gap)
    for one, place_of_one in zip(values, places, strict=True):
        for other, place_of_other in zip(values, places, strict=True):
            if one < other:
                assert place_of_one < place_of_other


@given(st.floats(1e-6, 1e15))
def test_ticks_are_even_and_none_stands_above_the_highest_value(highest: float) -> None:
    ticks = _steps(highest)
    # 3 × 0.1 is a hair above 0.3, and no pixel.
    assert ticks[-1] <= highest * (1 + 1e-12)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 5
    step = ticks[1]
    assert [tick / step for tick in ticks] == pytest.approx(list(range(len(ticks))))
    leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(leading - factor) for factor in (1, 2, 5)) < 1e-6


def test_the_headroom_above_the_highest_value_has_no_tick(november: KpiReport) -> None:
    spec = drawn(november)
    # The landing's upper end is the highest there is; the checkpoints' labels stand above it.
    assert november.landing is not None
    assert top_of(spec) / HEADROOM == pytest.approx(november.landing.high)
    assert axis_values(spec) == [0, 20, 40]


@pytest.mark.parametrize("targets", ["", "targets.default = 0", "targets.default = 0.5"])
@pytest.mark.parametrize("per_day", [[1], [1, 0, 0], [0, 1], [9, 0, 9, 0, 9], [3000] * 3])
def test_whatever_was_reached_it_can_be_drawn(
    scene: Scene, per_day: list[int], targets: str
) -> None:
    scene.plan(plan_text(targets=targets))
    counts = days("2026-11-02", per_day)
    scene.leads(mqls(counts), through="2026-11-10")
    spec = drawn(kpi(scene, "2026-11-10 09:00"))
    is_sound(spec)
    assert axis_values(spec)[-1] * HEADROOM <= top_of(spec) * (1 + 1e-12)


def test_with_neither_data_nor_target_there_is_nothing_to_draw(scene: Scene) -> None:
    scene.plan(plan_text(targets=""))
    assert drawn(kpi(scene, "2026-11-10 09:00"))["layer"] == []


def test_a_ceiling_is_an_even_line_without_a_floor(scene: Scene) -> None:
    scene.plan(plan_text(targets='direction = "down"\ntargets.default = 20'))
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    report = kpi(scene, "2026-11-10 09:00")
    spec = drawn(report)
    is_sound(spec)
    lines = [layer for layer in layers(spec, "line") if not is_dotted(layer)]
    assert len(lines) == 2  # the ceiling line and what was reached
    assert at(lines[0])[-1] == 20
    assert [name for name in names(spec) if name.startswith("Ceiling line 20")]
    assert layers(spec, "rule") == []


def test_a_ratios_target_is_a_level_line_and_fills_nothing(scene: Scene) -> None:
    ratio = """kind = "ratio"
numerator = { stage = "sales_qualified" }
denominator = { stage = "marketing_qualified" }
min_sample = 2"""
    text = plan_text(targets="targets.default = 0.5")
    scene.plan(text.replace('kind = "count"\nstage = "marketing_qualified"', ratio))
    told = [*mqls({"2026-11-04": 4}), ("2026-11-04-0", "sales_qualified", "2026-11-05")]
    scene.leads(told, through="2026-11-10")
    spec = drawn(kpi(scene, "2026-11-10 09:00"))
    is_sound(spec)
    assert set(at(layers(spec, "line")[0])) == {0.5}
    assert [layer["mark"]["opacity"] for layer in layers(spec, "area")] == [0]
    assert [name for name in names(spec) if name.startswith("Target 50%")]
