"""What a forecast goes by, on days that are easily added up."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.dispersion import CountedPast, History
from kpi_core.domain.period import Month, Period
from kpi_core.evaluation.as_of import moment_of
from kpi_core.evaluation.forecast_basis import ForecastBasis, forecast_basis

EVERY_DAY = WorkCalendar(country=None, weekend=frozenset())
WEEKDAYS = WorkCalendar(country=None)


def basis(
    counts: Mapping[date, float],
    as_of: str,
    *,
    calendar: WorkCalendar = EVERY_DAY,
    target: float | None = 100,
) -> ForecastBasis:
    """Of the month of a moment; the days before it are seen from the first count on."""
    now = datetime.fromisoformat(as_of)
    moment = moment_of(
        calendar, now=now, data_through=now, month=None, is_live=True, allowed_days=2
    )

    def value_of(period: Period) -> float:
        return sum(counts.get(day, 0.0) for day in period.days())

    past = CountedPast(History(counts, Period(min(counts), moment.last_closed), calendar))
    value = sum(n for day, n in counts.items() if day >= moment.period.first)
    return forecast_basis(
        past, moment, calendar, value, target, can_fall=False, value_of=value_of
    )  # fmt: skip


def daily(first: date, last: date, count: float = 3.0) -> dict[date, float]:
    return dict.fromkeys(Period(first, last).days(), count)


def test_so_far_what_is_left_and_what_is_needed() -> None:
    found = basis(daily(date(2026, 6, 1), date(2026, 9, 20)), "2026-09-21 00:00")
    # 20 days of 3, ten left, forty missing.
    assert (found.value, found.days_left, found.needed) == (60, 10, 4)
    assert found.usual == pytest.approx(3, rel=0.02)
    assert found.level == pytest.approx(3, rel=0.02)
    assert 0 < found.trust < 1
    # Days are all alike, so that ten days left are worth ten.
    assert found.weight_left == pytest.approx(10, rel=0.02)
    assert found.best_stretch == pytest.approx(3)
    assert found.at_rate(4) == 100
    assert found.largest_rate == 8


def test_the_best_stretch_takes_weekends_along() -> None:
    # August 2026 begins on a Saturday. Thursday 13 and Friday 14 bring 5 and 6, Saturday 3.
    counts = daily(date(2026, 8, 1), date(2026, 9, 28), 1.0)
    counts |= {date(2026, 8, 13): 5.0, date(2026, 8, 14): 6.0, date(2026, 8, 15): 3.0}
    found = basis(counts, "2026-09-29 00:00", calendar=WEEKDAYS)
    # Tuesday 29 and Wednesday 30 are left; the best two in a row end on the 14th, or on Monday
    # the 17th with the weekend between: 6 + 3 + 1 + 1 = 11, as much as 5 + 6.
    assert found.days_left == 2
    assert found.best_stretch == pytest.approx(5.5)


def test_the_record_is_the_same_day_of_the_months_before() -> None:
    counts = daily(date(2026, 1, 1), date(2026, 9, 20))
    # July loses its last third: eleven days without a lead.
    counts |= daily(date(2026, 7, 21), date(2026, 7, 31), 0.0)
    found = basis(counts, "2026-09-21 00:00")
    assert [past.month for past in found.record] == [Month(2026, n) for n in range(8, 0, -1)]
    came = {past.month.number: past.came for past in found.record}
    assert (came[8], came[7], came[2]) == (93, 60, 84)
    held = {past.month.number: past.held for past in found.record}
    assert held[7] is False
    assert held[2]
    assert found.held == sum(held.values())


def test_without_a_month_before_there_is_no_record() -> None:
    found = basis(daily(date(2026, 9, 1), date(2026, 9, 20)), "2026-09-21 00:00")
    assert (found.usual, found.record) == (None, ())
    assert found.trust == 1


def test_a_bulk_day_is_flagged_and_can_be_left_out() -> None:
    counts = daily(date(2026, 6, 1), date(2026, 9, 20))
    counts[date(2026, 8, 10)] = 60.0
    found = basis(counts, "2026-09-21 00:00")
    assert found.bulk is not None
    # 30 other days of 3 and the 60.
    assert (found.bulk.day, found.bulk.value, found.bulk.month_value) == (
        date(2026, 8, 10),
        60,
        150,
    )
    without = found.bulk.without
    assert without is not None
    assert without.expected == pytest.approx(90, abs=2)
    assert without.low is not None
    assert without.low > found.value


def test_days_that_are_alike_hold_no_bulk_not_even_early_in_a_month() -> None:
    counts = daily(date(2026, 6, 1), date(2026, 9, 2))
    assert basis(counts, "2026-09-03 00:00").bulk is None
    assert basis(daily(date(2026, 9, 1), date(2026, 9, 2)), "2026-09-03 00:00").bulk is None


def test_a_first_day_has_nothing_to_go_by_but_the_past() -> None:
    counts = daily(date(2026, 6, 1), date(2026, 8, 31))
    found = basis(counts, "2026-09-01 09:00")
    assert (found.value, found.days_left, found.trust) == (0, 30, 0)
    assert found.record
    assert all(past.low <= past.expected <= past.high for past in found.record)


def test_the_last_day_of_a_month_is_compared_with_last_days() -> None:
    counts = daily(date(2026, 6, 1), date(2026, 9, 29))
    found = basis(counts, "2026-09-30 00:00", target=None)
    assert (found.days_left, found.needed) == (1, None)
    assert all(past.high - past.low <= timedelta(days=10).days for past in found.record)
