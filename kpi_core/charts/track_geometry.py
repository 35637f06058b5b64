"""The month's track as points and labels, computed once for every picture of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from kpi_core.domain.period import Period
from kpi_core.domain.status import Direction
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport, Stamp
from kpi_core.reports.narrative import (
    figure,
    needed_figure,
    odds_chip,
    rounded,
    short_week_name,
    week_name,
)

HEADROOM = 1.06
"""How far the value axis goes beyond the highest value."""
MARKS = {True: "✓", False: "×", None: ""}
"""A checkpoint's verdict as a sign that text fonts have."""

Point = tuple[float, float]
"""Days since the month began, and a value. What a day has reached stands at the day's end."""
Range = tuple[float, float, float]
"""A place, and two values there: low and high."""
Tick = tuple[float, str]
"""A place on an axis, and its label."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint at the end of its day. `passed` is None until data reach it.

    `place` is the day's end and the value needed by then; `odds` is empty unless it was missed.
    `name` is the week's, and `short_name` where there is little room.
    """

    place: Point
    passed: bool | None
    is_end: bool
    name: str
    short_name: str
    day: str
    day_of_month: int
    needed: str
    needed_label: str
    odds: str

    @property
    def mark(self) -> str:
        """Its verdict as a sign; empty while it is open."""
        return MARKS[self.passed]


class Line(StrEnum):
    """The lines of a track that have a name at the month's end."""

    TARGET = "target"
    FLOOR = "floor"
    FORECAST = "forecast"


@dataclass(frozen=True)
class EndLabel:
    """A line's name and value at the month's end."""

    value: float
    text: str
    line: Line

    @property
    def is_forecast(self) -> bool:
        """The line is the forecast."""
        return self.line is Line.FORECAST


@dataclass(frozen=True)
class TrackGeometry:
    """A track in units of its axes: x from 0 to `days`, y from 0 to `top`.

    `plan`, `floor` and `reached` are lines; `forecast` goes from the last of `reached` to the
    month's end. `interval` is what lies around it, from where it begins to where it leaves the
    picture: places, each with its low and its high end. Where less is better `plan` is the ceiling
    and `floor` the even line to it. Each is empty where there is none.
    `adds_up`: lines begin at nothing, and the one reached is filled. `reached_label` is the day
    and value of the last point reached, empty in a month that is over.
    """

    days: int
    top: float
    adds_up: bool
    plan: tuple[Point, ...]
    floor: tuple[Point, ...]
    reached: tuple[Point, ...]
    reached_label: str
    forecast: tuple[Point, ...]
    interval: tuple[Range, ...]
    checkpoints: tuple[Checkpoint, ...]
    end_labels: tuple[EndLabel, ...]
    day_ticks: tuple[Tick, ...]
    value_ticks: tuple[Tick, ...]

    @property
    def is_empty(self) -> bool:
        """There is no line to draw."""
        return not (self.plan or self.reached)


def track_geometry(report: KpiReport, words: Words) -> TrackGeometry:
    """The track of one KPI in its month."""
    period, formats = report.moment.period, Formats(words.language)
    plan, floor = _line(report, "plan"), _line(report, "floor")
    if report.direction is Direction.DOWN and report.pace is not None and report.target:
        plan, floor = ((0.0, report.target), (float(len(period)), report.target)), plan
    reached = _line(report, "value")
    forecast = _forecast(report, reached)
    points = (*plan, *floor, *reached, *forecast)
    highest = max([report.target or 0.0, *(value for _, value in points)]) or 1.0
    top = highest * HEADROOM
    label = ""
    if reached and not report.moment.is_over:
        day = formats.short_day(report.moment.counted_through)
        label = f"{day}\N{EN SPACE}{figure(report.value, report, words)}"
    return TrackGeometry(
        days=len(period),
        top=top,
        adds_up=report.pace is not None,
        plan=plan,
        floor=floor,
        reached=reached,
        reached_label=label,
        forecast=forecast,
        interval=_interval(report, forecast, top),
        checkpoints=tuple(
            _checkpoint(stamp, stamp.needed, report, words)
            for stamp in report.stamps
            if stamp.needed is not None
        ),
        end_labels=_end_labels(report, words),
        day_ticks=tuple((_x(day, period), formats.short_day(day)) for day in _days(period)),
        value_ticks=tuple((step, figure(step, report, words)) for step in _steps(highest)),
    )


