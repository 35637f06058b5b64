"""What the cells of a column show of its decimal sign."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.parsing.number_evidence import NumberEvidence, number_evidence
from kpi_core.parsing.numbers import Decimal


def seen(*cells: str) -> NumberEvidence:
    return number_evidence(pd.Series(cells, dtype="str"))


@pytest.mark.parametrize(
    "cell",
    ["¥1,234", "￥１，２３４", "$1,234", "1,234円", "1,234,567", "1,234.5", "12.5", "0.123",
     "1234.567", "1'234.5",
     "1.234億", "US$1,234", "1.5e3"],
)  # fmt: skip
def test_a_cell_that_goes_with_the_point_only_proves_it(cell: str) -> None:
    evidence = seen("1,234", cell)
    assert (evidence.decimal, evidence.proves_comma) == (Decimal.POINT, None)


@pytest.mark.parametrize(
    "cell", ["R$ 100.000", "1.234,56 €", "1.234 €", "12,5", "0,123", "1.234.567", "1 234,56"]
)
def test_a_cell_that_goes_with_the_comma_only_proves_it(cell: str) -> None:
    evidence = seen("1.234", cell)
    assert (evidence.decimal, evidence.proves_comma) == (Decimal.COMMA, cell)


@pytest.mark.parametrize("cell", ["1.234", "1,234", "-12.345", "(1,234)", "€1.234", "1,234%"])
def test_three_figures_after_the_only_separator_are_asked(cell: str) -> None:
    evidence = seen("5", "1200", cell, "-")
    assert (evidence.decimal, evidence.ambiguous) == (None, cell)
    assert (evidence.readable, evidence.total) == (3, 3)


def test_the_sign_that_would_part_thousands_is_the_likelier_one() -> None:
    assert seen("1.234").likely is Decimal.COMMA
    assert seen("1,234").likely is Decimal.POINT


def test_whole_numbers_raise_no_question() -> None:
    evidence = seen("5", "1200", "12万", "1 234", "abc")
    assert (evidence.decimal, evidence.ambiguous) == (None, None)
    assert (evidence.readable, evidence.total) == (4, 5)


def test_cells_that_contradict_each_other_are_both_shown() -> None:
    evidence = seen("1.234", "12.5", "12,5")
    assert evidence.decimal is None
    assert evidence.contradicting == ("12.5", "12,5")


@given(
    st.lists(st.sampled_from(["1", "1.5", "1,5", "1.234", "1,234", "$1,234", "x", "-"])),
    st.integers(0, 9),
)
def test_evidence_of_parts_adds_up_to_the_evidence_of_the_whole(cells: list[str], at: int) -> None:
    parts, whole = seen(*cells[:at]) + seen(*cells[at:]), seen(*cells)
    for name in ("total", "readable", "decimal", "ambiguous", "contradicting"):
        assert bool(getattr(parts, name)) == bool(getattr(whole, name))
    assert (parts.total, parts.readable, parts.decimal) == (
        whole.total, whole.readable, whole.decimal,
    )  # fmt: skip
