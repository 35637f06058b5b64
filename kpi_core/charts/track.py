"""The month's track as an Altair chart: on the page, and in the picture for chat and mail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from kpi_core.charts.palette import PADDING, PALETTES, Palette, Theme
from kpi_core.charts.track_geometry import (
    Checkpoint,
    Point,
    Tick,
    TrackGeometry,
    apart,
    track_geometry,
)
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.reports.kpi import KpiReport

FONT = (
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Hiragino Sans', 'Noto Sans JP', "
    "'Noto Sans CJK JP', Meiryo, system-ui, sans-serif"
)
AROUND = 80
"""Pixels of a chart's height that checkpoints' labels and days take above and below the lines."""
NAME_HEIGHT = 22
"""Pixels that a line's name takes of the lines' height."""
NAME_GAP = 10
"""Pixels between a line's end and its name."""
FONT_SIZE = 13
LINE_HEIGHT = 17
LABEL_HEIGHT = 30
"""Pixels below the newest point that its label takes; nearer to the ground it stands above."""
SIGN_WIDTH = 8
ROOM = 130
"""Pixels for each checkpoint below which its label is its day of the month and its number alone."""


def track_chart(
    report: KpiReport, words: Words, theme: Theme = "both", *, height: int = 320
) -> alt.LayerChart:
    """The track of one KPI, wide as its place. Without a target, the value's line alone."""
    palette, track = PALETTES[theme], track_geometry(report, words)
    layers = track_layers(track, palette, palette.tone(report.status), height=height - AROUND)
    chart: alt.LayerChart = layered(layers, palette, FONT).properties(
        height=height, width="container", background="transparent", padding=PADDING
    )
    return chart


def layered(layers: Sequence[alt.Chart], palette: Palette, font: str) -> alt.LayerChart:
    """The layers in one chart without a frame, its axes in the palette's colours."""
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .configure(font=font)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=palette.quiet,
            labelFontSize=FONT_SIZE,
            domainColor=palette.line,
            tickColor=palette.line,
            gridColor=palette.line,
            gridOpacity=0.5,
        )
    )
    return chart


def track_layers(
    track: TrackGeometry, palette: Palette, tone: str, *, height: int
) -> list[alt.Chart]:
    """The layers from back to front; `tone` is the status's, `height` the lines' in pixels."""
    if track.is_empty:
        return []
    canvas = _Canvas(track, palette, tone)
    return [
        *_lines(canvas),
        *_forecast(canvas),
        *_checkpoints(canvas),
        *_reached(canvas, height),
        *_end_labels(canvas, height),
    ]


@dataclass(frozen=True)
class _Canvas:
    """What the layers share: the track, its axes and its colours."""

    track: TrackGeometry
    palette: Palette
    tone: str

    def chart(self, rows: Sequence[dict[str, Any]]) -> alt.Chart:
        """A layer of rows that have an `x` and a `y`."""
        x_axis = alt.Axis(grid=False, labelOverlap=True, **_labels(self.track.day_ticks))
        y_axis = alt.Axis(domain=False, ticks=False, **_labels(self.track.value_ticks))
        return alt.Chart(alt.InlineData(values=[*rows])).encode(
            x=alt.X("x:Q", scale=alt.Scale(domain=[0, self.track.days], nice=False), axis=x_axis),
            y=alt.Y("y:Q", scale=alt.Scale(domain=[0, self.track.top], nice=False), axis=y_axis),
        )

    def points(self, points: Sequence[Point]) -> alt.Chart:
        """A layer of points."""
        return self.chart([{"x": x, "y": y} for x, y in points])


def _labels(ticks: Sequence[Tick]) -> dict[str, Any]:
    places = [place for place, _ in ticks]
    names = json.dumps([name for _, name in ticks])
    shown = f"{names}[indexof({json.dumps(places)}, datum.value)] || ''"
    return {"title": None, "values": places, "labelExpr": shown}


def _lines(canvas: _Canvas) -> list[alt.Chart]:
    """Plan line solid, floor dashed."""
    lines = ((canvas.track.plan, [1, 0]), (canvas.track.floor, [4, 4]))
    return [
        canvas.points(points).mark_line(
            color=canvas.palette.quiet, strokeDash=dash, strokeWidth=1.5
        )
        for points, dash in lines
        if points
    ]


