"""An indicator's value over a period, from the daily numbers that the store keeps."""

from kpi_core.domain.period import Period
from kpi_core.plans.document import Plan
from kpi_core.plans.indicator import Days, Reading
from kpi_core.plans.indicators import Indicator


def evaluate(
    plan: Plan, indicator: Indicator, days: Days, period: Period, *, part_of_month: float = 1.0
) -> float | None:
    """The value over the period; None where it cannot be known.

    `part_of_month` is the part of a month that the period is.
    """

    def value_of(name: str) -> float | None:
        return evaluate(plan, plan.by_id[name], days, period, part_of_month=part_of_month)

    closing = plan.calendar.closing_day
    return indicator.evaluate(Reading(days, period, closing, part_of_month, value_of))
