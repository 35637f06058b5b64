"""One KPI in one month: where it stands, where it will land, what was agreed for this case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.domain.chance import Spread
from kpi_core.domain.dispersion import CountedPast
from kpi_core.domain.pace import Pace, reaches
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Levels, Status
from kpi_core.evaluation.as_of import Moment, moment_of
from kpi_core.evaluation.judgement import judge, matures_on
from kpi_core.evaluation.month_end import Landing, NoLanding, landing_of
from kpi_core.evaluation.values import evaluate
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicator import Basis, Days, Definition
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.targets import target_on


@dataclass(frozen=True)
class Stamp:
    """A checkpoint on the month's track. `passed` is None until data reach the end of its day.

    `number` counts from 1, `of` is how many there are before the month's end, which is the last.
    `needed` is the value due by the end of day `on`: the whole target at the month's end, None
    without one. `odds` is the chance that a team on plan misses it, None where that is unknown
    and at the month's end.
    """

    number: int
    of: int
    on: date
    share: float
    needed: float | None
    value: float | None
    passed: bool | None
    odds: float | None

    @property
    def is_end(self) -> bool:
        """The month's end."""
        return self.number > self.of


@dataclass(frozen=True)
class ClosedMonth:
    """How a month ended that is over. `is_covered`: its first working day is in the data, too."""

    month: Month
    value: float | None
    target: float | None
    status: Status
    is_covered: bool

    @property
    def is_missed(self) -> bool:
        """It had a target, and came short of it."""
        return self.status in _OF_STATUS

    @property
    def is_crisis(self) -> bool:
        """It ended in crisis, as far as all of it is known."""
        return self.is_covered and self.status is Status.CRISIS


@dataclass(frozen=True)
class TrackDay:
    """One day of the month's track; lines at the day's end. `value` is None after `as_of`.

    `plan` is the plan line; where less is better the ceiling line, for what does not grow the
    target. `floor` goes with the plan line alone.
    """

    day: date
    is_working: bool
    value: float | None
    floor: float | None
    plan: float | None


@dataclass(frozen=True)
class KpiReport:
    """Everything the board says of one KPI. `pace` is None where it is compared directly.

    `is_whole`: it counts whole things. `could_be_chance`: it is behind by no more than chance may
    carry a team on plan. `closed` is how the newest month that is over ended, this one or the one
    before; None where that is not known. `no_landing` is why there is no forecast, where there
    might be one.
    """

    id: str
    name: Text
    unit: Text
    owner: Text | None
    definition: Definition
    direction: Direction
    is_ratio: bool
    is_whole: bool
    basis: Basis
    levels: Levels
    moment: Moment
    value: float | None
    target: float | None
    share: float | None
    status: Status
    could_be_chance: bool
    pace: Pace | None
    landing: Landing | None
    no_landing: NoLanding | None
    matures_on: date | None
    stamps: tuple[Stamp, ...]
    track: tuple[TrackDay, ...]
    rules: tuple[Rule, ...]
    closed: ClosedMonth | None

    @property
    def needed_per_day(self) -> float | None:
        """What each remaining working day must bring; None where that cannot be said."""
        if self.pace is None or self.value is None or self.direction is Direction.DOWN:
            return None
        return self.pace.needed_per_day

    @property
    def missed(self) -> Stamp | None:
        """The newest stamped checkpoint, where it was missed."""
        stamped = [stamp for stamp in self.stamps if stamp.passed is not None]
        return stamped[-1] if stamped and not stamped[-1].passed else None


def kpi_report(
    plan: Plan,
    indicator: Indicator,
    days: Days,
    moment: Moment,
    *,
    spread: Spread | None,
    past: CountedPast | None = None,
    closed: Sequence[ClosedMonth] = (),
) -> KpiReport:
    """Judge an indicator of the plan at a moment. `days` must cover the month.

    `spread` and `past` are of the days before the moment, for the status and for the forecast.
    `closed` are the newest months that are over, at most two, one after the other, newest first.
    """
    values = _running(plan, indicator, days, moment)
    value = values[-1][1] if values else None
    judged = judge(plan, indicator, moment, value, spread)
    status = judged.verdict.status
    climbs = plan.grows(indicator) and indicator.direction is Direction.UP
    stamps = _stamps(plan, indicator, values, moment, spread) if climbs else ()
    landing: Landing | NoLanding | None = None
    if judged.pace is not None and value is not None and not moment.stale:
        target = judged.target if climbs else None
        falls = plan.can_fall(indicator)
        calendar = plan.work_calendar
        landing = landing_of(past, moment, calendar, value, target, can_fall=falls)
    return KpiReport(
        id=indicator.id,
        name=indicator.name,
        unit=indicator.unit,
        owner=indicator.owner,
        definition=indicator.definition,
        direction=indicator.direction,
        is_ratio=indicator.is_ratio,
        is_whole=indicator.is_whole,
        basis=indicator.shown_basis or Basis.EVENT,
        levels=plan.alert_levels,
        moment=moment,
        value=value,
        target=judged.target,
        share=judged.share,
        status=status,
        could_be_chance=judged.verdict.could_be_chance,
        pace=judged.pace,
        landing=landing if isinstance(landing, Landing) else None,
        no_landing=landing if isinstance(landing, NoLanding) else None,
        matures_on=matures_on(indicator, moment),
        stamps=stamps,
        track=_track(plan, indicator, values, moment),
        rules=_rules_in_force(plan, moment, stamps, status, closed),
        closed=closed[0] if closed else None,
    )


