"""A management indicator's weeks as the browser takes them."""

import json
import re
from dataclasses import replace

import pytest

from kpi_core.charts.palette import PALETTES, Theme
from kpi_core.charts.spec import Spec, spec_of
from kpi_core.charts.trend import trend_chart
from kpi_core.domain.status import Status
from kpi_core.reports.indicators import IndicatorReport
from tests.charts.conftest import layers, leaves, rows
from tests.reports.conftest import Scene, plan_text
from tests.reports.test_indicators import THROUGH, WINS, indicator, wins

USUAL = [10, 12, 11, 9, 10, 12, 11, 9, 10, 12, 11, 9]
MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00")


def won(scene: Scene, weeks: list[int]) -> IndicatorReport:
    scene.plan(plan_text(rest=WINS))
    scene.leads(wins(weeks), through=THROUGH)
    return indicator(scene, "won")


def drawn(report: IndicatorReport, theme: Theme = "light") -> Spec:
    chart = trend_chart(report, theme)
    assert chart is not None
    return spec_of(chart)


def point_colour(spec: Spec) -> str:
    """The newest week's colour; it is the only point."""
    (point,) = layers(spec, "point")
    assert len(rows(point)) == 1
    colour: str = point["mark"]["color"]
    return colour


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_an_abnormal_week_has_a_colour(scene: Scene, theme: Theme) -> None:
    report = won(scene, [*USUAL, 40])
    spec, palette = drawn(report, theme), PALETTES[theme]
    assert point_colour(spec) == palette.tone(Status.CRISIS)
    assert rows(layers(spec, "point")[0])[0]["value"] == 40
    quiet = drawn(replace(report, signal=None), theme)
    assert point_colour(quiet) == palette.quiet
    for _, leaf in leaves(quiet):
        assert not (isinstance(leaf, str) and leaf.startswith("#")) or leaf == palette.quiet


def test_it_carries_its_weeks_from_monday_at_local_midnight(scene: Scene) -> None:
    spec = drawn(won(scene, [*USUAL, 14]))
    json.dumps(spec, allow_nan=False)
    assert "datasets" not in spec
    assert all(set(layer["data"]) == {"values"} for layer in spec["layer"])
    (line,) = layers(spec, "line")
    assert [row["value"] for row in rows(line)] == [*USUAL, 14]
    assert rows(line)[-1]["week"] == "2026-11-09T00:00:00"
    assert all(MIDNIGHT.fullmatch(row["week"]) for row in rows(line))


def test_the_band_is_each_weeks_usual_range_and_lies_within_the_chart(scene: Scene) -> None:
    report = won(scene, [*USUAL, 40])
    assert report.limits is not None
    (band,) = layers(drawn(report), "area")
    assert (rows(band)[-1]["low"], rows(band)[-1]["high"]) == (
        report.limits.low,
        report.limits.high,
    )
    assert len(rows(band)) == 5  # each week is judged by eight before it
    low, high = band["encoding"]["y"]["scale"]["domain"]
    assert low < report.limits.low
    assert high > 40


def test_without_limits_there_is_no_band(scene: Scene) -> None:
    report = won(scene, [10] * 7 + [90])
    assert report.limits is None
    assert layers(drawn(report), "area") == []


def test_weeks_that_are_not_known_are_left_out(scene: Scene) -> None:
    report = won(scene, [10] * 7 + [90])
    unknown = [week for week in report.weeks if week.value is None]
    assert unknown
    spec = drawn(report)
    json.dumps(spec, allow_nan=False)
    assert len(rows(layers(spec, "line")[0])) == len(report.weeks) - len(unknown)


@pytest.mark.parametrize("known", [0, 1])
def test_fewer_than_two_known_weeks_draw_nothing(scene: Scene, known: int) -> None:
    report = won(scene, [*USUAL, 14])
    weeks = tuple(
        week if n < known else replace(week, value=None) for n, week in enumerate(report.weeks)
    )
    assert trend_chart(replace(report, weeks=weeks), "light") is None


def test_a_new_definition_is_marked_by_a_dashed_rule(scene: Scene) -> None:
    report = won(scene, [10] * 13)
    weeks = tuple(replace(week, is_break=n == 7) for n, week in enumerate(report.weeks))
    (rule,) = layers(drawn(replace(report, weeks=weeks)), "rule")
    assert [row["week"][:10] for row in rows(rule)] == [str(weeks[7].first)]
    assert rule["mark"]["strokeDash"][1] > 0
    assert layers(drawn(report), "rule") == []


def test_weeks_all_alike_still_have_a_height(scene: Scene) -> None:
    spec = drawn(won(scene, [10] * 13))
    low, high = layers(spec, "line")[0]["encoding"]["y"]["scale"]["domain"]
    assert low < 10 < high
