"""A rule tried on the months so far: when it would have come into force."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from kpi_core.domain.calendar import end_of
from kpi_core.domain.pace import reaches
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.as_of import Moment, moment_of
from kpi_core.evaluation.history import days_seen, spread_of, tallies_of_data, tallies_of_history
from kpi_core.evaluation.judgement import judge
from kpi_core.evaluation.values import evaluate
from kpi_core.facts.store import Store
from kpi_core.plans.actions import Occasion
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Days
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.targets import target_on
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.context import scene_of
from kpi_core.reports.kpi import Stamp, closed_month, kpi_report

MONTHS = 24
"""Closed months that a rule is tried on."""
DAYS_RUNNING = 2
"""A level's rule counts as in force where this many working days in a row end at that level."""

_AT_LEVEL = {
    Occasion.ATTENTION: frozenset({Status.ATTENTION, Status.WARNING, Status.CRISIS}),
    Occasion.WARNING: frozenset({Status.WARNING, Status.CRISIS}),
    Occasion.CRISIS: frozenset({Status.CRISIS}),
}


@dataclass(frozen=True)
class TriedRule:
    """What a rule would have done. `odds` is the chance that a team on plan misses the checkpoint.

    `odds` is that of the running month, None for every other occasion and where it is unknown.
    """

    when: Occasion
    fired: tuple[Month, ...]
    odds: float | None = None


@dataclass(frozen=True)
class RuleTrial:
    """The closed months that have a target and data from their first working day on, and the rules.

    Oldest first. A rule that cannot be tried is left out: there are no checkpoints where less is
    better, or where the number does not add up through the month.
    """

    months: tuple[Month, ...]
    rules: tuple[TriedRule, ...]

    def of(self, when: Occasion) -> TriedRule | None:
        """The trial of the rule for an occasion; None where it cannot be tried."""
        return next((each for each in self.rules if each.when is when), None)


@dataclass(frozen=True)
class _Tried:
    """One closed month. `missed` are the numbers of its checkpoints that were missed."""

    month: Month
    ended: Status
    missed: frozenset[int]
    at_level: frozenset[Occasion]


def rule_trial(
    plan: Plan, kpi: Indicator, days: Days, seen_at: Moment, data_since: date | None
) -> RuleTrial:
    """The plan's rules on its closed months, as its own targets, checkpoints and levels have them.

    `days` must begin with the history of the oldest month; `data_since` is the first day of which
    there are data, whatever they say.
    """
    months = list(_months(plan, seen_at, data_since))
    found = []
    for month in months:
        tried = _try(plan, kpi, days, month, seen_at, data_since)
        if tried is not None:
            found.append(tried)
    rules = (_rule(plan, kpi, rule.when, found) for rule in plan.rules)
    known = {rule.when: rule for rule in rules if rule is not None}
    odds = _odds(plan, kpi, days, seen_at, data_since)
    return RuleTrial(
        tuple(each.month for each in found),
        tuple(
            TriedRule(when, each.fired, odds.get(when.checkpoint or 0))
            for when, each in known.items()
        ),
    )


def tried_rules(
    store: Store,
    plan_id: str,
    *,
    now: datetime,
    revisions: tuple[Revision, ...] | None = None,
) -> RuleTrial:
    """The rules of a plan's first KPI, tried on what the store holds. `now` has a zone.

    `revisions` are what the plan would be made of, where a change is tried. KeyError for a plan
    without a revision.
    """
    scene = scene_of(store, plan_id, now, None, revisions)
    plan, kpi = scene.plan, scene.plan.kpi[0]
    tallies = tallies_of_history(plan, kpi)
    store.register(tallies, zone=scene.zone)
    data_since = scene.first_day(tallies_of_data(plan, kpi))
    running = scene.moment.month
    first = plan.work_calendar.period(running.plus(-MONTHS - 12)).first
    days = scene.days(tallies, Period(first, scene.moment.period.last))
    return rule_trial(plan, kpi, days, scene.moment, data_since)


def _months(plan: Plan, seen_at: Moment, data_since: date | None) -> Iterator[Month]:
    """Closed months with data from their first working day on, oldest first."""
    if data_since is None or seen_at.data_through is None:
        return
    newest = seen_at.month if seen_at.is_over else seen_at.month.plus(-1)
    calendar = plan.work_calendar
    for back in range(MONTHS - 1, -1, -1):
        month = newest.plus(-back)
        period = calendar.period(month)
        working = calendar.working_days(period)
        if data_since <= (working[0] if working else period.first):
            yield month


