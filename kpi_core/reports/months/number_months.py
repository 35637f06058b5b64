"""A number of a plan in its closed months, each by the definition that held then, or by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Status
from kpi_core.evaluation.history import tallies_of_data
from kpi_core.evaluation.values import evaluate
from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import plan_for
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.context import Scene, scene_of
from kpi_core.reports.indicators import Meaning
from kpi_core.reports.kpi import closed_month

MONTHS = 6


@dataclass(frozen=True)
class NumberMonth:
    """How a month ended. `is_break`: from it on the number means something else than before."""

    month: Month
    value: float | None
    target: float | None
    status: Status
    version: int
    is_break: bool


@dataclass(frozen=True)
class TwoCounts:
    """A closed month under two definitions; None where it cannot be known."""

    month: Month
    before: float | None
    after: float | None


def number_months(
    store: Store,
    plan_id: str,
    *,
    now: datetime,
    revisions: tuple[Revision, ...] | None = None,
    count: int = MONTHS,
) -> tuple[NumberMonth, ...]:
    """The newest closed months of the plan's first KPI with data, oldest first."""
    scene = scene_of(store, plan_id, now, None, revisions)
    found = []
    before: Meaning | None = None
    for month in _closed(scene, count + 1):
        plan = plan_for(scene.revisions, month)
        kpi = plan.indicator(scene.plan.kpi[0].id) if isinstance(plan, Plan) else None
        if not isinstance(plan, Plan) or kpi is None:
            before = None
            continue
        tallies = plan.tallies_of(kpi)
        store.register((*tallies, *tallies_of_data(plan, kpi)), zone=scene.zone)
        since = scene.first_day(tallies_of_data(plan, kpi))
        days = scene.days(tallies, plan.work_calendar.period(month))
        ended = closed_month(plan, kpi, days, month, scene.moment, since)
        if ended is None:
            continue
        means: Meaning = (tallies, kpi.definition.version)
        is_break = before is not None and means != before
        found.append(
            NumberMonth(month, ended.value, ended.target, ended.status, means[1], is_break)
        )
        before = means
    return tuple(found[-count:])


def under_two(
    store: Store, before: Plan, after: Plan, number: str, *, now: datetime
) -> tuple[TwoCounts, ...]:
    """The newest closed months of a number by two plans' definitions of it, oldest first.

    Months without data are left out. `now` has a zone.
    """
    calendar = after.work_calendar
    local = calendar.local(now)
    running = calendar.month_of(local.date())
    months = [running.plus(-n) for n in range(MONTHS, 0, -1)]
    counted = [_values(store, plan, number, months) for plan in (before, after)]
    return tuple(
        TwoCounts(month, *values)
        for month, *values in zip(months, *counted, strict=True)
        if any(value is not None for value in values)
    )


def _values(store: Store, plan: Plan, number: str, months: Sequence[Month]) -> list[float | None]:
    indicator = plan.indicator(number)
    if indicator is None:
        return [None for _ in months]
    tallies, zone = plan.tallies_of(indicator), plan.calendar.zone
    own = None if zone == store.zone else zone
    data = tallies_of_data(plan, indicator)
    store.register((*tallies, *data), zone=own)
    first = store.first_day(data, zone=own)
    periods = [plan.work_calendar.period(month) for month in months]
    days = store.daily(tallies, Period(periods[0].first, periods[-1].last), zone=own)
    return [
        evaluate(plan, indicator, days, period) if first and first <= period.last else None
        for period in periods
    ]


def _closed(scene: Scene, count: int) -> list[Month]:
    newest = scene.moment.month if scene.moment.is_over else scene.moment.month.plus(-1)
    return [newest.plus(-n) for n in range(count - 1, -1, -1)]
