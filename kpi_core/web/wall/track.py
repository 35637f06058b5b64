"""The month's track as SVG that fits any screen: lines stretch, texts do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kpi_core.charts.track_geometry import (
    Checkpoint,
    Point,
    TrackGeometry,
    apart,
    track_geometry,
)
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport
from kpi_core.reports.narrative import takeaway
from kpi_core.web.wall import TEMPLATES

KINDS = {True: "passed", False: "missed", None: "due"}
"""A checkpoint's class in the style sheet."""


APART = 20.0
"""Percent of the track's height between two names at its right end."""


@dataclass(frozen=True)
class Track:
    """The month's track as SVG, '' where there is no line, and the names of its lines."""

    svg: str
    names: tuple[str, ...]


def wall_track(report: KpiReport, words: Words) -> Track:
    """The track: plan, floor, forecast, checkpoints; days below it, names at its right end."""
    track = track_geometry(report, words)
    if track.is_empty:
        return Track("", ())
    weeks = [each for each in track.checkpoints if not each.is_end]
    due = next((each for each in weeks if each.passed is None), None)
    svg = TEMPLATES.render(
        "track.html",
        takeaway=takeaway(report, words),
        paths=list(_paths(track)),
        stamps=[_stamp(each, track, is_next=each is due) for each in weeks],
        days=_days(track, report, words),
        names=list(_names(track)),
        now=_percent(track.reached[-1], track) if track.reached else None,
    )
    return Track(svg, tuple(each.text for each in track.end_labels))


def _percent(point: Point, track: TrackGeometry) -> Point:
    """A point from the left and from above, in percent of width and height."""
    x, value = point
    return 100 * x / track.days, 100 * (1 - value / track.top)


def _stamp(each: Checkpoint, track: TrackGeometry, *, is_next: bool) -> dict[str, object]:
    """A checkpoint as a chip above its line: its verdict, or what is needed by then."""
    separator = " " if each.passed is not None else ": "
    said = each.mark if each.passed is not None else each.needed
    return {
        "kind": KINDS[each.passed] + " next" * is_next,
        "place": _percent(each.place, track),
        "name": f"{each.name}{separator}{said}",
        "short": f"{each.short_name}{separator}{said}",
    }


def _days(track: TrackGeometry, report: KpiReport, words: Words) -> list[dict[str, object]]:
    """The first day, each checkpoint's, and the last."""
    formats, period = Formats(words.language), report.moment.period
    first = {"x": 0.0, "month": "", "name": formats.short_day(period.first), "kind": "first"}
    last = {"x": 100.0, "month": "", "name": formats.short_day(period.last), "kind": "last"}
    between = []
    for each in track.checkpoints:
        number = str(each.day_of_month)
        month = each.day.removesuffix(number)  # left out where days stand close together
        if not each.is_end and each.place[0] > 1:
            x = _percent(each.place, track)[0]
            between.append({"x": x, "month": month, "name": number, "kind": ""})
    return [first, *between, last]


def _names(track: TrackGeometry) -> Iterator[dict[str, object]]:
    """The lines' names at their ends, apart from one another."""
    ends = [100 * each.value / track.top for each in track.end_labels]
    for label, place in zip(track.end_labels, apart(ends, APART, 100.0), strict=True):
        yield {"kind": label.line.value, "y": 100 - place, "text": label.text}


def _paths(track: TrackGeometry) -> Iterator[tuple[str, str]]:
    def path(points: Sequence[Point]) -> str:
        placed = (_percent(point, track) for point in points)
        return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in placed)

    band = [
        *((x, high) for x, _, high in track.interval),
        *((x, low) for x, low, _ in reversed(track.interval)),
    ]
    lines: dict[str, Sequence[Point]] = {
        "plan": track.plan,
        "floor": track.floor,
        "band": band,
        "landing": track.forecast,
        "reached": track.reached,
    }
    for kind, points in lines.items():
        if kind == "reached" and points and track.adds_up:
            yield "area", f"{path([*points, (points[-1][0], 0.0)])}Z"
        if points:
            yield kind, path(points) + "Z" * (kind == "band")
