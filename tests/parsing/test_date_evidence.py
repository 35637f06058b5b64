"""What the cells of a column show of its dates."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.parsing.date_evidence import DateEvidence, date_evidence
from kpi_core.parsing.date_formats import Order, Unit


def seen(*cells: str) -> DateEvidence:
    return date_evidence(pd.Series(cells, dtype="str"))


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (("03/04/2026", "13/04/2026"), Order.DAY_MONTH),
        (("03/04/2026", "3/15/2024 2:30 PM"), Order.MONTH_DAY),
        (("01/27/21", "02/23/26 08:55 PM"), Order.MONTH_DAY),
        (("05.01.26", "31.01.2026"), Order.DAY_MONTH),
        (("26/1/5", "26/01/05"), Order.YEAR_MONTH),
        (("07/15/2009 02:14:45+0800", "2009-07-14 22:14:45+0800"), Order.MONTH_DAY),
    ],
)
def test_one_cell_proves_the_order_of_the_column(cells: tuple[str, ...], order: Order) -> None:
    assert seen(*cells).order is order


def test_dates_that_are_open_all_through_are_asked() -> None:
    evidence = seen("03/04/2026", "05/06/2026", "12/11/2026")
    assert (evidence.order, evidence.ambiguous) == (None, "03/04/2026")
    assert evidence.possible == (Order.DAY_MONTH, Order.MONTH_DAY)


def test_cells_that_contradict_each_other_are_both_shown() -> None:
    evidence = seen("03/04/2026", "13/04/2026", "04/13/2026")
    assert (evidence.order, evidence.possible) == (None, ())
    assert evidence.contradicting == ("13/04/2026", "04/13/2026")


def test_a_date_that_is_the_same_in_every_order_proves_nothing_and_asks_nothing() -> None:
    evidence = seen("05/05/2026", "2026-01-05")
    assert (evidence.order, evidence.orders, evidence.readable) == (None, {}, 2)


def test_short_years_are_told_by_days_changing_more_often() -> None:
    years_first = [f"26/01/{day:02}" for day in range(1, 13)]
    assert seen(*years_first).order is Order.YEAR_MONTH
    assert seen(*(f"{day}/03/26" for day in range(13, 20))).order is Order.DAY_MONTH
    assert seen("15/03/26", "16/03/26").order is None
    assert seen("15/03/26", "01/05/2026").order is Order.DAY_MONTH  # the years are last


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (("46027", "46028.5"), Unit.SERIAL),
        (("2026-01-05", "46027"), Unit.SERIAL),
        (("1767225600",), Unit.SECONDS),
        (("1767225600000",), Unit.MILLISECONDS),
    ],
)
def test_bare_numbers_of_one_unit_have_it(cells: tuple[str, ...], unit: Unit) -> None:
    assert seen(*cells).unit is unit


def test_bare_numbers_of_several_units_are_asked() -> None:
    evidence = seen("1767225600", "1767225600000")
    assert evidence.unit is None
    assert evidence.units == {Unit.SECONDS: "1767225600", Unit.MILLISECONDS: "1767225600000"}


def test_other_numbers_are_no_dates() -> None:
    evidence = seen("12", "1050.5", "300000")
    assert (evidence.readable, evidence.bare, evidence.unit_cells) == (0, 3, 0)
    assert (evidence.unit, evidence.units) == (None, {})


def test_days_counted_from_0000_are_counted() -> None:
    assert seen("0000", "0001").numbered == 2


def test_an_offset_is_noticed() -> None:
    assert seen("2026-01-05T00:00:00+09:00").has_offset
    assert not seen("2026-01-05T00:00:00").has_offset


CELLS = ["03/04/2026", "13/04/2026", "04/13/2026", "26/01/05", "26/1/5", "46027",
         "1767225600", "2026-01-05",
         "-", "x", "令和8年1月5日"]  # fmt: skip


@given(st.lists(st.sampled_from(CELLS), unique=True), st.integers(0, 9))
def test_evidence_of_parts_adds_up_to_the_evidence_of_the_whole(cells: list[str], at: int) -> None:
    parts, whole = seen(*cells[:at]) + seen(*cells[at:]), seen(*cells)
    assert parts.possible == whole.possible
    for name in ("total", "readable", "order", "unit"):
        assert getattr(parts, name) == getattr(whole, name)
