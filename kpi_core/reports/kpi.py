"""One KPI in one month: where it stands, where it will land, what was agreed for this case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from kpi_core.domain.landing import Landing, run_rate_landing
from kpi_core.domain.pace import Pace, floor_share, plan_share, reaches
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Status
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Definition
from kpi_core.plans.indicators import Count, Indicator
from kpi_core.plans.ratio import Basis, Ratio
from kpi_core.plans.targets import target_on
from kpi_core.plans.values import Text
from kpi_core.reports.evaluate import Days, evaluate
from kpi_core.reports.moment import Moment
from kpi_core.reports.standing import matures_on, standing


@dataclass(frozen=True)
class Stamp:
    """A checkpoint on the month's track. `passed` is None until its day is over.

    `needed` is the value due by the end of day `on`; at week 4, the month's end, that is the
    whole target. None without a target.
    """

    week: int
    on: date
    share: float
    needed: float | None
    value: float | None
    passed: bool | None


@dataclass(frozen=True)
class TrackDay:
    """One day of the month's track; lines at the day's end. `value` is None after `as_of`."""

    day: date
    is_working: bool
    value: float | None
    floor: float | None
    plan: float | None


@dataclass(frozen=True)
class KpiReport:
    """Everything the board says of one KPI. `pace` is None where it is compared directly."""

    id: str
    name: Text
    unit: Text
    owner: Text | None
    definition: Definition
    direction: Direction
    is_ratio: bool
    basis: Basis
    moment: Moment
    value: float | None
    target: float | None
    share: float | None
    status: Status
    pace: Pace | None
    landing: Landing | None
    matures_on: date | None
    stamps: tuple[Stamp, ...]
    track: tuple[TrackDay, ...]
    rules: tuple[Rule, ...]

    @property
    def needed_per_day(self) -> float | None:
        """What each remaining working day must bring; None where that cannot be said."""
        return self.pace.needed_per_day if self.pace and self.value is not None else None

    @property
    def missed(self) -> Stamp | None:
        """The newest stamped checkpoint, where it was missed."""
        stamped = [stamp for stamp in self.stamps if stamp.passed is not None]
        return stamped[-1] if stamped and not stamped[-1].passed else None


def kpi_report(
    plan: Plan, indicator: Indicator, days: Days, moment: Moment, *, crisis_before: bool
) -> KpiReport:
    """Judge an indicator of the plan at a moment. `days` must cover the month.

    `crisis_before` says whether the month before ended in crisis.
    """
    values = _running(plan, indicator, days, moment)
    value = values[-1][1] if values else None
    stands = standing(plan, indicator, moment, value)
    stamps = _stamps(plan, indicator, values, moment) if indicator.grows else ()
    landing = None
    if stands.pace is not None and value is not None and not moment.stale:
        pace, working = stands.pace, plan.work_calendar.working_days(moment.period)
        per_day = _per_working_day(values, working[: pace.days_elapsed], moment.last_closed)
        is_count = isinstance(indicator, Count)
        landing = run_rate_landing(value, per_day, pace.days_left, counts=is_count)
    return KpiReport(
        id=indicator.id,
        name=indicator.name,
        unit=indicator.unit,
        owner=indicator.owner,
        definition=indicator.definition,
        direction=indicator.direction,
        is_ratio=isinstance(indicator, Ratio),
        basis=indicator.basis if isinstance(indicator, Ratio) else Basis.EVENT,
        moment=moment,
        value=value,
        target=stands.target,
        share=stands.share,
        status=stands.status,
        pace=stands.pace,
        landing=landing,
        matures_on=matures_on(indicator, moment),
        stamps=stamps,
        track=_track(plan, indicator, values, moment),
        rules=_rules_in_force(plan, moment, stamps, stands.status, crisis_before=crisis_before),
    )


def ended_in_crisis(plan: Plan, indicator: Indicator, days: Days, month: Month) -> bool:
    """Whether a month that is over ended below the warning level; False without a target."""
    period = plan.work_calendar.period(month)
    target = target_on(indicator.targets, month, period, period.last)
    value = evaluate(plan, indicator, days, period)
    if not target or value is None or not indicator.grows:
        return False
    return not reaches(value / target, plan.alert_levels.warning)


Running = Sequence[tuple[date, float | None]]
"""The value from the month's start through each day, as far as it is counted."""


