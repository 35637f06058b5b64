"""A goal in figures, by hand."""

from collections.abc import Sequence
from datetime import date

from kpi_core.analysis.working_back import Needed
from kpi_core.domain.period import Month
from kpi_core.plans.document import GoalPer
from kpi_core.reports.countable import Countable, MonthValue
from kpi_core.reports.goal import GoalOffers, Suggestion, goal_offers, suggested_target

NEWEST = Month(2026, 10)
DEADLINE = date(2027, 3, 31)


def counted(key: str, values: Sequence[float | None]) -> Countable:
    """Closed months up to October 2026."""
    months = tuple(
        MonthValue(NEWEST.plus(place - len(values) + 1), value)
        for place, value in enumerate(values)
    )
    return Countable(key, key, "", {}, months, (key,))


WON = counted("won", [30.0] * 12)


def test_last_year_is_a_sum_for_the_year_and_a_twelfth_for_the_month() -> None:
    # 360 last year; a fifth more is 432 a year and 36 a month
    assert goal_offers(WON, GoalPer.YEAR, None).on_last_year == 432
    # 30 in October; November to March are five months of growth: 30 * 1.61051 = 48.3
    assert goal_offers(WON, GoalPer.MONTH, DEADLINE) == GoalOffers(360, 36, 30, 49, Month(2027, 3))


def test_without_twelve_months_nothing_is_said_of_last_year() -> None:
    short = counted("won", [None, *[30.0] * 11])
    offers = goal_offers(short, GoalPer.MONTH, None)
    assert (offers.last_year, offers.on_last_year, offers.by_month) == (None, None, None)


def test_a_month_of_nothing_has_no_growth() -> None:
    assert (
        goal_offers(counted("won", [30.0] * 11 + [0.0]), GoalPer.MONTH, DEADLINE).by_month is None
    )


def test_the_kpi_is_worked_back_by_the_last_six_months_rates() -> None:
    # the six newest: 180 orders of 250 MQLs, 0.72 each; 36 need 50, reached in two of fourteen
    mql = counted("mql", [10.0] * 8 + [40.0, 40.0, 40.0, 30.0, 50.0, 50.0])
    won = counted("won", [0.0] * 8 + [30.0] * 6)
    assert suggested_target(36, GoalPer.MONTH, DEADLINE, won, mql) == Suggestion(
        Needed(50, 0.72, 6), 36, None, None, 2, 14
    )


def test_a_years_goal_leaves_the_rest_to_the_months_that_are_left() -> None:
    # April to October brought 7 * 30 = 210 of 260: 50 left for five months, 10 a month
    mql = counted("mql", [60.0] * 12)
    found = suggested_target(260, GoalPer.YEAR, DEADLINE, WON, mql)
    assert found == Suggestion(Needed(20, 0.5, 6), 10, 210, 5, 12, 12)


def test_the_goal_itself_as_kpi_needs_no_rate() -> None:
    found = suggested_target(36, GoalPer.MONTH, DEADLINE, WON, WON)
    assert found is not None
    assert (found.needed.value, found.reached, found.known) == (36, 0, 12)


def test_nothing_is_suggested_without_a_rate_or_with_nothing_left() -> None:
    none = counted("mql", [0.0] * 12)
    assert suggested_target(36, GoalPer.MONTH, DEADLINE, WON, none) is None
    assert suggested_target(200, GoalPer.YEAR, DEADLINE, WON, WON) is None
