"""The management indicators: quiet until one is abnormal."""

from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.analysis.anomaly import BASELINE_WEEKS, Limits, is_abnormal, limits_before
from kpi_core.domain.aggregate import Tally
from kpi_core.domain.calendar import end_of
from kpi_core.domain.chance import Spread
from kpi_core.domain.period import Period
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.history import days_seen, spread_of, tallies_of_data, tallies_of_history
from kpi_core.evaluation.judgement import judge, matures_on
from kpi_core.evaluation.values import evaluate
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicator import Basis, Days
from kpi_core.plans.indicators import Indicator
from kpi_core.reports.context import Scene
from kpi_core.reports.plans import readable_plan

WEEK = timedelta(days=7)
WEEK_OF_MONTH = 1 / 4

Meaning = tuple[tuple[Tally, ...], int]


@dataclass(frozen=True)
class Week:
    """A closed week, Monday to Sunday. `is_break` marks the first week of another definition."""

    first: date
    value: float | None
    is_break: bool = False


@dataclass(frozen=True)
class Share:
    """One channel's part of the whole; '' is the part without a channel."""

    channel: str
    count: float
    share: float


@dataclass(frozen=True)
class IndicatorReport:
    """A management indicator in one month, with its closed weeks, oldest first.

    `value` is None where it cannot be known. `matures_on` is the day from which a cohort's
    value no longer grows, None once it has come and for every other kind.
    """

    id: str
    name: Text
    unit: Text
    owner: Text | None
    direction: Direction
    is_ratio: bool
    basis: Basis | None
    value: float | None
    target: float | None
    status: Status
    matures_on: date | None
    weeks: tuple[Week, ...]
    limits: Limits | None
    is_abnormal: bool
    shares: tuple[Share, ...]
    moment: Moment


@dataclass(frozen=True)
class _Trend:
    """`is_judged` is false for old data, and where weeks are not alike: activity bunches late."""

    weeks: tuple[Week, ...]
    is_judged: bool = True

    @property
    def limits(self) -> Limits | None:
        """What the weeks before the newest let expect."""
        return limits_before(self._values) if self.is_judged else None

    @property
    def is_abnormal(self) -> bool:
        """Whether the newest week lies outside."""
        return self.is_judged and is_abnormal(self._values)

    @property
    def _values(self) -> list[float | None]:
        """Week values for the limits: a definition's own weeks only."""
        last_break = max((n for n, week in enumerate(self.weeks) if week.is_break), default=0)
        return [week.value if n >= last_break else None for n, week in enumerate(self.weeks)]


def abnormal_indicators(scene: Scene) -> tuple[Text, ...]:
    """Names of the indicators whose newest closed week lies outside their natural limits."""
    trends = zip(scene.plan.indicators, _trends(scene), strict=True)
    return tuple(indicator.name for indicator, trend in trends if trend.is_abnormal)


def indicator_reports(scene: Scene) -> tuple[IndicatorReport, ...]:
    """All management indicators of the month; abnormal ones first, else in the plan's order."""
    plan = scene.plan
    tallies = {tally for each in plan.indicators for tally in plan.tallies_of(each)}
    days = scene.days(tuple(tallies), scene.moment.period)
    trends = zip(plan.indicators, _trends(scene), strict=True)
    reports = [_report(scene, indicator, days, trend) for indicator, trend in trends]
    return tuple(sorted(reports, key=lambda report: not report.is_abnormal))


def _report(scene: Scene, indicator: Indicator, days: Days, trend: _Trend) -> IndicatorReport:
    plan = scene.plan
    moment = scene.moment_for(indicator)
    known = moment.data_through is not None and moment.counted_through >= moment.period.first
    to_date = Period(
        moment.period.first,
        max(moment.period.first, min(moment.counted_through, moment.period.last)),
    )
    value = evaluate(plan, indicator, days, to_date) if known else None
    judged = judge(plan, indicator, moment, value, _spread(scene, indicator, moment))
    return IndicatorReport(
        id=indicator.id,
        name=indicator.name,
        unit=indicator.unit,
        owner=indicator.owner,
        direction=indicator.direction,
        is_ratio=indicator.is_ratio,
        basis=indicator.shown_basis,
        value=value,
        target=judged.target,
        status=judged.verdict.status,
        matures_on=matures_on(indicator, moment),
        weeks=trend.weeks,
        limits=trend.limits,
        is_abnormal=trend.is_abnormal,
        shares=_shares(scene, indicator, to_date) if known else (),
        moment=moment,
    )


