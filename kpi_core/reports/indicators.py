"""The management indicators: quiet until one is abnormal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial

from kpi_core.analysis.anomaly import (
    STANDING_WEEKS,
    WINDOW_WEEKS,
    YEAR,
    Judgement,
    ObservedWeek,
    Series,
    Side,
    Unjudged,
    judge,
    judge_newest,
    openings,
)
from kpi_core.analysis.control_limits import Limits
from kpi_core.domain.aggregate import Tally
from kpi_core.domain.calendar import end_of
from kpi_core.domain.chance import Spread
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.history import days_seen, spread_of, tallies_of_data, tallies_of_history
from kpi_core.evaluation.judgement import judge as judge_by_target
from kpi_core.evaluation.judgement import matures_on
from kpi_core.evaluation.values import evaluate
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicator import Basis, Days
from kpi_core.plans.indicators import Indicator
from kpi_core.reports.context import Scene
from kpi_core.reports.plans import readable_plan

WEEK = timedelta(days=7)
WEEK_OF_MONTH = 1 / 4
SHOWN_WEEKS = 13

Meaning = tuple[tuple[Tally, ...], int]


@dataclass(frozen=True)
class Week:
    """A closed week, Monday to Sunday. `is_break` marks the first week of another definition.

    `limits` are what the weeks before it let expect of it; None where it is not judged.
    """

    first: date
    value: float | None
    is_break: bool = False
    limits: Limits | None = None


@dataclass(frozen=True)
class Signal:
    """An indicator that needs a look: a week outside of what the weeks before it let expect.

    `first` is its Monday; of a rate with few events four `weeks` are judged together, and it is
    the first of them.
    """

    id: str
    name: Text
    is_ratio: bool
    side: Side
    first: date
    weeks: int
    value: float
    low: float
    high: float


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
    value no longer grows, None once it has come and for every other kind. `openings` is how
    often it would have given a signal in the last 52 weeks, None where none of them is judged.
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
    judgement: Judgement
    signal: Signal | None
    openings: int | None
    shares: tuple[Share, ...]
    moment: Moment

    @property
    def limits(self) -> Limits | None:
        """What the weeks before let expect of the newest that is judged."""
        return self.judgement.limits

    @property
    def is_abnormal(self) -> bool:
        """Whether it needs a look."""
        return self.signal is not None


@dataclass(frozen=True)
class _Trend:
    """An indicator's closed weeks, oldest first. `reason` is why none of them is judged."""

    indicator: Indicator
    series: Series
    firsts: tuple[date, ...]
    values: tuple[float | None, ...]
    observed: tuple[ObservedWeek, ...]
    reason: Unjudged | None

    def judgement(self) -> Judgement:
        """Of the newest week, or of the last that can be judged."""
        if self.reason is not None:
            return Judgement(reason=self.reason)
        return judge_newest(self.series, self.observed)

    def signal(self, judgement: Judgement) -> Signal | None:
        """What a judgement says where the week lies outside; else None."""
        limits, value = judgement.limits, judgement.value
        if judgement.side is Side.WITHIN or limits is None or value is None:
            return None
        return Signal(
            id=self.indicator.id,
            name=self.indicator.name,
            is_ratio=self.indicator.is_ratio,
            side=judgement.side,
            first=self.firsts[-judgement.ago - judgement.weeks],
            weeks=judgement.weeks,
            value=value,
            low=limits.low,
            high=limits.high,
        )

    def shown(self) -> tuple[Week, ...]:
        """The 13 newest weeks, each with its own limits."""
        weeks = []
        for n in range(max(len(self.firsts) - SHOWN_WEEKS, 0), len(self.firsts)):
            found = Judgement(reason=self.reason)
            if self.reason is None:
                found = judge(self.series, self.observed[: n + 1])
            limits = found.limits if found.weeks == 1 else None
            is_break = self.observed[n].is_break
            weeks.append(Week(self.firsts[n], self.values[n], is_break, limits))
        return tuple(weeks)

    def openings(self) -> int | None:
        """How often a signal would have opened in the last 52 weeks."""
        return None if self.reason is not None else openings(self.series, self.observed)


def signals(scene: Scene) -> tuple[Signal, ...]:
    """The management indicators that need a look, in the plan's order."""
    found = (
        trend.signal(trend.judgement()) for trend in _trends(scene, WINDOW_WEEKS + STANDING_WEEKS)
    )
    return tuple(signal for signal in found if signal is not None)


def indicator_reports(scene: Scene) -> tuple[IndicatorReport, ...]:
    """All management indicators of the month; abnormal ones first, else in the plan's order."""
    plan = scene.plan
    tallies = {tally for each in plan.indicators for tally in plan.tallies_of(each)}
    days = scene.days(tuple(tallies), scene.moment.period)
    trends = _trends(scene, WINDOW_WEEKS + YEAR)
    reports = [_report(scene, trend.indicator, days, trend) for trend in trends]
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
    judged = judge_by_target(plan, indicator, moment, value, _spread(scene, indicator, moment))
    judgement = trend.judgement()
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
        weeks=trend.shown(),
        judgement=judgement,
        signal=trend.signal(judgement),
        openings=trend.openings(),
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


