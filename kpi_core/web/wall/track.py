"""The month's track as SVG that fits any screen: lines stretch, texts do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from kpi_core.domain.period import Period
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports.kpi import KpiReport, Stamp
from kpi_core.reports.narrative import needed_figure, takeaway

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
    lines = "".join((*_lines(report, place), *_landing(report, place), *_reached(report, place)))
    texts = "".join((*_checkpoints(report, place, words), *_now(report, place)))
    alt = escape(takeaway(report, words), quote=True)
    return (
        f'<svg class="track" role="img" aria-label="{alt}">'
        f'<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none">{lines}</svg>'
        f"{texts}</svg>"
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


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    return f'<path class="{kind}" d="{_path(points)}"/>'


def _lines(report: KpiReport, place: _Place) -> Iterator[str]:
    for kind in ("plan", "floor"):
        values = [(day.day, getattr(day, kind)) for day in report.track]
        points = [(place.x(day), place.y(value)) for day, value in values if value is not None]
        if points:
            yield _line(kind, [*_origin(report), *points])


def _origin(report: KpiReport) -> list[tuple[float, float]]:
    """Where lines begin that add up; what does not begins with its first day."""
    return [] if report.pace is None else [(0.0, 100.0)]


def _landing(report: KpiReport, place: _Place) -> Iterator[str]:
    landing, moment = report.landing, report.moment
    if landing is None or report.value is None or moment.is_over:
        return
    begins = (place.x(moment.counted_through), place.y(report.value))
    if landing.low is not None and landing.high is not None:
        ends = [(100.0, place.y(landing.high)), (100.0, place.y(landing.low))]
        yield f'<path class="band" d="{_path([begins, *ends])}Z"/>'
    yield _line("landing", [begins, (100.0, place.y(landing.expected))])


def _reached(report: KpiReport, place: _Place) -> Iterator[str]:
    points = [
        (place.x(day.day), place.y(day.value)) for day in report.track if day.value is not None
    ]
    if points:
        drawn = [*_origin(report), *points]
        if report.pace is not None:
            yield f'<path class="area" d="{_path([*drawn, (points[-1][0], 100.0)])}Z"/>'
        yield _line("reached", drawn)


def _checkpoints(report: KpiReport, place: _Place, words: Words) -> Iterator[str]:
    """A rule at each date, above it stamp, date and what is needed by then.

    What is needed stands beside the date, on an upright screen below it.
    """
    formats = Formats(words.language)
    for stamp in report.stamps:
        if stamp.needed is None:
            continue
        x, y = place.x(stamp.on), place.y(stamp.needed)
        kind = {True: "passed", False: "missed", None: "due"}[stamp.passed]
        kind += " end" if stamp.is_end else ""
        edge = ' class="edge"' if x > 92 else ""
        mark, day = _mark(stamp), formats.short_day(stamp.on)
        when = f'{mark}<tspan class="when">{" " if mark else ""}{escape(day)}</tspan>'
        needed = needed_figure(stamp, report, words)
        yield (
            f'<g class="{kind}"><line x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%"/>'
            f'<circle cx="{x:.2f}%" cy="{y:.2f}%" r="7"/>'
            f'<text x="{x:.2f}%" y="0" dy="-0.35em"{edge}>{when}'
            f'<tspan class="beside"> {escape(needed)}</tspan></text>'
            f'<text class="below{" edge" if edge else ""}" x="{x:.2f}%" y="0" dy="-0.35em">'
            f"{escape(needed)}</text></g>"
        )


def _mark(stamp: Stamp) -> str:
    return {True: "✓", False: "✕", None: ""}[stamp.passed]


def _now(report: KpiReport, place: _Place) -> Iterator[str]:
    if report.value is not None:
        x = min(place.x(report.moment.counted_through), 100.0)
        yield f'<circle class="now" cx="{x:.2f}%" cy="{place.y(report.value):.2f}%" r="10"/>'
