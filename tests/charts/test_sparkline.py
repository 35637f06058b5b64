"""A small line of a few months."""

from kpi_core.charts.sparkline import sparkline


def test_zero_lies_at_the_foot_and_the_largest_at_the_top() -> None:
    # 96 wide, 28 high, 3 of margin: x at 3, 48, 93; y from 25 (zero) to 3 (the largest)
    assert sparkline([0, 5, 10]) == "3.0,25.0 48.0,14.0 93.0,3.0"


def test_months_without_a_value_are_left_out() -> None:
    assert sparkline([None, 10, None]) == "48.0,3.0"
    assert sparkline([None, None]) == ""
    assert sparkline([]) == ""


def test_nothing_at_all_is_a_line_at_the_foot() -> None:
    assert sparkline([0, 0]) == "3.0,25.0 93.0,25.0"
