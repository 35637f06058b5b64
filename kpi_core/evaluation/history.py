"""What an indicator brought before, and how much it scatters by that."""

from datetime import date

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.chance import Spread
from kpi_core.domain.dispersion import CountedPast
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.values import evaluate
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Days, Past
from kpi_core.plans.indicators import Indicator

MONTHS = 12
"""Months before the one that is judged."""


def history_from(plan: Plan, month: Month) -> date:
    """The first day of the history that a month is judged by."""
    return plan.work_calendar.period(month.plus(-MONTHS)).first


def days_seen(plan: Plan, moment: Moment, data_since: date | None) -> Period | None:
    """The days of the history that there are data of; None without any.

    `data_since` is the first day of which there are data, whatever they say.
    """
    first = history_from(plan, moment.month)
    if data_since is None or max(first, data_since) > moment.last_closed:
        return None
    return Period(max(first, data_since), moment.last_closed)


def tallies_of_history(plan: Plan, indicator: Indicator) -> tuple[Tally, ...]:
    """What its history is made of: its own tallies, and of amounts how many they are."""
    more = indicator.tallies_of_history(plan.calendar.closing_day)
    return (*plan.tallies_of(indicator), *more)


def tallies_of_data(plan: Plan, indicator: Indicator) -> tuple[Tally, ...]:
    """Tallies by whose first day it shows since when there are data at all.

    Whether anything met the indicator's conditions does not matter to that.
    """
    own = plan.tallies_of(indicator)
    return tuple(
        Tally(TallyKind.REACHED, Stage(each.stage)) if each.stage and not each.source else each
        for each in own
    )


def spread_of(plan: Plan, indicator: Indicator, days: Days, seen: Period | None) -> Spread | None:
    """How the month's sum scatters, by the days seen before; None where nothing is known of it.

    `seen` None is no history.
    """
    return indicator.spread(_past(plan, indicator, days, seen)) if plan.grows(indicator) else None


def counted_past(
    plan: Plan, indicator: Indicator, days: Days, seen: Period | None
) -> CountedPast | None:
    """The days seen as counts of alike amounts; None of what does not grow, or too little."""
    return indicator.counted(_past(plan, indicator, days, seen)) if plan.grows(indicator) else None


def _past(plan: Plan, indicator: Indicator, days: Days, seen: Period | None) -> Past:
    def value_on(day: date) -> float:
        return evaluate(plan, indicator, days, Period(day, day)) or 0.0

    return Past(days, seen, plan.work_calendar, plan.calendar.closing_day, value_on)