def _spread(scene: Scene, indicator: Indicator, moment: Moment) -> Spread | None:
    """How an indicator with a target scatters; its history is not asked for where it has none."""
    plan = scene.plan
    if not indicator.targets or not plan.grows(indicator):
        return None
    tallies = tallies_of_history(plan, indicator)
    scene.store.register(tallies, zone=scene.zone)
    seen = days_seen(plan, moment, scene.first_day(tallies_of_data(plan, indicator)))
    days = {} if seen is None else scene.days(tallies, seen)
    return spread_of(plan, indicator, days, seen)


def _shares(scene: Scene, indicator: Indicator, period: Period) -> tuple[Share, ...]:
    least = indicator.least_by_channel
    if least is None:
        return ()
    (tally,) = indicator.tallies(None)
    counts = scene.store.by_channel((tally,), period, zone=scene.zone).get(tally, {})
    total = sum(counts.values())
    if total < least:
        return ()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Share(channel, count, count / total) for channel, count in ranked if count)


def _trends(scene: Scene) -> list[_Trend]:
    """The 13 newest closed weeks of each indicator, each week by the definition of its time."""
    windows = [_window(scene, indicator) for indicator in scene.plan.indicators]
    wanted = {tally for window in windows for point in window for tally in point.tallies}
    if not wanted:
        return [_Trend(()) for _ in windows]
    weeks = [point.week for window in windows for point in window]
    whole = Period(min(week.first for week in weeks), max(week.last for week in weeks))
    days = scene.days(tuple(wanted), whole)
    return [
        _Trend(
            _points(window, days),
            is_judged=indicator.weeks_are_alike and not scene.moment_for(indicator).stale,
        )
        for indicator, window in zip(scene.plan.indicators, windows, strict=True)
    ]


@dataclass(frozen=True)
class _Point:
    """One week of an indicator, with the plan and the definition that held then."""

    week: Period
    plan: Plan
    indicator: Indicator | None
    tallies: tuple[Tally, ...]

    @property
    def meaning(self) -> Meaning:
        """What it counts and the version of its definition; weeks of one are alike."""
        version = 0 if self.indicator is None else self.indicator.definition.version
        return self.tallies, version


def _window(scene: Scene, indicator: Indicator) -> list[_Point]:
    moment = scene.moment_for(indicator)
    if moment.data_through is None:
        return []
    points: list[_Point] = []
    then, found = scene.plan, scene.plan.indicator(indicator.id)
    tallies = then.tallies_of(indicator)
    for week in _closed_weeks(indicator, moment):
        month = scene.plan.work_calendar.month_of(week.last)
        plan = readable_plan(scene.revisions, month)
        if plan is not then:
            then, found = plan, plan.indicator(indicator.id)
            tallies = plan.tallies_of(found) if found else ()
        points.append(_Point(week, then, found, tallies))
    return points


def _points(window: list[_Point], days: Days) -> tuple[Week, ...]:
    """The weeks' values. Zeros before the first that is not are unknown; a ratio's are known."""
    weeks = []
    has_begun = False
    before: Meaning | None = None
    for point in window:
        value = None
        if point.indicator is not None:
            value = evaluate(
                point.plan, point.indicator, days, point.week, part_of_month=WEEK_OF_MONTH
            )
            has_begun = has_begun or bool(value) or point.indicator.is_zero_known
        is_break = before is not None and point.meaning != before
        weeks.append(Week(point.week.first, value if has_begun else None, is_break))
        before = point.meaning
    return tuple(weeks)


def _closed_weeks(indicator: Indicator, moment: Moment) -> list[Period]:
    """The 13 newest weeks that are over; for a cohort those that have matured."""
    through = moment.as_of
    if indicator.matures_after is not None:
        through = min(through, moment.cohorts_known() - indicator.matures_after)
    monday = (through - timedelta(days=through.weekday())).date()
    assert end_of(monday - timedelta(days=1)) <= through
    starts = [monday - WEEK * n for n in range(BASELINE_WEEKS + 1, 0, -1)]
    return [Period(start, start + timedelta(days=6)) for start in starts]
