"""Where an indicator stands at a moment: its target then, its pace, its status."""

from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.domain.pace import Pace, plan_share
from kpi_core.domain.status import Status, judge_direct, judge_pace
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.ratio import Basis, Ratio
from kpi_core.plans.targets import target_on
from kpi_core.reports.moment import Moment


@dataclass(frozen=True)
class Standing:
    """`pace` is None where the value is compared with its target directly."""

    value: float | None
    target: float | None
    pace: Pace | None
    status: Status

    @property
    def share(self) -> float | None:
        """The share of the target reached; None without a value or a target above zero."""
        return self.value / self.target if self.value is not None and self.target else None


def standing(plan: Plan, indicator: Indicator, moment: Moment, value: float | None) -> Standing:
    """Judge a value of the month so far, held against the target of the last day counted."""
    calendar, period = plan.work_calendar, moment.period
    day = max(period.first, min(moment.counted_through, period.last))
    target = target_on(indicator.targets, moment.month, period, day)
    if not indicator.grows:
        status = judge_direct(
            value, target, indicator.direction, plan.alert_levels, stale=moment.stale
        )
        return Standing(value, target, None, status)
    working = calendar.working_days(period)
    elapsed = sum(1 for each in working if each <= moment.last_closed)
    line = plan_share(plan.checkpoints_of(moment.month), elapsed)
    pace = Pace(value or 0.0, target, line, elapsed, len(working) - elapsed)
    awaits_data = moment.stale or value is None
    return Standing(value, target, pace, judge_pace(pace, plan.alert_levels, stale=awaits_data))


def matures_on(indicator: Indicator, moment: Moment) -> date | None:
    """The day from which a cohort's value no longer moves; None once it has come.

    None too for what is no cohort. A past cohort is told as it is known today.
    """
    if not isinstance(indicator, Ratio) or indicator.basis is not Basis.COHORT:
        return None
    day = moment.period.last + timedelta(days=indicator.matures_after_days)
    known = min(moment.now, moment.data_through or moment.now)
    return day if day > known.date() else None
