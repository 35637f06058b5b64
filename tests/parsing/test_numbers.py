"""Numbers as files write them."""

import csv
import math
from typing import Any

import duckdb
import pandas as pd
import pytest

from kpi_core.parsing.numbers import Decimal, NumberReading, fast_number, read_numbers

POINT, COMMA = NumberReading(Decimal.POINT), NumberReading(Decimal.COMMA)


def read(cell: str, reading: NumberReading = POINT) -> float | str | None:
    """What becomes of a cell, alone in its column and beside one of another shape."""
    alone = read_numbers(pd.Series([cell], dtype="str"), reading).iloc[0]
    beside = read_numbers(pd.Series(["¥1,000", cell, None], dtype="str"), reading).iloc[1]
    assert alone.equals(beside)
    if math.isnan(alone["number"]):
        return "bad" if alone["bad"] else None
    assert not alone["bad"]
    return float(alone["number"])


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0),
        ("1234567", 1234567),
        ("-3.5", -3.5),
        ("1,234,567", 1234567),
        ("12,34,567.00", 1234567),
        ("¥1,234,567", 1234567),
        ("￥１，２３４，５６７", 1234567),
        ("1,234円", 1234),
        ("$22,700.00", 22700),
        ("US$50.00", 50),
        ("$200,000", 200000),
        ("USD 1,234.50", 1234.5),
        ("CA$1,000", 1000),
        ("AU$ 1,000.50", 1000.5),
        ("Rs. 1,000", 1000),
        ("Rs 1,00,000", 100000),
        ("CHF 1'234.50", 1234.5),
        ("1 234.50", 1234.5),
        ("€ 12", 12),
        ("12.5 €", 12.5),
        ("77.77%", 0.7777),
        ("(1,234)", -1234),
        ("($5.00)", -5),
        ("1,234-", -1234),
        ("△12", -12),
        ("▲1,200", -1200),
        ("−5", -5),
        ("-$5", -5),
        ("1e5", 100000),
        (".5", 0.5),
        ("+7", 7),
        ("12万", 120000),
        ("1.2億", 120000000),
        ("1億2,345万円", 123450000),
        ("3千", 3000),
        ("1,200千円", 1200000),
        ("3百万円", 3000000),
        ("1.2M", 1200000),
        ("58.8k", 58800),
        ("3人", 3),
    ],
)
def test_usual_numbers_are_read(cell: str, number: float) -> None:
    assert read(cell) == pytest.approx(number)
    assert read(cell, NumberReading()) == read(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1.234,56 €", 1234.56),
        ("1.234", 1234),
        ("1,234", 1.234),
        ("12,5", 12.5),
        ("R$ 100.000", 100000),
        ("1 234,56", 1234.56),
        ("1\u202f234,56", 1234.56),
        ("1'234,56", 1234.56),
        ("-1.234.567", -1234567),
        ("77,77%", 0.7777),
        ("1,2M", 1200000),
        ("1,23E+05", 123000),
        ("42", 42),
    ],
)
def test_a_comma_may_stand_before_the_decimals(cell: str, number: float) -> None:
    assert read(cell, COMMA) == pytest.approx(number)


@pytest.mark.parametrize(
    ("cell", "number"), [("1.234,56", 1234.56), ("1,234.56", 1234.56), ("1 234,5", 1234.5)]
)
def test_figures_that_can_be_read_one_way_only_are_read_in_every_column(
    cell: str, number: float
) -> None:
    assert read(cell, POINT) == read(cell, COMMA) == pytest.approx(number)


@pytest.mark.parametrize(
    ("cell", "reading"),
    [("1,23", POINT), ("12,5", POINT), ("0,123", POINT), ("R$ 100.000", POINT), ("1.234 €", POINT),
     ("12.5", COMMA), ("0.123", COMMA), ("$1,234", COMMA), ("1.2M", COMMA)],
)  # fmt: skip
def test_what_goes_against_the_column_is_bad(cell: str, reading: NumberReading) -> None:
    assert read(cell, reading) == "bad"


@pytest.mark.parametrize(
    "cell",
    ["abc", "(5", "5)", "inf", "1e999", "0x10", "1_000", "%", "$", "=1+1", "1.2.3", "1 2", "12/3",
     "1万2億", "2026-01-05", "#DIV/0!"],
)  # fmt: skip
def test_what_is_unclear_is_bad_and_never_guessed(cell: str) -> None:
    assert read(cell) == "bad"


@pytest.mark.parametrize(
    "cell", ["--", "-", "N/A", "n/a", "#N/A", "―", "ー", "－", "null", "NaN", "***"]
)
def test_a_cell_that_says_there_is_no_number_is_missing_and_not_bad(cell: str) -> None:
    assert read(cell) is None


def test_missing_cells_are_missing_and_not_bad() -> None:
    read = read_numbers(pd.Series([None, "1", "x"], dtype="str"), POINT)
    assert read["bad"].tolist() == [False, False, True]
    assert read["number"].isna().tolist() == [True, False, True]


def test_every_spelling_of_the_torture_file_is_read(shared: Any) -> None:
    file = shared / "torture" / "made_here" / "numbers.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    cells = [row["amount"].strip() for row in rows]
    by_point = [
        1234567, 1234567, 1234.56, 1234.56, 1234.56, 1234.56, -1234, -1234, -1234, 120000,
        1200000, 58800, 1000, 1.234, 1234, None, None, 0, 5, 0, 0.5,
    ]  # fmt: skip
    by_comma = [
        1234567, 1234567, 1234.56, 1234.56, 1234.56, 1234.56, -1.234, -1.234, -1.234, 120000,
        "bad", "bad", 1000, 1234, 1.234, None, None, 0, 5, "bad", 0.5,
    ]  # fmt: skip
    assert [read(cell, POINT) for cell in cells] == pytest.approx(by_point)
    for cell, wanted in zip(cells, by_comma, strict=True):
        assert read(cell, COMMA) == wanted, cell


@pytest.mark.parametrize("decimal", Decimal)
@pytest.mark.parametrize(
    "cell", ["1e400", "-1e400", "inf", "nan", "1" + "0" * 400, "1" + ",000" * 150]
)
def test_no_number_is_beyond_all_numbers(cell: str, decimal: Decimal) -> None:
    reading = NumberReading(decimal)
    assert read_numbers(pd.Series([cell], dtype="str"), reading)["number"].isna().all()
    with duckdb.connect() as scratch:
        (row,) = scratch.execute(
            f"select {fast_number('cell', reading)} from (select ? as cell)", [cell]
        ).fetchall()
    assert row == (None,)


@pytest.mark.parametrize("cell", ["1e15", "1" + "0" * 15, "-1" + "0" * 35, "1,000,000,000,000,000"])
def test_a_number_of_sixteen_digits_is_a_mistake(cell: str) -> None:
    assert read(cell) == "bad"
    quoted = f"'{cell}'"
    fast = duckdb.execute(f"select {fast_number(quoted, POINT)}").fetchone()
    assert fast == (None,)
    assert read("999999999999999") == 999999999999999
