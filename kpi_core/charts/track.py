"""The month's track: what was reached, the two lines it is held against, and where it will land."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import altair as alt
import pandas as pd

from kpi_core.charts.palette import PADDING, PALETTES, Palette, Theme
from kpi_core.domain.period import Period
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport, Stamp
from kpi_core.reports.narrative import figure, needed_figure, odds_chip, rounded

FONT = (
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Hiragino Sans', 'Noto Sans JP', "
    "'Noto Sans CJK JP', Meiryo, system-ui, sans-serif"
)
HEADROOM = 1.24
"""The part of the height above the highest value, where the checkpoints' labels stand."""
NAME_HEIGHT = 22
"""Pixels that a line's name takes of the chart's height."""
NAME_GAP = 10
"""Pixels between a line's end and its name."""
FONT_SIZE = 13

NARROW = 520
"""Pixels below which a checkpoint's label is its day of the month and its number alone."""

Rows = list[dict[str, object]]


def track_chart(
    report: KpiReport, words: Words, theme: Theme = "both", *, height: int = 320
) -> alt.LayerChart:
    """The track of one KPI, wide as its place. Without a target, the value's line alone."""
    frame = _Frame.of(report, words, PALETTES[theme])
    layers = [*_lines(frame), *_landing(frame), *_checkpoints(frame), *_reached(frame)]
    layers += _name_labels(frame, height)
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(height=height, width="container", background="transparent", padding=PADDING)
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=frame.palette.quiet,
            labelFontSize=FONT_SIZE,
            domainColor=frame.palette.line,
            tickColor=frame.palette.line,
            gridColor=frame.palette.line,
            gridOpacity=0.5,
        )
    )
    return chart


@dataclass(frozen=True)
class _Frame:
    """The report with everything that the layers share."""

    report: KpiReport
    words: Words
    formats: Formats
    palette: Palette
    x: alt.X
    top: float
    end: date

    @classmethod
    def of(cls, report: KpiReport, words: Words, palette: Palette) -> "_Frame":
        period = report.moment.period
        values = [day.value for day in report.track if day.value is not None]
        values += [day.plan for day in report.track if day.plan is not None]
        values += [report.target or 0.0]
        if report.landing is not None:
            values.append(report.landing.high or report.landing.expected)
        is_ja = words.language == "ja"
        axis = alt.Axis(
            format="%-m/%-d" if is_ja else "%b %-d",
            values=_ticks(period.first, period.last),
            grid=False,
            title=None,
            labelOverlap=True,
        )
        domain = [_stamp(period.first), _stamp(period.last)]
        return cls(
            report=report,
            words=words,
            formats=Formats(words.language),
            palette=palette,
            x=alt.X("day:T", scale=alt.Scale(domain=domain), axis=axis),
            top=(max(values, default=0.0) or 1.0) * HEADROOM,
            end=period.last,
        )

    def y(self, column: str) -> alt.Y:
        """The value's axis; all layers share one."""
        ticks = _steps(self.top / HEADROOM)
        names = [self.number(tick) for tick in ticks]
        axis = alt.Axis(
            title=None,
            values=ticks,
            labelExpr=f"{json.dumps(names)}[indexof({json.dumps(ticks)}, datum.value)] || ''",
            domain=False,
            ticks=False,
        )
        return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, self.top]), axis=axis)

    def number(self, value: float | None) -> str:
        """A value as the KPI's unit asks."""
        return figure(value, self.report, self.words)

    def needed(self, stamp: Stamp) -> str:
        """What is needed by a checkpoint."""
        return needed_figure(stamp, self.report, self.words)


def _stamp(day: date) -> str:
    """A day as local midnight: a bare date would be read as UTC and move with the browser."""
    return f"{day.isoformat()}T00:00:00"


def _ticks(first: date, last: date) -> list[str]:
    mondays = [day for day in Period(first, last).days() if day.weekday() == 0]
    start = [first] if not mondays or (mondays[0] - first).days >= 3 else []
    return [_stamp(day) for day in (*start, *mondays)]


def _steps(highest: float) -> list[float]:
    """Round numbers from zero up to the highest value, at most five of them."""
    rough = highest / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [step * n for n in range(int(highest / step) + 1)]


