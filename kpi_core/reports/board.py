"""The board: one KPI, and whether anything else needs a look."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Month, Period
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.forecast_basis import ForecastBasis, forecast_basis
from kpi_core.evaluation.history import (
    MONTHS,
    counted_past,
    days_seen,
    history_from,
    spread_of,
    tallies_of_data,
    tallies_of_history,
)
from kpi_core.evaluation.values import evaluate
from kpi_core.facts.figures import SourceReach
from kpi_core.facts.store import Store
from kpi_core.plans.actions import Action, Per
from kpi_core.plans.document import Kgi, Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicator import Days
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.revisions import plan_for
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.context import Scene, scene_of
from kpi_core.reports.indicators import IndicatorReport, Signal, indicator_reports, signals
from kpi_core.reports.kpi import ClosedMonth, KpiReport, closed_month, kpi_report

TRIES = 5
"""How often a report is recomputed while the data changes under it; then the last one is shown."""


@dataclass(frozen=True)
class ActionReport:
    """A KAI with what was done of it since `since`, through the day counted; None if unknown."""

    action: Action
    done: float | None
    since: date


@dataclass(frozen=True)
class BoardReport:
    """The board of one plan in one month. `months` can be shown too, newest first.

    `behind` is the regular source for which the data of the KPI are old, None where they are not
    or where no source holds them back.
    `nothing_fits`: there are data for the KPI's facts, and not one has ever met its definition.
    `zone` is the plan's, on whose clock all its moments are.
    `rebuilding`: the numbers are being recomputed; these are the last ones.
    """

    plan_id: str
    plan_name: Text
    months: tuple[Month, ...]
    kpi: KpiReport
    second_kpi: KpiReport | None
    kgi: Kgi
    csf: Text
    actions: tuple[ActionReport, ...]
    indicators: int
    signals: tuple[Signal, ...]
    behind: SourceReach | None
    nothing_fits: bool
    is_demo: bool
    data_version: int
    zone: str
    rebuilding: bool = False

    @property
    def abnormal(self) -> tuple[Text, ...]:
        """Names of the management indicators that need a look."""
        return tuple(signal.name for signal in self.signals)


def board_report(
    store: Store,
    plan_id: str,
    *,
    now: datetime,
    month: Month | None = None,
    revisions: tuple[Revision, ...] | None = None,
) -> BoardReport:
    """The board at a moment with a zone; `month` None is the month that the data have come to.

    `revisions` are what the plan would be made of, where a change is tried; None are those saved.
    All of it from one state of the data: asked again where they changed meanwhile. KeyError
    for a plan without a revision.
    """
    for _ in range(TRIES):
        report = _board_report(scene_of(store, plan_id, now, month, revisions))
        if store.data_version() == report.data_version:
            break
    return report


def _board_report(scene: Scene) -> BoardReport:
    store, plan, moment = scene.store, scene.plan, scene.moment
    tallies = {tally for each in plan.kpi for tally in tallies_of_history(plan, each)}
    store.register(tuple(tallies), zone=scene.zone)
    done = {action.id: Tally(TallyKind.MEASURE, name=action.measure) for action in plan.actions}
    first = history_from(plan, moment.month)
    days = scene.days((*tallies, *done.values()), Period(first, moment.period.last))
    first_day = scene.first_day(plan.tallies_of(plan.kpi[0]))
    first_kpi, *others = (_kpi_report(scene, each, days) for each in plan.kpi)
    nothing_fits = first_day is None and moment.data_through is not None
    if nothing_fits:  # no alarm: a definition that nothing meets says nothing of the team
        first_kpi = replace(first_kpi, status=Status.STALE, landing=None, rules=())
    return BoardReport(
        plan_id=plan.id,
        plan_name=plan.name,
        months=_months(scene, first_day),
        kpi=first_kpi,
        second_kpi=others[0] if others else None,
        kgi=plan.kgi,
        csf=plan.csf,
        actions=tuple(
            _action_report(action, days, done[action.id], moment) for action in plan.actions
        ),
        indicators=len(plan.indicators),
        signals=signals(scene),
        behind=_behind(scene),
        nothing_fits=nothing_fits,
        is_demo=store.holds_demo(),
        data_version=scene.data_version,
        zone=plan.calendar.zone,
        rebuilding=store.rebuilding is not None,
    )


def _kpi_report(scene: Scene, kpi: Indicator, days: Days) -> KpiReport:
    """One KPI of the scene; `days` begin with its history."""
    plan, moment = scene.plan, scene.moment_for(kpi)
    data_since = scene.first_day(tallies_of_data(plan, kpi))
    seen = days_seen(plan, moment, _counted_alike_since(scene, kpi, data_since))
    return kpi_report(
        plan,
        kpi,
        days,
        moment,
        spread=spread_of(plan, kpi, days, seen),
        past=counted_past(plan, kpi, days, seen),
        closed=tuple(_closed(scene, kpi, days, moment, data_since)),
    )


def _counted_alike_since(scene: Scene, kpi: Indicator, data_since: date | None) -> date | None:
    """The first day of the data that count the same, at most the months of a history back."""
    month = scene.moment.month
    if data_since is None or len(scene.revisions) == 1:
        return data_since
    for _ in range(MONTHS):
        if not _counts_alike(scene, kpi, month.plus(-1)):
            return max(data_since, scene.plan.work_calendar.period(month).first)
        month = month.plus(-1)
    return data_since


def _counts_alike(scene: Scene, kpi: Indicator, month: Month) -> bool:
    """Whether the plan of a month counts the KPI by the same facts."""
    plan = plan_for(scene.revisions, month)
    then = plan.indicator(kpi.id) if isinstance(plan, Plan) else None
    if not isinstance(plan, Plan) or then is None:
        return False
    return plan.tallies_of(then) == scene.plan.tallies_of(kpi)


def _closed(
    scene: Scene, kpi: Indicator, days: Days, moment: Moment, data_since: date | None
) -> Iterator[ClosedMonth]:
    """The newest month that is over and the one before it, as far as they count the same."""
    newest = moment.month if moment.is_over else moment.month.plus(-1)
    for month in (newest, newest.plus(-1)):
        plan = plan_for(scene.revisions, month)
        then = plan.indicator(kpi.id) if isinstance(plan, Plan) else None
        if not isinstance(plan, Plan) or then is None:
            return
        if plan.tallies_of(then) != scene.plan.tallies_of(kpi):
            return
        if then.definition.version != kpi.definition.version:
            return
        ended = closed_month(plan, then, days, month, moment, data_since)
        if ended is None:
            return
        yield ended


def _behind(scene: Scene) -> SourceReach | None:
    """The source that data are awaited from; None where none are, or it is anybody's guess."""
    plan, moment = scene.plan, scene.moment
    if not moment.is_old:
        return None
    return scene.coverage.behind(plan.tallies_of(plan.kpi[0]))