def closed_month(
    plan: Plan,
    indicator: Indicator,
    days: Days,
    month: Month,
    seen_at: Moment,
    data_since: date | None,
) -> ClosedMonth | None:
    """How a month ended; None while it is not over, and where there are no data of it.

    `seen_at` is where the clock and the data are now; `data_since` is the first day of which
    there are data, whatever they say.
    """
    calendar = plan.work_calendar
    period = calendar.period(month)
    if data_since is None or data_since > period.last:
        return None
    moment = moment_of(
        calendar,
        now=seen_at.now,
        data_through=seen_at.data_through,
        month=month,
        is_live=False,
        allowed_days=0,
    )
    if not moment.is_over:
        return None
    judged = judge(plan, indicator, moment, evaluate(plan, indicator, days, period), None)
    begins = next(iter(calendar.working_days(period)), period.first)
    status = judged.verdict.status
    return ClosedMonth(month, judged.value, judged.target, status, data_since <= begins)


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


def _stamps(
    plan: Plan, indicator: Indicator, values: Running, moment: Moment, spread: Spread | None
) -> tuple[Stamp, ...]:
    reached = dict(values)
    stamps = []
    lines = plan.lines_of(moment.month)
    for checkpoint in lines.checkpoints:
        target = target_on(indicator.targets, moment.month, moment.period, checkpoint.on)
        share = 1.0 if checkpoint.is_end else checkpoint.share
        needed = share * target if target else None
        value = reached.get(checkpoint.on) if checkpoint.on <= moment.last_closed else None
        passed = reaches(value, needed) if value is not None and needed is not None else None
        odds = None
        if spread is not None and target and needed is not None and not checkpoint.is_end:
            expected = target * lines.plan(checkpoint.working_day)
            odds = spread.chance_of_missing(needed, expected)
        of, on = checkpoint.of, checkpoint.on
        stamps.append(Stamp(checkpoint.number, of, on, share, needed, value, passed, odds))
    return tuple(stamps)


def _track(
    plan: Plan, indicator: Indicator, values: Running, moment: Moment
) -> tuple[TrackDay, ...]:
    reached = dict(values)
    lines, grows = plan.lines_of(moment.month), plan.grows(indicator)
    track, worked = [], 0
    for day in moment.period.days():
        is_working = plan.work_calendar.is_working(day)
        worked += is_working
        target = target_on(indicator.targets, moment.month, moment.period, day)
        floor = line = None
        if indicator.direction is Direction.DOWN and target is not None:
            line = target * lines.even(worked) if grows else target
        elif target and not grows:
            line = target
        elif target and lines.checkpoints:
            floor, line = target * lines.floor(worked), target * lines.plan(worked)
        track.append(TrackDay(day, is_working, reached.get(day), floor, line))
    return tuple(track)


_GRAVEST = (
    Occasion.TWO_MONTHS,
    Occasion.CRISIS,
    Occasion.WARNING,
    Occasion.MONTH_END,
    Occasion.ATTENTION,
)
"""Occasions from the gravest on; a missed checkpoint stands between the second and the third."""
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
    closed: Sequence[ClosedMonth],
) -> tuple[Rule, ...]:
    """The rule of the newest checkpoint if it was missed, of the alert level, of closed months.

    The gravest first: two months in crisis, a crisis, a checkpoint, then what is milder.

    A running month has none once its target is reached, nor where nothing is judged; a checkpoint
    passed later ends the rule of one missed before. The rules of the newest closed month hold
    through the month that follows: its end, if it was missed, and the escalation, if it and the
    month before ended in crisis.
    """
    occasions = []
    if not moment.is_over and status not in (Status.ACHIEVED, Status.STALE, Status.NO_TARGET):
        stamped = [stamp for stamp in stamps if stamp.passed is not None]
        if stamped and not stamped[-1].passed:
            occasions.append(Occasion.of_checkpoint(stamped[-1].number))
        if status in _OF_STATUS:
            occasions.append(_OF_STATUS[status])
    if closed and closed[0].is_missed:
        occasions.append(Occasion.MONTH_END)
    if len(closed) > 1 and all(each.is_crisis for each in closed):
        occasions.append(Occasion.TWO_MONTHS)
    occasions.sort(key=_gravity)
    return tuple(rule for occasion in occasions for rule in plan.rules if rule.when is occasion)


def _gravity(occasion: Occasion) -> int:
    return _GRAVEST.index(Occasion.WARNING if occasion.checkpoint is not None else occasion)
