"""The month's track as points, for the November that `tests/reports` works out."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.charts.track_geometry import (
    HEADROOM,
    Point,
    TrackGeometry,
    _steps,
    track_geometry,
)
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.wall.track import wall_track
from tests.charts.conftest import drawn, kpi, layers, rows
from tests.reports.conftest import Scene, mqls, plan_text

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?[\d.]+")


def geometry(report: KpiReport, language: Language = Language.EN) -> TrackGeometry:
    return track_geometry(report, Words(language))


def test_a_day_stands_at_its_end_and_what_adds_up_begins_at_nothing(november: KpiReport) -> None:
    track = geometry(november)
    values = [0] + [4] * 7 + [9] * 5 + [12] * 2 + [21] * 4 + [31] * 2
    assert track.days == 30
    assert track.adds_up
    assert track.reached == ((0, 0), *enumerate(values, start=1))
    assert track.plan[0] == track.floor[0] == (0, 0)
    assert (len(track.plan), track.plan[-1]) == (31, (30, 50))
    assert (len(track.floor), track.floor[-1]) == (31, (30, 40))
    assert track.reached_label == "Nov 21\N{EN SPACE}31"


def test_checkpoints_stand_at_the_end_of_their_days_with_their_verdicts(
    november: KpiReport,
) -> None:
    found = geometry(november).checkpoints
    assert [(each.place, each.passed, each.mark) for each in found] == [
        ((9, 10), False, "×"),
        ((16, 20), True, "✓"),
        ((24, pytest.approx(30)), None, ""),
        ((30, 50), None, ""),
    ]
    assert [each.is_end for each in found] == [False, False, False, True]
    assert [(each.day, each.day_of_month, each.needed_label) for each in found] == [
        ("Nov 9", 9, "Needed 10"),
        ("Nov 16", 16, "Needed 20"),
        ("Nov 24", 24, "Needed 30"),
        ("Nov 30", 30, "Needed 50"),
    ]
    in_japanese = geometry(november, Language.JA).checkpoints
    assert [each.day for each in in_japanese] == ["11/9", "11/16", "11/24", "11/30"]


def test_the_forecast_runs_from_the_last_day_counted_to_the_months_end(
    november: KpiReport,
) -> None:
    track, landing = geometry(november), november.landing
    assert landing is not None
    begin, (end, expected) = track.forecast
    assert (begin, end) == ((21, 31), 30)
    assert expected == landing.expected
    # The lines set the scale, and the interval ends where it leaves the picture.
    assert track.top == pytest.approx(50 * HEADROOM)
    assert landing.high is not None
    assert landing.low is not None
    assert landing.high > track.top
    begins, leaves, ends = track.interval
    assert begins == (21, 31, 31)
    gone = (track.top - 31) / (landing.high - 31)
    assert leaves == pytest.approx((21 + 9 * gone, 31 + gone * (landing.low - 31), track.top))
    assert ends == pytest.approx((30, landing.low, track.top))
    assert [tick for tick, _ in track.value_ticks] == [0, 20, 40]


def test_a_month_that_is_over_has_no_forecast_and_it_takes_no_room(october: KpiReport) -> None:
    track = geometry(october)
    assert (track.forecast, track.interval, track.reached_label) == ((), (), "")
    assert track.top == pytest.approx(50 * HEADROOM)
    assert [label.text for label in track.end_labels] == ["Plan 50", "Floor 40"]
    assert [each.passed for each in track.checkpoints] == [True, True, True, False]


def test_days_are_marked_by_mondays_and_by_the_first_where_there_is_room(
    november: KpiReport, october: KpiReport
) -> None:
    # November 2026 begins on a Sunday, October on a Thursday.
    assert geometry(november).day_ticks == (
        (2, "Nov 2"), (9, "Nov 9"), (16, "Nov 16"), (23, "Nov 23"), (30, "Nov 30"),
    )  # fmt: skip
    assert [name for _, name in geometry(october, Language.JA).day_ticks] == [
        "10/1", "10/5", "10/12", "10/19", "10/26",
    ]  # fmt: skip


def test_with_neither_data_nor_target_it_is_empty(scene: Scene) -> None:
    scene.plan(plan_text(targets=""))
    assert geometry(kpi(scene, "2026-11-10 09:00")).is_empty


def test_what_does_not_add_up_begins_with_its_first_day(scene: Scene) -> None:
    scene.plan(plan_text(rest="").replace('kind = "count"', RATIO).replace(STAGE, ""))
    told = [*mqls({"2026-11-04": 4}), ("2026-11-04-0", "sales_qualified", "2026-11-05")]
    scene.leads(told, through="2026-11-10")
    track = geometry(kpi(scene, "2026-11-10 09:00"))
    assert not track.adds_up
    # Four leads on the 4th, one of them accepted on the 5th.
    assert track.reached[:2] == ((4, 0), (5, 0.25))


RATIO = """kind = "ratio"
numerator = { stage = "sales_qualified" }
denominator = { stage = "marketing_qualified" }
min_sample = 2"""
STAGE = 'stage = "marketing_qualified"\n'


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


# --- the page and the wall draw the same points ---


def on_the_page(report: KpiReport) -> dict[str, list[Point]]:
    """The points of each line and of the checkpoints, as the chart has them."""
    spec = drawn(report)
    plan, floor, forecast, reached = layers(spec, "line")
    checkpoints = layers(spec, "point")[0]
    found = {"plan": plan, "floor": floor, "landing": forecast, "reached": reached}
    points = {kind: [(row["x"], row["y"]) for row in rows(layer)] for kind, layer in found.items()}
    points["checkpoints"] = [(row["x"], row["y"]) for row in rows(checkpoints)]
    band = rows(layers(spec, "area")[0])
    points["band"] = [
        *((each["x"], each["high"]) for each in band),
        *((each["x"], each["y"]) for each in reversed(band)),
    ]
    return points


def on_the_wall(report: KpiReport, days: int, top: float) -> dict[str, list[Point]]:
    """The same from the wall's SVG, its percents put back into days and values."""
    svg = ElementTree.fromstring(
        f'<g xmlns="{SVG[1:-1]}">{wall_track(report, Words(Language.EN)).svg}</g>'
    )

    def point(x: str, y: str) -> Point:
        return float(x) / 100 * days, (1 - float(y) / 100) * top

    points = {}
    for path in svg.iter(f"{SVG}path"):
        numbers = NUMBER.findall(path.attrib["d"])
        points[path.attrib["class"]] = [
            point(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)
        ]
    circles = [each.attrib for each in svg.iter(f"{SVG}circle") if "class" not in each.attrib]
    points["checkpoints"] = [point(each["cx"][:-1], each["cy"][:-1]) for each in circles]
    return points


def test_the_page_and_the_wall_draw_the_same_points(november: KpiReport) -> None:
    spec = drawn(november)
    x, y = (spec["layer"][0]["encoding"][axis]["scale"]["domain"] for axis in "xy")
    page, wall = on_the_page(november), on_the_wall(november, x[1], y[1])
    page["checkpoints"].pop()  # the month's end, which the wall names by its lines
    assert set(wall) == {*page, "area"}
    for kind, points in page.items():
        assert len(wall[kind]) == len(points), kind
        for seen, told in zip(wall[kind], points, strict=True):
            # The wall writes percents with two digits.
            assert seen == pytest.approx(told, abs=0.01), kind


def test_the_wall_fills_what_was_reached_down_to_the_ground(november: KpiReport) -> None:
    track = geometry(november)
    area = on_the_wall(november, track.days, track.top)["area"]
    assert area[-1] == pytest.approx((21, 0), abs=0.01)
    assert all(first[0] <= second[0] for first, second in pairwise(area))