def forecast_report(
    store: Store, plan_id: str, *, now: datetime, month: Month | None = None
) -> ForecastBasis | None:
    """What the forecast on the same scene's board goes by; None where there is no forecast."""
    scene = scene_of(store, plan_id, now, month)
    plan, kpi = scene.plan, scene.plan.kpi[0]
    moment = scene.moment_for(kpi)
    first = history_from(plan, moment.month)
    days = scene.days(tallies_of_history(plan, kpi), Period(first, moment.period.last))
    report = _kpi_report(scene, kpi, days)
    data_since = scene.first_day(tallies_of_data(plan, kpi))
    seen = days_seen(plan, moment, _counted_alike_since(scene, kpi, data_since))
    past = counted_past(plan, kpi, days, seen)
    if report.landing is None or report.value is None or past is None or moment.is_over:
        return None

    def value_of(period: Period) -> float:
        return evaluate(plan, kpi, days, period) or 0.0

    return forecast_basis(
        past,
        moment,
        plan.work_calendar,
        report.value,
        report.target if kpi.direction is Direction.UP else None,
        can_fall=plan.can_fall(kpi),
        value_of=value_of,
    )


def management_report(
    store: Store, plan_id: str, *, now: datetime, month: Month | None = None
) -> tuple[IndicatorReport, ...]:
    """The management indicators of the same scene as the board's."""
    return indicator_reports(scene_of(store, plan_id, now, month))


def _months(scene: Scene, first_day: date | None) -> tuple[Month, ...]:
    """From the month that the data have come to back to the first that has any."""
    calendar = scene.plan.work_calendar
    through = scene.moment.data_through or scene.now
    newest = calendar.month_of((min(scene.now, through) - timedelta(microseconds=1)).date())
    oldest = min(calendar.month_of(first_day), newest) if first_day else newest
    count = (newest.year - oldest.year) * 12 + newest.number - oldest.number + 1
    return tuple(newest.plus(-n) for n in range(count))


def _action_report(action: Action, days: Days, tally: Tally, moment: Moment) -> ActionReport:
    through = min(moment.counted_through, moment.period.last)
    since = {
        Per.DAY: through,
        Per.WEEK: through - timedelta(days=through.weekday()),
        Per.MONTH: moment.period.first,
    }[action.per]
    values = days.get(tally, {})
    known = any(day >= moment.period.first for day in values)
    done = sum(value for day, value in values.items() if since <= day <= through)
    return ActionReport(action, done if known else None, since)