def _try(
    plan: Plan,
    kpi: Indicator,
    days: Days,
    month: Month,
    seen_at: Moment,
    data_since: date | None,
) -> _Tried | None:
    ended = closed_month(plan, kpi, days, month, seen_at, data_since)
    if ended is None or ended.status is Status.NO_TARGET or ended.target is None:
        return None
    period = plan.work_calendar.period(month)
    missed = frozenset(
        checkpoint.number
        for checkpoint in plan.lines_of(month).checkpoints
        if not checkpoint.is_end
        and _is_missed(plan, kpi, days, month, checkpoint.on, checkpoint.share)
    )
    judged = _Judged(plan, kpi, days, month, period, data_since)
    return _Tried(month, ended.status, missed, judged.levels())


def _is_missed(
    plan: Plan, kpi: Indicator, days: Days, month: Month, on: date, share: float
) -> bool:
    """Whether a checkpoint was missed; never where the value or the target is unknown."""
    period = plan.work_calendar.period(month)
    target = target_on(kpi.targets, month, period, on)
    value = evaluate(plan, kpi, days, Period(period.first, on))
    return bool(target) and value is not None and not reaches(value, share * (target or 0))


@dataclass(frozen=True)
class _Judged:
    """The status of a month at the close of each of its working days, as it was known then."""

    plan: Plan
    kpi: Indicator
    days: Days
    month: Month
    period: Period
    data_since: date | None

    def levels(self) -> frozenset[Occasion]:
        """The levels that held at the close of two working days running, before the month's end."""
        working = [
            day
            for day in self.plan.work_calendar.working_days(self.period)
            if day < self.period.last
        ]
        held: dict[Occasion, int] = dict.fromkeys(_AT_LEVEL, 0)
        fired = set()
        for day in working:
            status = self._status(day)
            for level, statuses in _AT_LEVEL.items():
                held[level] = held[level] + 1 if status in statuses else 0
                if held[level] >= DAYS_RUNNING:
                    fired.add(level)
            if Occasion.CRISIS in fired:
                break
        return frozenset(fired)

    def _status(self, day: date) -> Status:
        moment = moment_of(
            self.plan.work_calendar,
            now=end_of(day),
            data_through=end_of(day),
            month=self.month,
            is_live=False,
            allowed_days=0,
        )
        value = evaluate(self.plan, self.kpi, self.days, Period(self.period.first, day))
        judged = judge(self.plan, self.kpi, moment, value, None).verdict
        if judged.status not in _AT_LEVEL[Occasion.WARNING] and not judged.could_be_chance:
            return judged.status
        # How far chance may carry it is worked out for the days that are behind, and no others.
        seen = days_seen(self.plan, moment, self.data_since)
        spread = spread_of(self.plan, self.kpi, self.days, seen)
        return judge(self.plan, self.kpi, moment, value, spread).verdict.status


def _rule(plan: Plan, kpi: Indicator, when: Occasion, months: list[_Tried]) -> TriedRule | None:
    if when.checkpoint is not None:
        if not plan.grows(kpi) or kpi.direction is Direction.DOWN:
            return None
        fired = (each.month for each in months if when.checkpoint in each.missed)
    elif when in _AT_LEVEL:
        fired = (each.month for each in months if when in each.at_level)
    elif when is Occasion.MONTH_END:
        fired = (each.month for each in months if each.ended in _AT_LEVEL[Occasion.ATTENTION])
    else:
        crises = {each.month for each in months if each.ended is Status.CRISIS}
        fired = (
            each.month
            for each in months
            if each.month.plus(-1) in crises and each.month.plus(-2) in crises
        )
    return TriedRule(when, tuple(fired))


def _odds(
    plan: Plan, kpi: Indicator, days: Days, seen_at: Moment, data_since: date | None
) -> dict[int, float | None]:
    """The chance of missing each checkpoint of the month that is running."""
    seen = days_seen(plan, seen_at, data_since)
    spread = spread_of(plan, kpi, days, seen)
    stamps: tuple[Stamp, ...] = kpi_report(plan, kpi, days, seen_at, spread=spread).stamps
    return {stamp.number: stamp.odds for stamp in stamps if not stamp.is_end}
