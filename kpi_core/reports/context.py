"""What every report of one plan begins with: the plan in force, the moment, and what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Month, Period
from kpi_core.evaluation.as_of import Moment, moment_of
from kpi_core.facts.figures import Coverage
from kpi_core.facts.store import Store
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Days
from kpi_core.plans.indicators import Indicator
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.plans import readable_plan


@dataclass(frozen=True)
class Scene:
    """One plan in one month. `now` and `coverage` are on the clock of the plan's zone.

    `home` is the workspace's zone.
    """

    store: Store
    revisions: tuple[Revision, ...]
    plan: Plan
    moment: Moment
    now: datetime
    coverage: Coverage
    home: str
    data_version: int

    @property
    def zone(self) -> str | None:
        """In whose days the plan counts; None is the workspace's zone."""
        own = self.plan.calendar.zone
        return None if own == self.home else own

    def moment_for(self, indicator: Indicator) -> Moment:
        """The same month for another indicator, whose data may end elsewhere."""
        return _moment(
            self.plan, self.coverage, indicator, self.now, self.moment.month, self.moment.is_live
        )

    def days(self, tallies: Sequence[Tally], period: Period) -> Days:
        """The tallies per day. Of a cohort those count who are known to have come so far by now."""
        store, zone = self.store, self.zone
        store.register(tallies, zone=zone)
        cohorts = [each for each in tallies if each.kind is TallyKind.CONVERTED]
        found = store.daily([each for each in tallies if each not in cohorts], period, zone=zone)
        for each in cohorts:
            through = self.coverage.through(_later(each))
            known = min(self.now, through or self.now) - timedelta(microseconds=1)
            found |= store.daily([each], period, known.date(), zone=zone)
        return found

    def first_day(self, tallies: Sequence[Tally]) -> date | None:
        """The oldest day of the plan's zone on which any of the tallies has a value."""
        return self.store.first_day(tallies, zone=self.zone)


def _later(cohort: Tally) -> tuple[Tally, ...]:
    """The facts of a cohort's later stage."""
    return (Tally(TallyKind.REACHED, cohort.to_stage, source=cohort.source),)


def scene_of(
    store: Store,
    plan_id: str,
    now: datetime,
    month: Month | None,
    revisions: tuple[Revision, ...] | None = None,
) -> Scene:
    """The scene at a moment with a zone; `month` None is the month that the data have come to.

    `revisions` are what the plan would be made of, where a change is tried; None are those saved.
    KeyError for a plan without any.
    """
    revisions = store.records.revisions(plan_id) if revisions is None else revisions
    if not revisions:
        raise KeyError(plan_id)
    version = store.data_version()
    known = store.coverage()
    home = store.zone
    plan = readable_plan(revisions, month or Month.of(now.date()))
    local, coverage = plan.work_calendar.local(now), known.read_in(plan.calendar.zone, home)
    moment = _moment(plan, coverage, plan.kpi[0], local, month, month is None)
    in_force = readable_plan(revisions, moment.month)
    if in_force is not plan:
        plan, local = in_force, in_force.work_calendar.local(now)
        coverage = known.read_in(plan.calendar.zone, home)
        moment = _moment(plan, coverage, plan.kpi[0], local, moment.month, month is None)
    return Scene(store, revisions, plan, moment, local, coverage, home, version)


def _moment(
    plan: Plan,
    coverage: Coverage,
    indicator: Indicator,
    local: datetime,
    month: Month | None,
    is_live: bool,
) -> Moment:
    tallies = plan.tallies_of(indicator)
    cohorts = [each for each in tallies if each.kind is TallyKind.CONVERTED]
    return moment_of(
        plan.work_calendar,
        now=local,
        data_through=coverage.through(tallies),
        month=month,
        is_live=is_live,
        allowed_days=plan.stale_after_working_days,
        held_by=coverage.held_by(tallies),
        later_through=min(filter(None, map(coverage.through, map(_later, cohorts))), default=None),
    )