def _running(plan: Plan, indicator: Indicator, days: Days, moment: Moment) -> Running:
    first = moment.period.first
    last = min(moment.period.last, moment.counted_through)
    if last < first or moment.data_through is None:
        return ()
    return [
        (day, evaluate(plan, indicator, days, Period(first, day)))
        for day in Period(first, last).days()
    ]


def _per_working_day(values: Running, working: Sequence[date], last_closed: date) -> list[float]:
    """The gain of each closed working day, with the days off that follow it.

    Days off before the first join it; the newest day that is over ends the last.
    """
    cumulative = {day: value or 0.0 for day, value in values}
    gains, before = [], 0.0
    for _, following in zip_longest(working, working[1:]):
        end = following - timedelta(days=1) if following else min(last_closed, values[-1][0])
        gains.append(cumulative[end] - before)
        before = cumulative[end]
    return gains


def _stamps(plan: Plan, indicator: Indicator, values: Running, moment: Moment) -> tuple[Stamp, ...]:
    reached = dict(values)
    stamps = []
    checkpoints = plan.checkpoints_of(moment.month)
    for checkpoint in checkpoints:
        target = target_on(indicator.targets, moment.month, moment.period, checkpoint.on)
        is_end = checkpoint is checkpoints[-1]
        share = 1.0 if is_end else checkpoint.share
        needed = share * target if target else None
        value = reached.get(checkpoint.on) if checkpoint.on <= moment.last_closed else None
        passed = reaches(value, needed) if value is not None and needed is not None else None
        week = 4 if is_end else checkpoint.week
        stamps.append(Stamp(week, checkpoint.on, share, needed, value, passed))
    return tuple(stamps)


def _track(
    plan: Plan, indicator: Indicator, values: Running, moment: Moment
) -> tuple[TrackDay, ...]:
    reached = dict(values)
    checkpoints = plan.checkpoints_of(moment.month)
    track, elapsed = [], 0
    for day in moment.period.days():
        is_working = plan.work_calendar.is_working(day)
        elapsed += is_working
        target = target_on(indicator.targets, moment.month, moment.period, day)
        floor = plan_line = None
        if target and checkpoints and indicator.grows:
            floor = target * floor_share(checkpoints, elapsed)
            plan_line = target * plan_share(checkpoints, elapsed)
        track.append(TrackDay(day, is_working, reached.get(day), floor, plan_line))
    return tuple(track)


_OF_WEEK = {
    1: Occasion.WEEK_1,
    2: Occasion.WEEK_2,
    3: Occasion.WEEK_3,
    4: Occasion.MONTH_END,
}
_OF_STATUS = {
    Status.ATTENTION: Occasion.ATTENTION,
    Status.WARNING: Occasion.WARNING,
    Status.CRISIS: Occasion.CRISIS,
}


def _rules_in_force(
    plan: Plan,
    moment: Moment,
    stamps: Sequence[Stamp],
    status: Status,
    *,
    crisis_before: bool,
) -> tuple[Rule, ...]:
    """The rule of the newest checkpoint if it was missed, of the alert level, of the escalation.

    Nothing is in force once the target is reached, nor where nothing is judged. A checkpoint
    passed later ends the rule of one missed before, and the month's end that of an alert
    level. The escalation holds in a crisis that follows a month in crisis.
    """
    if status in (Status.ACHIEVED, Status.STALE, Status.NO_TARGET):
        return ()
    occasions = []
    stamped = [stamp for stamp in stamps if stamp.passed is not None]
    if stamped and not stamped[-1].passed:
        occasions.append(_OF_WEEK[stamped[-1].week])
    if status in _OF_STATUS and not moment.is_over:
        occasions.append(_OF_STATUS[status])
    if status is Status.CRISIS and crisis_before:
        occasions.append(Occasion.TWO_MONTHS)
    return tuple(rule for occasion in occasions for rule in plan.rules if rule.when is occasion)