def _trends(scene: Scene, weeks: int) -> list[_Trend]:
    """So many of each indicator's newest closed weeks, each by the definition of its time."""
    plan_in = cache(partial(readable_plan, scene.revisions))
    windows = [_window(scene, indicator, weeks, plan_in) for indicator in scene.plan.indicators]
    wanted = {tally for window in windows for point in window for tally in point.tallies}
    days: Days = {}
    if wanted:
        found = [point.week for window in windows for point in window]
        whole = Period(min(week.first for week in found), max(week.last for week in found))
        days = scene.days(tuple(wanted), whole)
    pairs = zip(scene.plan.indicators, windows, strict=True)
    return [_trend(scene, indicator, window, days) for indicator, window in pairs]


def _trend(scene: Scene, indicator: Indicator, window: "list[_Point]", days: Days) -> _Trend:
    plan, reason = scene.plan, None
    if scene.moment_for(indicator).stale:
        reason = Unjudged.OLD_DATA
    elif not indicator.weeks_are_alike or indicator.least_by_channel is not None:
        reason = Unjudged.UNLIKE_WEEKS
    if indicator.is_count:
        series = Series.COUNT
    elif indicator.is_ratio:
        series = Series.RATE
    else:
        series = Series.SUM if plan.grows(indicator) else Series.LEVEL
    values = [_value(point, days) for point in window]
    started = next((n for n, value in enumerate(values) if value), len(values))
    observed: list[ObservedWeek] = []
    for n, (point, value) in enumerate(zip(window, values, strict=True)):
        is_break = n > 0 and point.meaning != window[n - 1].meaning
        observed.append(_observed(point, value, days, series, is_break=is_break))
    return _Trend(
        indicator,
        series,
        tuple(point.week.first for point in window),
        tuple(
            None if n < started and not indicator.is_zero_known else value
            for n, value in enumerate(values)
        ),
        tuple(observed),
        reason,
    )


def _observed(
    point: "_Point", value: float | None, days: Days, series: Series, *, is_break: bool
) -> ObservedWeek:
    """A week as it is judged."""
    working = frozenset(point.plan.work_calendar.working_days(point.week))
    week = ObservedWeek(value, len(working), is_break=is_break)
    if series is Series.LEVEL:
        return week
    if series is Series.RATE:
        if point.indicator is None or len(point.tallies) != 2:
            return replace(week, value=None)
        came, of = (_total(days, (tally,), point.week) for tally in point.tallies)
        least = point.indicator.least_sample * WEEK_OF_MONTH
        return replace(week, value=came, of=of, least_of=least)
    off = [day for day in point.week.days() if day not in working]
    return replace(week, on_days_off=_total(days, point.tallies, off))


def _total(days: Days, tallies: Sequence[Tally], period: "Period | list[date]") -> float:
    """The sum of some days; none of a period's."""
    wanted = period if isinstance(period, list) else list(period.days())
    return sum(days.get(tally, {}).get(day, 0.0) for tally in tallies for day in wanted)


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


def _window(
    scene: Scene, indicator: Indicator, weeks: int, plan_in: Callable[[Month], Plan]
) -> list[_Point]:
    moment = scene.moment_for(indicator)
    if moment.data_through is None:
        return []
    points: list[_Point] = []
    then, found = scene.plan, scene.plan.indicator(indicator.id)
    tallies = then.tallies_of(indicator)
    for week in _closed_weeks(indicator, moment, weeks):
        month = scene.plan.work_calendar.month_of(week.last)
        plan = plan_in(month)
        if plan is not then:
            then, found = plan, plan.indicator(indicator.id)
            tallies = plan.tallies_of(found) if found else ()
        points.append(_Point(week, then, found, tallies))
    return points


def _value(point: _Point, days: Days) -> float | None:
    if point.indicator is None:
        return None
    return evaluate(point.plan, point.indicator, days, point.week, part_of_month=WEEK_OF_MONTH)


def _closed_weeks(indicator: Indicator, moment: Moment, weeks: int) -> list[Period]:
    """So many of the newest weeks that are over; for a cohort those that have matured."""
    through = moment.as_of
    if indicator.matures_after is not None:
        through = min(through, moment.cohorts_known() - indicator.matures_after)
    monday = (through - timedelta(days=through.weekday())).date()
    assert end_of(monday - timedelta(days=1)) <= through
    starts = [monday - WEEK * n for n in range(weeks, 0, -1)]
    return [Period(start, start + timedelta(days=6)) for start in starts]
