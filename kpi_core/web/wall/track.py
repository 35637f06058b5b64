"""The month's track as SVG that fits any screen: lines stretch, texts do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.domain.period import Period
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport, Stamp
from kpi_core.reports.narrative import needed_figure, takeaway
from kpi_core.web.wall import TEMPLATES

HEADROOM = 1.06
"""The part of the height above the highest value."""


@dataclass(frozen=True)
class _Place:
    """Where days and values lie, in percent of width and height."""

    period: Period
    top: float

    def x(self, day: date) -> float:
        """A day's end; the month's first day begins at 0."""
        return 100 * ((day - self.period.first).days + 1) / len(self.period)

    def y(self, value: float) -> float:
        return 100 * (1 - value / self.top)


def track_svg(report: KpiReport, words: Words) -> str:
    """The track with floor, plan line, landing and stamps; '' where nothing can be drawn."""
    if not any(day.value is not None or day.plan is not None for day in report.track):
        return ""
    place = _Place(report.moment.period, _highest(report) * HEADROOM)
    return TEMPLATES.render(
        "track.html",
        takeaway=takeaway(report, words),
        paths=[*_lines(report, place), *_landing(report, place), *_reached(report, place)],
        stamps=[
            _stamp(each, place, report, words) for each in report.stamps if each.needed is not None
        ],
        now=_now(report, place),
    )


def _highest(report: KpiReport) -> float:
    values = [day.value for day in report.track if day.value is not None]
    values += [day.plan for day in report.track if day.plan is not None]
    values.append(report.target or 0.0)
    if report.landing is not None and not report.moment.is_over:
        values.append(report.landing.high or report.landing.expected)
    return max(values, default=0.0) or 1.0


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _lines(report: KpiReport, place: _Place) -> Iterator[tuple[str, str]]:
    for kind in ("plan", "floor"):
        values = [(day.day, getattr(day, kind)) for day in report.track]
        points = [(place.x(day), place.y(value)) for day, value in values if value is not None]
        if points:
            yield kind, _path([*_origin(report), *points])


def _origin(report: KpiReport) -> list[tuple[float, float]]:
    """Where lines begin that add up; what does not begins with its first day."""
    return [] if report.pace is None else [(0.0, 100.0)]


def _landing(report: KpiReport, place: _Place) -> Iterator[tuple[str, str]]:
    landing, moment = report.landing, report.moment
    if landing is None or report.value is None or moment.is_over:
        return
    begins = (place.x(moment.counted_through), place.y(report.value))
    if landing.low is not None and landing.high is not None:
        ends = [(100.0, place.y(landing.high)), (100.0, place.y(landing.low))]
        yield "band", f"{_path([begins, *ends])}Z"
    yield "landing", _path([begins, (100.0, place.y(landing.expected))])


def _reached(report: KpiReport, place: _Place) -> Iterator[tuple[str, str]]:
    points = [
        (place.x(day.day), place.y(day.value)) for day in report.track if day.value is not None
    ]
    if points:
        drawn = [*_origin(report), *points]
        if report.pace is not None:
            yield "area", f"{_path([*drawn, (points[-1][0], 100.0)])}Z"
        yield "reached", _path(drawn)


def _stamp(stamp: Stamp, place: _Place, report: KpiReport, words: Words) -> dict[str, object]:
    """A rule at its date, above it mark, date and what is needed by then."""
    kind = {True: "passed", False: "missed", None: "due"}[stamp.passed]
    return {
        "kind": f"{kind} end" if stamp.is_end else kind,
        "x": place.x(stamp.on),
        "y": place.y(stamp.needed or 0.0),
        "mark": {True: "✓", False: "✕", None: ""}[stamp.passed],
        "day": Formats(words.language).short_day(stamp.on),
        "needed": needed_figure(stamp, report, words),
    }


def _now(report: KpiReport, place: _Place) -> tuple[float, float] | None:
    if report.value is None:
        return None
    return min(place.x(report.moment.counted_through), 100.0), place.y(report.value)
