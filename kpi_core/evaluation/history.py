"""What an indicator brought before, and how much it scatters by that."""

from datetime import date

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.chance import Spread
from kpi_core.domain.dispersion import Amounts, History
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.evaluation.as_of import Moment
from kpi_core.evaluation.values import Days, evaluate
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Active, Count, Indicator, Sum

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
    own = plan.tallies_of(indicator)
    return (*own, indicator.counted()) if isinstance(indicator, Sum) else own


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

    `seen` None is no history. A sum of daily numbers, and a formula, has the unit in which its
    days scatter as a Poisson count does.
    """
    if isinstance(indicator, Active):
        return Spread(dispersion=1.0)
    if isinstance(indicator, Count):
        (tally,) = plan.tallies_of(indicator)
        if seen is None:
            return Spread()
        return Spread(History(days.get(tally, {}), seen, plan.work_calendar).dispersion)
    if seen is None or not plan.grows(indicator):
        return None
    if isinstance(indicator, Sum):
        (tally,) = plan.tallies_of(indicator)
        counted = {day: n for day, n in days.get(indicator.counted(), {}).items() if day in seen}
        amounts = Amounts.of(days.get(tally, {}), counted)
        if amounts is None:
            return None
        dispersion = History(counted, seen, plan.work_calendar).dispersion
        return Spread(dispersion * (1 + amounts.variation), amounts.mean)
    values = {day: evaluate(plan, indicator, days, Period(day, day)) or 0.0 for day in seen.days()}
    unit = History(values, seen, plan.work_calendar).raw_dispersion
    return Spread(1.0, unit) if unit else None
