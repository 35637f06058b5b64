"""The month's track as the browser takes it, for the November that `tests/reports` works out."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.charts.palette import PALETTES, Theme
from kpi_core.charts.spec import Spec
from kpi_core.charts.track import AROUND, NAME_HEIGHT
from kpi_core.charts.track_geometry import HEADROOM, apart
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language
from kpi_core.reports.kpi import KpiReport
from tests.charts.conftest import COUNTS, Layer, days, drawn, kpi, layers, leaves, rows
from tests.reports.conftest import Scene, mqls, plan_text

COLOUR = re.compile(r"#[0-9a-f]{6}")
DOTTED = [1, 5]


def at(layer: Layer) -> list[float]:
    return [row["y"] for row in rows(layer)]


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
    """What holds for every track: its own data in it, and numbers that are numbers."""
    json.dumps(spec, allow_nan=False)
    assert "datasets" not in spec
    for layer in spec["layer"]:
        assert set(layer["data"]) == {"values"}
        assert rows(layer)


def test_its_axes_are_labelled_by_the_reports_own_texts(november: KpiReport) -> None:
    spec = drawn(november, language=Language.JA)
    is_sound(spec)
    x, y = (spec["layer"][0]["encoding"][axis]["axis"] for axis in "xy")
    assert x["values"] == [2, 9, 16, 23, 30]
    assert x["labelExpr"].startswith('["11/2", "11/9", "11/16", "11/23", "11/30"][')
    assert y["values"] == [0, 20, 40]
    assert y["labelExpr"].startswith('["0", "20", "40"][')


def test_the_plan_line_and_the_floor_are_told_apart_without_colour(november: KpiReport) -> None:
    plan, floor = layers(drawn(november), "line")[:2]
    assert at(plan) == [0, *(day.plan for day in november.track)]
    assert at(floor) == [0, *(day.floor for day in november.track)]
    # [1, 0] has no gaps: the plan line is solid.
    assert plan["mark"]["strokeDash"] == [1, 0]
    assert floor["mark"]["strokeDash"][1] > 0


def test_checkpoints_are_labelled_in_lines_of_equal_number(november: KpiReport) -> None:
    label = next(layer for layer in layers(drawn(november), "text") if "long" in rows(layer)[0])
    # Only the missed one says how often that is chance.
    assert [row["long"] for row in rows(label)] == [
        ["× Nov 9", "Needed 10", "by chance 1 in 3"],
        ["✓ Nov 16", "Needed 20", ""],
        ["Nov 24", "Needed 30", ""],
        ["Nov 30", "Needed 50", ""],
    ]
    # Where there is little room.
    assert [row["short"] for row in rows(label)] == [
        ["× 9", "10"],
        ["✓ 16", "20"],
        ["24", "30"],
        ["30", "50"],
    ]


def is_dotted(layer: Layer) -> bool:
    dash: list[int] = layer["mark"].get("strokeDash", [])
    return dash == DOTTED


def test_a_month_that_is_over_has_no_landing(october: KpiReport) -> None:
    spec = drawn(october)
    is_sound(spec)
    assert not [layer for layer in layers(spec, "line") if is_dotted(layer)]
    assert len(layers(spec, "area")) == 1  # the one under the line
    assert set(names(spec)) == {"Plan 50", "Floor 40"}
    label = next(layer for layer in layers(spec, "text") if "long" in rows(layer)[0])
    assert [row["long"][0][0] for row in rows(label)] == ["✓", "✓", "✓", "×"]
    assert {len(row["long"]) for row in rows(label)} == {2}  # the month's end tells no odds


def test_without_a_target_there_is_the_values_line_alone(scene: Scene) -> None:
    scene.plan(plan_text(targets=""))
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    report = kpi(scene, "2026-11-10 09:00")
    spec = drawn(report)
    is_sound(spec)
    lines = [layer for layer in layers(spec, "line") if not is_dotted(layer)]
    assert [at(line) for line in lines] == [[0, *values_reached(report)]]
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
    assert at(layers(spec, "line")[-1]) == [0, 1]


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
    height = 320 - AROUND
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
def test_values_moved_apart_are_apart_in_the_same_order_and_below_the_top(
    values: list[float], gap: float
) -> None:
    top = 1.1e9
    places = apart(values, gap, top)
    assert len(places) == len(values)
    # Floats this large are spaced by a ten-millionth.
    assert all(upper - lower >= gap - 1e-6 for lower, upper in pairwise(sorted(places)))
    assert all(0 <= place <= top for place in places)
    for one, place_of_one in zip(values, places, strict=True):
        for other, place_of_other in zip(values, places, strict=True):
            if one < other:
                assert place_of_one < place_of_other


def test_values_are_moved_up_where_they_overlap_and_down_again_below_the_top() -> None:
    assert apart([10, 50, 80], 20, 100) == [10, 50, 80]
    assert apart([10, 15, 80], 20, 100) == [10, 30, 80]
    assert apart([98, 95, 10], 20, 100) == [100, 80, 10]


def test_long_numbers_take_the_short_labels_sooner(scene: Scene) -> None:
    amount = 'kind = "sum"\nof = "amount"'
    text = plan_text("targets.default = 1234567890")
    scene.plan(text.replace('kind = "count"', amount))
    scene.leads(mqls(COUNTS), through="2026-11-22", amount=1e7)
    spec = drawn(kpi(scene, "2026-11-22 13:00"))
    label = next(layer for layer in layers(spec, "text") if "long" in rows(layer)[0])
    # Four times "Needed 1,234,567,890" of 20 signs, 8 pixels each.
    assert label["mark"]["text"]["expr"].startswith("width < 640 ?")


def test_the_newest_points_label_stands_below_it_where_there_is_room(november: KpiReport) -> None:
    mark = newest_label(drawn(november))
    assert (mark["baseline"], mark["dy"]) == ("top", 9)


def test_the_newest_points_label_stands_above_it_near_the_ground(scene: Scene) -> None:
    scene.plan(plan_text())
    scene.leads(mqls({"2026-11-04": 1}), through="2026-11-10")
    mark = newest_label(drawn(kpi(scene, "2026-11-10 09:00")))
    assert (mark["baseline"], mark["dy"]) == ("bottom", -9)


def newest_label(spec: Spec) -> dict[str, Any]:
    mark: dict[str, Any] = next(
        layer["mark"] for layer in layers(spec, "text") if layer["mark"].get("dx") == 9
    )
    return mark


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


def test_a_ceiling_is_a_level_line_with_an_even_one_below_it(scene: Scene) -> None:
    scene.plan(plan_text(targets='direction = "down"\ntargets.default = 20'))
    scene.leads(mqls({"2026-11-04": 3}), through="2026-11-10")
    report = kpi(scene, "2026-11-10 09:00")
    spec = drawn(report)
    is_sound(spec)
    lines = [layer for layer in layers(spec, "line") if not is_dotted(layer)]
    ceiling, even, _ = lines  # and what was reached
    assert at(ceiling) == [20, 20]
    assert (at(even)[0], at(even)[-1]) == (0, 20)
    assert [name for name in names(spec) if name.startswith("Ceiling 20")]
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
    assert layers(spec, "area") == []
    assert [name for name in names(spec) if name.startswith("Target 50%")]