def _forecast(canvas: _Canvas) -> list[alt.Chart]:
    """The interval as a wedge, the middle dotted."""
    layers = []
    if canvas.track.interval:
        rows = [{"x": x, "y": low, "high": high} for x, low, high in canvas.track.interval]
        wedge = canvas.chart(rows).mark_area(color=canvas.tone, opacity=0.16)
        layers.append(wedge.encode(y2=alt.Y2("high:Q")))
    if canvas.track.forecast:
        layers.append(
            canvas.points(canvas.track.forecast).mark_line(
                color=canvas.tone, strokeDash=[1, 5], strokeWidth=2.5, strokeCap="round"
            )
        )
    return layers


def _checkpoints(canvas: _Canvas) -> list[alt.Chart]:
    """A rule at each date, what is needed by then as an open point, the verdict above."""
    if not canvas.track.checkpoints:
        return []
    palette, checkpoints = canvas.palette, canvas.track.checkpoints
    lines = 3 if any(each.odds for each in checkpoints) else 2
    layer = canvas.chart([_row(each, lines) for each in checkpoints])
    ink = alt.Color(
        "passed:N",
        scale=alt.Scale(
            domain=["yes", "no", "open"],
            range=[palette.ink, palette.tone(Status.CRISIS), palette.quiet],
        ),
        legend=None,
    )
    rule = layer.mark_rule(color=palette.line, strokeWidth=1).encode(
        y=alt.value(0), y2=alt.value("height")
    )
    point = layer.mark_point(
        size=70, filled=True, fill=palette.ground, strokeWidth=1.8, opacity=1
    ).encode(stroke=ink)
    room = max(ROOM, *(SIGN_WIDTH * len(each.needed_label) for each in checkpoints))
    is_narrow = f"width < {room * len(checkpoints)}"
    label = layer.mark_text(
        text=alt.expr(f"{is_narrow} ? datum.short : datum.long"),
        align="center",
        baseline="top",
        fontSize=FONT_SIZE,
        lineHeight=LINE_HEIGHT,
        dy=alt.expr(f"-{LINE_HEIGHT} * ({is_narrow} ? 2 : {lines}) - 2"),
    ).encode(y=alt.value(0), color=ink)
    return [rule, point, label]


def _row(checkpoint: Checkpoint, lines: int) -> dict[str, Any]:
    x, needed = checkpoint.place
    mark = f"{checkpoint.mark} ".lstrip()
    return {
        "x": x,
        "y": needed,
        "long": [f"{mark}{checkpoint.day}", checkpoint.needed_label, checkpoint.odds][:lines],
        "short": [f"{mark}{checkpoint.day_of_month}", checkpoint.needed],
        "passed": {True: "yes", False: "no", None: "open"}[checkpoint.passed],
    }


def _reached(canvas: _Canvas, height: int) -> list[alt.Chart]:
    """What was reached, day by day, up to the last day counted."""
    track, tone, ground = canvas.track, canvas.tone, canvas.palette.ground
    if not track.reached:
        return []
    line, newest = canvas.points(track.reached), canvas.points(track.reached[-1:])
    layers = [
        line.mark_line(color=tone, strokeWidth=3.5, strokeCap="round", strokeJoin="round"),
        newest.mark_point(
            color=tone, filled=True, size=150, opacity=1, stroke=ground, strokeWidth=2
        ),
    ]
    if track.adds_up:  # what does not fills nothing
        layers.insert(0, line.mark_area(color=tone, opacity=0.10))
    if track.reached_label:
        is_low = track.reached[-1][1] / track.top * height < LABEL_HEIGHT
        layers += [
            newest.mark_text(
                text=track.reached_label,
                align="left",
                baseline="bottom" if is_low else "top",
                dx=9,
                dy=-9 if is_low else 9,
                color=tone,
                fontSize=14,
                fontWeight="bold",
                stroke=ground if halo else None,
                strokeWidth=5 if halo else 0,
            )
            for halo in (True, False)
        ]
    return layers


def _end_labels(canvas: _Canvas, height: int) -> list[alt.Chart]:
    """The names to the right of the lines' ends, moved apart where two would overlap."""
    labels, track = canvas.track.end_labels, canvas.track
    gap = track.top * NAME_HEIGHT / height
    places = apart([label.value for label in labels], gap, track.top - gap / 2)
    return [
        canvas.points([(track.days, place)]).mark_text(
            text=label.text,
            align="left",
            dx=NAME_GAP,
            color=canvas.tone if label.is_forecast else canvas.palette.quiet,
            fontSize=FONT_SIZE,
        )
        for label, place in zip(labels, places, strict=True)
    ]
