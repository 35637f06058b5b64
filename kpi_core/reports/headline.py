"""The sentence under the number that ends the thinking: where it will land, and what is left."""

from dataclasses import dataclass

from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.kpi import KpiReport


@dataclass(frozen=True)
class Headline:
    """Two halves, each of which may be empty: the forecast, and what is left to do."""

    forecast: str = ""
    left: str = ""

    def text(self, words: Words) -> str:
        """Both halves."""
        return words("board.sentence_gap").join(filter(None, (self.forecast, self.left)))


def headline(report: KpiReport, words: Words) -> Headline:
    """What the number means for the days that are left.

    The forecast is the board's own, from the first checkpoint on, or from the first working day
    where there are none. Nothing is said of data that are too old, and of a KPI without a target
    only where it will land.
    """
    if report.value is None or report.status is Status.STALE:
        return Headline()
    if not narrative.has_target(report) or report.target is None:
        return Headline(_forecast(report, words))
    gap = report.value - report.target
    if report.moment.is_over:
        return Headline(left=_at_the_end(gap, report, words))
    if report.pace is None:
        return Headline(left=_level(gap, report, words))
    if report.direction is Direction.DOWN:
        return _under_a_ceiling(gap, report, words)
    if reaches(report.value, report.target):
        return Headline(left=_reached(gap, report, words))
    return Headline(_forecast(report, words), _needed(report, words))


def _forecast(report: KpiReport, words: Words) -> str:
    landing = report.landing
    stamped = [stamp.passed for stamp in report.stamps if not stamp.is_end]
    is_due = any(passed is not None for passed in stamped) if stamped else report.pace is not None
    if landing is None or landing.low is None or not is_due or report.moment.is_over:
        return ""  # of a thin month there is a word alone, beside the number
    expected = narrative.rounded(landing.expected) or 0.0
    value = _counted(Formats(words.language).short(expected), report, words)
    if report.target is None or not narrative.has_target(report):
        return words("headline.forecast", value=value)
    gap = expected - report.target
    if reaches(expected, report.target):
        return words("headline.forecast_reaches", value=value)
    return words("headline.forecast_short", value=value, gap=_size(-gap, report, words))


def _needed(report: KpiReport, words: Words) -> str:
    pace = report.pace
    if pace is None or pace.missing is None:
        return ""
    missing = _size(pace.missing, report, words)
    if not pace.days_left or report.needed_per_day is None:
        return words("headline.no_days_left", missing=missing)
    if pace.days_left == 1:
        return words("headline.last_day", missing=missing)
    per_day = _counted(narrative.rounded_up(report.needed_per_day, report, words), report, words)
    return words("headline.needed", missing=missing, count=pace.days_left, per_day=per_day)


def _reached(gap: float, report: KpiReport, words: Words) -> str:
    above = _size(gap, report, words, good=True)
    is_more = gap >= 1 if report.is_whole else gap > 0
    if report.status is not Status.ACHIEVED:
        return words("headline.reached_so_far")
    return words("headline.reached_above", gap=above) if is_more else words("headline.reached")


def _under_a_ceiling(gap: float, report: KpiReport, words: Words) -> Headline:
    """Against the even line, and what may still come."""
    pace = report.pace
    if gap > 0:
        return Headline(left=words("headline.over_ceiling", gap=_size(gap, report, words)))
    if pace is None:
        return Headline()
    left = _size(-gap, report, words, good=True)
    rest = words("headline.room", left=left, count=pace.days_left)
    if pace.expected is None or not pace.has_begun:
        return Headline(left=rest)
    ahead = (report.value or 0.0) - pace.expected
    key = "headline.above_even" if ahead > 0 else "headline.below_even"
    return Headline(words(key, gap=_size(abs(ahead), report, words, good=ahead <= 0)), rest)


def _level(gap: float, report: KpiReport, words: Words) -> str:
    """A rate or a level, compared with its target as it is."""
    is_good = gap <= 0 if report.direction is Direction.DOWN else gap >= 0
    if report.is_ratio:
        points = Formats(words.language).stated(round(abs(gap) * 100, 1))
        if points == Formats(words.language).stated(0):
            return words("headline.at_target")
        key = "headline.points_above" if gap > 0 else "headline.points_below"
        return words(key, gap=points)
    if not gap:
        return words("headline.at_target")
    key = "headline.level_above" if gap > 0 else "headline.level_below"
    return words(key, gap=_size(abs(gap), report, words, good=is_good))


def _at_the_end(gap: float, report: KpiReport, words: Words) -> str:
    """How a month came out that is over."""
    if report.direction is Direction.DOWN:
        key = "headline.over_ceiling" if gap > 0 else "headline.stayed_under"
        return words(key, gap=_size(abs(gap), report, words, good=gap <= 0))
    if report.pace is None:
        return _level(gap, report, words)
    if not reaches(report.value or 0.0, report.target or 0.0):
        return words("headline.ended_short", gap=_size(-gap, report, words))
    return _reached(gap, report, words)


def _size(gap: float, report: KpiReport, words: Words, *, good: bool = False) -> str:
    return _counted(narrative.size(gap, report, words, good=good), report, words)


def _counted(number: str, report: KpiReport, words: Words) -> str:
    return Formats(words.language).counted(number, words.localize(report.unit))
