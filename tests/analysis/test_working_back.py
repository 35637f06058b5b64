"""From a goal back to the month, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.analysis.working_back import (
    Needed,
    by_season,
    grown,
    months_that_reached,
    needed_per_month,
)


def test_thirty_six_orders_at_eighteen_of_twenty_five_need_fifty() -> None:
    # 18 orders from 25 MQLs in all: 0.72 each; 36 / 0.72 = 50
    assert needed_per_month(36, [3, 3, 3, 3, 3, 3], [4, 4, 4, 4, 4, 5]) == Needed(50, 0.72, 6)


def test_what_is_needed_is_rounded_up() -> None:
    # 1 of 3: 10 orders need 30; 2 of 7: 10 orders need 35; 3 of 10: 33.3, so 34
    assert [
        needed.value
        for reached, number in (([1], [3]), ([2], [7]), ([3], [10]))
        if (needed := needed_per_month(10, reached, number))
    ] == [30, 35, 34]


def test_without_a_rate_nothing_is_suggested() -> None:
    assert needed_per_month(36, [0, 0], [4, 5]) is None
    assert needed_per_month(36, [1, 2], [0, 0]) is None
    assert needed_per_month(36, [], []) is None


def test_months_without_data_are_not_counted() -> None:
    assert months_that_reached([None, 49, 50, 51], 50) == (2, 3)


def test_growth_is_compounded() -> None:
    assert grown(100, 0.1, 2) == pytest.approx(121)
    assert grown(30, 0.2, 1) == pytest.approx(36)


def test_a_year_follows_last_years_season() -> None:
    # 600 in all where last year had 100, twice as many in the last month: 1/13 and 2/13 each.
    # 600/13 = 46.15, 1200/13 = 92.31; floors make 46 * 11 + 92 = 598: one each to the largest
    # remainders, the last month's 0.31 and the first's 0.15.
    last_year = [10.0] * 11 + [20.0]
    assert by_season(600, last_year) == (47, *[46] * 10, 93)


def test_a_year_without_a_season_is_even() -> None:
    assert by_season(14, [0.0] * 12) == (2, 2, *[1] * 10)


@given(
    st.floats(0, 1e6),
    st.lists(st.floats(0, 1e6), min_size=12, max_size=12),
)
def test_the_months_add_up_to_the_year(total: float, last_year: list[float]) -> None:
    months = by_season(total, last_year)
    assert sum(months) == round(total)
    assert min(months) >= 0
