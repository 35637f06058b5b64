"""Where an indicator stands at a moment: its target then, its pace, its status."""

from dataclasses import dataclass
from datetime import date

from kpi_core.domain.calendar import end_of
from kpi_core.domain.chance import Spread
from kpi_core.domain.pace import Pace
from kpi_core.domain.status import Direction, Verdict, judge_ceiling, judge_direct, judge_growing
from kpi_core.evaluation.as_of import Moment
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.targets import target_on


@dataclass(frozen=True)
class Judgement:
    """`pace` is None where the value is compared with its target directly."""

    value: float | None
    target: float | None
    pace: Pace | None
    verdict: Verdict

    @property
    def share(self) -> float | None:
        """The share of the target reached; None without a value or a target above zero."""
        return self.value / self.target if self.value is not None and self.target else None


def judge(
    plan: Plan, indicator: Indicator, moment: Moment, value: float | None, spread: Spread | None
) -> Judgement:
    """Judge a value of the month so far, held against the target of the last day counted.

    `spread` is how the month's sum scatters; None where nothing is known of it.
    """
    calendar, period = plan.work_calendar, moment.period
    day = max(period.first, min(moment.counted_through, period.last))
    target = target_on(indicator.targets, moment.month, period, day)
    is_over, stale = moment.is_over, moment.stale
    if not plan.grows(indicator):
        status = judge_direct(
            value, target, indicator.direction, plan.alert_levels, is_over=is_over, stale=stale
        )
        return Judgement(value, target, None, Verdict(status))
    working = calendar.working_days(period)
    days_worked = calendar.days_worked(period, moment.as_of)
    days_left = sum(1 for each in working if each >= moment.now.date())
    lines = plan.lines_of(moment.month)
    is_down = indicator.direction is Direction.DOWN
    line = lines.even(days_worked) if is_down else lines.plan(days_worked)
    pace = Pace(value or 0.0, target, line, days_worked, days_left)
    awaits_data = stale or value is None
    if is_down:
        verdict = Verdict(judge_ceiling(pace, is_over=is_over, stale=awaits_data))
    else:
        first = lines.checkpoints[0].on if lines.checkpoints else period.last
        verdict = judge_growing(
            pace,
            plan.alert_levels,
            spread,
            is_over=is_over,
            stale=awaits_data,
            can_fall=plan.can_fall(indicator),
            before_first_checkpoint=moment.as_of < end_of(first),
        )
    return Judgement(value, target, pace, verdict)


def matures_on(indicator: Indicator, moment: Moment) -> date | None:
    """The day from which a cohort's value no longer moves; None once it has come.

    None too for what is no cohort. A past cohort is shown as it is known today, and its later
    stage decides how far that is.
    """
    if indicator.matures_after is None:
        return None
    day = moment.period.last + indicator.matures_after
    return day if day > moment.cohorts_known().date() else None