def apart(values: Sequence[float], gap: float, top: float) -> list[float]:
    """The values, each at least `gap` from the next: moved up, and down again from `top`."""
    order = sorted(range(len(values)), key=values.__getitem__)
    places = list(values)
    for lower, upper in pairwise(order):
        places[upper] = max(places[upper], places[lower] + gap)
    for above, place in enumerate(reversed(order)):
        places[place] = min(places[place], top - gap * above)
    return places


def _x(day: date, period: Period) -> float:
    """The end of a day."""
    return float((day - period.first).days + 1)


def _line(report: KpiReport, column: str) -> tuple[Point, ...]:
    period = report.moment.period
    values = [(_x(day.day, period), getattr(day, column)) for day in report.track]
    points = [(x, value) for x, value in values if value is not None]
    begins = [(0.0, 0.0)] if points and report.pace is not None else []
    return (*begins, *points)


def _forecast(report: KpiReport, reached: tuple[Point, ...]) -> tuple[Point, ...]:
    """The line from the newest point to what is expected."""
    landing, moment = report.landing, report.moment
    if landing is None or not reached or moment.is_over:
        return ()
    return reached[-1], (float(len(moment.period)), landing.expected)


def _interval(report: KpiReport, forecast: tuple[Point, ...], top: float) -> tuple[Range, ...]:
    """The triangle between the ends of the forecast's interval, as far as the picture reaches.

    However wide it is, it never makes the lines small.
    """
    landing = report.landing
    if not forecast or landing is None or landing.low is None or landing.high is None:
        return ()
    (begins, value), (end, _) = forecast
    if landing.high <= top:
        return (begins, value, value), (end, landing.low, landing.high)
    leaves = (top - value) / (landing.high - value)
    low = value + leaves * (landing.low - value)
    return (
        (begins, value, value),
        (begins + leaves * (end - begins), low, top),
        (end, landing.low, top),
    )


def _checkpoint(stamp: Stamp, needed: float, report: KpiReport, words: Words) -> Checkpoint:
    needed_text = needed_figure(stamp, report, words)
    return Checkpoint(
        place=(_x(stamp.on, report.moment.period), needed),
        passed=stamp.passed,
        is_end=stamp.is_end,
        name=week_name(stamp, words),
        short_name=short_week_name(stamp, words),
        day=Formats(words.language).short_day(stamp.on),
        day_of_month=stamp.on.day,
        needed=needed_text,
        needed_label=words("board.checkpoint_needed", needed=needed_text),
        odds=odds_chip(stamp, words),
    )


def _end_labels(report: KpiReport, words: Words) -> tuple[EndLabel, ...]:
    def label(name: str, value: float, line: Line) -> EndLabel:
        return EndLabel(value, f"{words(name)} {figure(value, report, words)}", line)

    if not report.track:
        return ()
    last, labels = report.track[-1], []
    if last.plan is not None:
        labels.append(label(_line_name(report), last.plan, Line.TARGET))
    if last.floor is not None:
        labels.append(label("board.floor", last.floor, Line.FLOOR))
    if report.landing is not None and not report.moment.is_over:
        expected = rounded(report.landing.expected) or 0.0
        labels.append(label("board.forecast_line", expected, Line.FORECAST))
    return tuple(labels)


def _line_name(report: KpiReport) -> str:
    if report.pace is None:
        return "board.target_line"
    return "board.ceiling" if report.direction is Direction.DOWN else "board.plan_line"


def _days(period: Period) -> list[date]:
    """Mondays, and the first day where they leave room for it."""
    mondays = [day for day in period.days() if day.weekday() == 0]
    start = [period.first] if not mondays or (mondays[0] - period.first).days >= 3 else []
    return [*start, *mondays]


def _steps(highest: float) -> list[float]:
    """Round numbers from zero up to the highest value, at most five of them."""
    rough = highest / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [step * n for n in range(int(highest / step) + 1)]
