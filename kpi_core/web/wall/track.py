"""The month's track as SVG that fits any screen: lines stretch, texts do not."""

from collections.abc import Iterator, Sequence

from kpi_core.charts.track_geometry import Point, TrackGeometry, track_geometry
from kpi_core.i18n.catalog import Words
from kpi_core.reports.kpi import KpiReport
from kpi_core.reports.narrative import takeaway
from kpi_core.web.wall import TEMPLATES

KINDS = {True: "passed", False: "missed", None: "due"}
"""A checkpoint's class in the style sheet."""


def track_svg(report: KpiReport, words: Words) -> str:
    """The track with floor, plan line, forecast and checkpoints; '' where there is no line."""
    track = track_geometry(report, words)
    if track.is_empty:
        return ""
    return TEMPLATES.render(
        "track.html",
        takeaway=takeaway(report, words),
        paths=list(_paths(track)),
        stamps=[
            {
                "kind": KINDS[each.passed] + " end" * each.is_end,
                "place": _percent(each.place, track),
                "mark": each.mark,
                "day": each.day,
                "needed": each.needed,
            }
            for each in track.checkpoints
        ],
        now=_percent(track.reached[-1], track) if track.reached else None,
    )


def _percent(point: Point, track: TrackGeometry) -> Point:
    """A point from the left and from above, in percent of width and height."""
    x, value = point
    return 100 * x / track.days, 100 * (1 - value / track.top)


def _paths(track: TrackGeometry) -> Iterator[tuple[str, str]]:
    def path(points: Sequence[Point]) -> str:
        placed = (_percent(point, track) for point in points)
        return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in placed)

    lines = {
        "plan": track.plan,
        "floor": track.floor,
        "band": track.interval,
        "landing": track.forecast,
        "reached": track.reached,
    }
    for kind, points in lines.items():
        if kind == "reached" and points and track.adds_up:
            yield "area", f"{path([*points, (points[-1][0], 0.0)])}Z"
        if points:
            yield kind, path(points) + "Z" * (kind == "band")
