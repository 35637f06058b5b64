"""Months by name, and ranges of days."""

from datetime import date

import pytest

from kpi_core.domain.period import Month, Period


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "2026-11-01",
        "0000-01",
        "9999-12",
        "２０２６-11",
        "",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("month", "months", "then"),
    [
        ("2026-11", 1, "2026-12"),
        ("2026-12", 1, "2027-01"),
        ("2026-01", -1, "2025-12"),
        ("2026-11", -23, "2024-12"),
        ("2026-11", 0, "2026-11"),
    ],
)
def test_months_are_counted_across_years(month: str, months: int, then: str) -> None:
    assert str(Month.parse(month).plus(months)) == then


def test_months_are_in_order() -> None:
    assert Month(2025, 12) < Month(2026, 1) < Month(2026, 2)


def test_both_ends_of_a_period_count() -> None:
    period = Period(date(2026, 11, 30), date(2026, 12, 1))
    assert len(period) == 2
    assert list(period.days()) == [date(2026, 11, 30), date(2026, 12, 1)]
    assert date(2026, 11, 30) in period
    assert date(2026, 12, 1) in period
    assert date(2026, 12, 2) not in period


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="2026-06-30 to 2026-04-01"):
        Period(date(2026, 6, 30), date(2026, 4, 1))