def _table(rows: Rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def _lines(frame: _Frame) -> list[alt.Chart]:
    """Plan line solid, floor dashed."""
    layers = []
    for column, dash in (("plan", [1, 0]), ("floor", [4, 4])):
        values = [(day.day, getattr(day, column)) for day in frame.report.track]
        rows: Rows = [{"day": day, "at": value} for day, value in values if value is not None]
        if not rows:
            continue
        line = alt.Chart(_table(rows)).mark_line(
            color=frame.palette.quiet, strokeDash=dash, strokeWidth=1.5
        )
        layers.append(line.encode(x=frame.x, y=frame.y("at")))
    return layers


def _landing(frame: _Frame) -> list[alt.Chart]:
    """From the last counted day to the month's end: the interval as a wedge, the middle dotted."""
    report = frame.report
    landing, moment = report.landing, report.moment
    if landing is None or report.value is None or moment.is_over:
        return []
    color = frame.palette.tone(report.status)
    layers = []
    if landing.low is not None:
        ends: Rows = [
            {"day": moment.counted_through, "low": report.value, "high": report.value},
            {"day": frame.end, "low": landing.low, "high": landing.high},
        ]
        wedge = alt.Chart(_table(ends)).mark_area(color=color, opacity=0.16)
        layers.append(wedge.encode(x=frame.x, y=frame.y("low"), y2=alt.Y2("high:Q")))
    middle: Rows = [
        {"day": moment.counted_through, "at": report.value},
        {"day": frame.end, "at": landing.expected},
    ]
    dotted = alt.Chart(_table(middle)).mark_line(
        color=color, strokeDash=[1, 5], strokeWidth=2.5, strokeCap="round"
    )
    return [*layers, dotted.encode(x=frame.x, y=frame.y("at"))]


def _names(frame: _Frame) -> list[tuple[float, str, str]]:
    """What each line is, with its value at the month's end: where it stands, text, colour."""
    report, words, palette = frame.report, frame.words, frame.palette
    names: list[tuple[float, str, str]] = []
    last = report.track[-1]
    if last.plan is not None:
        names.append((last.plan, words(_line_name(report)), palette.quiet))
    if last.floor is not None:
        names.append((last.floor, words("board.floor"), palette.quiet))
    if report.landing is not None and not report.moment.is_over:
        expected = rounded(report.landing.expected)
        names.append((expected or 0.0, words("board.landing"), palette.tone(report.status)))
    return [(at, f"{name} {frame.number(at)}", color) for at, name, color in names]


def _line_name(report: KpiReport) -> str:
    if report.pace is None:
        return "board.target_line"
    return "board.ceiling_line" if report.direction is Direction.DOWN else "board.plan_line"


def _name_labels(frame: _Frame, height: int) -> list[alt.Chart]:
    """The names to the right of the lines' ends, moved apart where two would overlap."""
    names = _names(frame)
    places = _apart([at for at, _, _ in names], frame.top * NAME_HEIGHT / height)
    layers = []
    for (_, text, color), place in zip(names, places, strict=True):
        row: Rows = [{"day": frame.end, "at": place}]
        label = alt.Chart(_table(row)).mark_text(
            text=text, align="left", dx=NAME_GAP, color=color, fontSize=FONT_SIZE
        )
        layers.append(label.encode(x=frame.x, y=frame.y("at")))
    return layers


def _apart(values: Sequence[float], gap: float) -> list[float]:
    """The values, each at least `gap` from the next, none moved below zero."""
    order = sorted(range(len(values)), key=values.__getitem__)
    places = list(values)
    for lower, upper in pairwise(order):
        places[upper] = max(places[upper], places[lower] + gap)
    return places


def _checkpoints(frame: _Frame) -> list[alt.Chart]:
    """A rule at each date, what is needed by then as an open point, the stamp above."""
    stamps = [stamp for stamp in frame.report.stamps if stamp.needed is not None]
    if not stamps:
        return []
    rows: Rows = [
        {
            "day": stamp.on,
            "at": stamp.needed,
            "top": frame.top,
            "name": f"{_mark(stamp)}{frame.formats.short_day(stamp.on)}",
            "short": f"{_mark(stamp)}{stamp.on.day}",
            "needed": frame.words("board.checkpoint_needed", needed=frame.needed(stamp)),
            "number": frame.needed(stamp),
            "odds": odds_chip(stamp, frame.words),
            "passed": {True: "yes", False: "no", None: "open"}[stamp.passed],
        }
        for stamp in stamps
    ]
    table = _table(rows)
    ink = alt.Color(
        "passed:N",
        scale=alt.Scale(
            domain=["yes", "no", "open"],
            range=[frame.palette.ink, frame.palette.tone(Status.CRISIS), frame.palette.quiet],
        ),
        legend=None,
    )
    rule = alt.Chart(table).mark_rule(color=frame.palette.line, strokeWidth=1).encode(x=frame.x)
    point = (
        alt.Chart(table)
        .mark_point(size=70, filled=True, fill=frame.palette.ground, strokeWidth=1.8, opacity=1)
        .encode(x=frame.x, y=frame.y("at"), stroke=ink)
    )
    label = (
        alt.Chart(table)
        .mark_text(
            text=alt.expr(
                f"width < {NARROW} ? [datum.short, datum.number] "
                ": [datum.name, datum.needed, datum.odds]"
            ),
            align="center",
            baseline="top",
            fontSize=FONT_SIZE,
            lineHeight=17,
            dy=2,
        )
        .encode(x=frame.x, y=frame.y("top"), color=ink)
    )
    return [rule, point, label]


def _mark(stamp: Stamp) -> str:
    return {True: "✓ ", False: "✕ ", None: ""}[stamp.passed]


def _reached(frame: _Frame) -> list[alt.Chart]:
    """What was reached, day by day, up to the last day counted."""
    report = frame.report
    rows: Rows = [
        {"day": day.day, "at": day.value} for day in report.track if day.value is not None
    ]
    if not rows:
        return []
    color = frame.palette.tone(report.status)
    table = _table(rows)
    opacity = 0.0 if report.pace is None else 0.10  # what does not add up fills nothing
    area = alt.Chart(table).mark_area(color=color, opacity=opacity, interpolate="monotone")
    line = alt.Chart(table).mark_line(
        color=color, strokeWidth=3.5, interpolate="monotone", strokeCap="round"
    )
    point = alt.Chart(table.tail(1)).mark_point(
        color=color, filled=True, size=150, opacity=1, stroke=frame.palette.ground, strokeWidth=2
    )
    layers = [mark.encode(x=frame.x, y=frame.y("at")) for mark in (area, line, point)]
    if not report.moment.is_over:
        day = frame.formats.short_day(report.moment.counted_through)
        text = f"{day}  {frame.number(report.value)}"
        for halo in (True, False):
            label = alt.Chart(table.tail(1)).mark_text(
                text=text,
                align="left",
                baseline="top",
                dx=9,
                dy=9,
                color=color,
                fontSize=14,
                fontWeight="bold",
                stroke=frame.palette.ground if halo else None,
                strokeWidth=5 if halo else 0,
            )
            layers.append(label.encode(x=frame.x, y=frame.y("at")))
    return layers
