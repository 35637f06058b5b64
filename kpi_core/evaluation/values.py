"""An indicator's value over a period, from the daily numbers that the store keeps."""

from collections.abc import Mapping
from datetime import date

from kpi_core.domain.aggregate import Tally
from kpi_core.domain.period import Period
from kpi_core.plans.document import Plan
from kpi_core.plans.indicators import Aggregate, Derived, Indicator, Measure
from kpi_core.plans.ratio import Ratio

Days = Mapping[Tally, Mapping[date, float]]
"""Per tally the days that have a value; a day without is zero, or for a measure unknown."""


def evaluate(
    plan: Plan, indicator: Indicator, days: Days, period: Period, *, part_of_month: float = 1.0
) -> float | None:
    """The value over the period; None where it cannot be known.

    A ratio is divided once, at the end, and not below its minimum sample, which is for a
    month: a period that is a part of one needs that part of it. A share per channel has no
    value of its own.
    """
    if isinstance(indicator, Derived):
        parts = {name: plan.by_id[name] for name in indicator.parsed.names}
        values = {
            name: evaluate(plan, part, days, period, part_of_month=part_of_month)
            for name, part in parts.items()
        }
        return indicator.parsed.value(values)
    tallies = indicator.tallies(plan.calendar.closing_day)
    if isinstance(indicator, Ratio):
        if indicator.per is not None:
            return None
        upper, lower = (_total(days.get(tally, {}), period) for tally in tallies)
        enough = lower >= max(indicator.min_sample * part_of_month, 1)
        return upper / lower if enough else None
    values_by_day = days.get(tallies[0], {})
    if isinstance(indicator, Measure):
        known = [day for day in values_by_day if day in period]
        if not known:
            return None
        if indicator.aggregate is Aggregate.LAST:
            return values_by_day[max(known)]
    return _total(values_by_day, period)


def _total(values: Mapping[date, float], period: Period) -> float:
    return sum(values.get(day, 0.0) for day in period.days())
