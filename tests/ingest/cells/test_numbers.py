"""Numbers as files write them."""

import math

import pandas as pd
import pytest

from kpi_core.ingest.cells.numbers import read_numbers


def read(cell: str) -> float | None:
    """What becomes of a cell, alone in its column and beside one of another shape."""
    alone = read_numbers(pd.Series([cell], dtype="str")).iloc[0]
    beside = read_numbers(pd.Series(["1,000", cell, None], dtype="str")).iloc[1]
    assert alone.equals(beside)
    assert bool(alone["bad"]) == math.isnan(alone["number"])
    return None if alone["bad"] else float(alone["number"])


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0),
        ("1234567", 1234567),
        ("-3.5", -3.5),
        ("1,234,567", 1234567),
        ("¥1,234,567", 1234567),
        ("￥１，２３４，５６７", 1234567),
        ("1,234円", 1234),
        ("$22,700.00", 22700),
        ("US$50.00", 50),
        ("R$ 1,000", 1000),
        ("€ 12", 12),
        ("12.5 €", 12.5),
        ("77.77%", 0.7777),
        ("(1,234)", -1234),
        ("($5.00)", -5),
        ("△12", -12),
        ("▲1,200", -1200),
        ("-$5", -5),
        ("1e5", 100000),
        (".5", 0.5),
        ("+7", 7),
    ],
)
def test_usual_numbers_are_read(cell: str, number: float) -> None:
    assert read(cell) == pytest.approx(number)


@pytest.mark.parametrize(
    "cell",
    ["abc", "--", "12万", "1.2M", "1 234,56", "1.234,56 €", "1'234.56", "1,23", "(5", "5)", "inf",
     "nan", "NaN", "1e999", "0x10", "1_000", "R$ 100.000", "1.234 €", "", "%", "$", "=1+1"],
)  # fmt: skip
def test_what_is_unclear_is_bad_and_never_guessed(cell: str) -> None:
    assert read(cell) is None


def test_missing_cells_are_missing_and_not_bad() -> None:
    read = read_numbers(pd.Series([None, "1"], dtype="str"))
    assert read["bad"].tolist() == [False, False]
    assert math.isnan(read["number"][0])
