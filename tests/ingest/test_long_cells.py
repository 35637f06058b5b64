"""Long cells: no pattern takes more time than a cell of that length is worth."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

import pandas as pd
import pytest

from kpi_core.domain.mail_address import without_mail
from kpi_core.ingest.inspect import inspect
from kpi_core.mapping import synonyms
from kpi_core.parsing.date_evidence import date_evidence
from kpi_core.parsing.date_formats import Order
from kpi_core.parsing.dates import DateReading, read_dates
from kpi_core.parsing.number_evidence import number_evidence
from kpi_core.parsing.numbers import Decimal, NumberReading, read_numbers
from kpi_core.parsing.periods import read_months, read_weeks
from kpi_core.parsing.pii import hashed, looks_like_mail, may_name_persons, person_kind
from kpi_core.tabular.cell_shape import like_no_row, look
from kpi_core.tabular.footers import is_comment, is_footer, total_of
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.table_builder import period_of

LONG = 200_000
SECONDS = 20
"""A bound for a loaded machine: the square of 200,000 takes minutes on any."""
UNITS = (
    "a", "a@", "@", "a.", "1", "1,", "1.", "0", "0-", "1-", ".", ",", ":", "-", " ", "a ", "1 ",
    "\t", "'", "(", ")", "[", "年", "1年", "月", "あ", "日 ", "市", "あ市", "県", "A ", "A1", "<a",
    "e", "万", "1万", "¥", "_", "/", "1/", "T", "12:", "+", " at ", "１", "＠", "#", "Z", "É",
    "\u2003",
)  # fmt: skip
BEFORE = ("", "2026-01-01", "total (", "copyright", "12 Jan ", "0", "=", "a@a")
CELLS = [f"{start}{(unit * LONG)[:LONG]}$" for unit in UNITS for start in BEFORE]
COLUMN = pd.Series(CELLS, dtype="str")


def each(read: Callable[[str], object]) -> Callable[[], object]:
    return lambda: [read(cell) for cell in CELLS]


DOORS: dict[str, Callable[[], object]] = {
    "dates": lambda: read_dates(COLUMN, DateReading(order=Order.DAY_MONTH)),
    "dates of a format": lambda: read_dates(COLUMN, DateReading(format="%d %B %Y %z")),
    "date evidence": lambda: date_evidence(COLUMN),
    "months": lambda: read_months(COLUMN, DateReading()),
    "weeks": lambda: read_weeks(COLUMN, DateReading()),
    "numbers": lambda: read_numbers(COLUMN, NumberReading()),
    "numbers with a comma": lambda: read_numbers(COLUMN, NumberReading(Decimal.COMMA)),
    "number evidence": lambda: number_evidence(COLUMN),
    "mail": lambda: looks_like_mail(COLUMN),
    "mail hashed": lambda: hashed(COLUMN, b"key"),
    "mail hidden": each(without_mail),
    "person by cells": lambda: person_kind("", CELLS),
    "person by header": each(lambda cell: person_kind(cell, ())),
    "names": lambda: may_name_persons(CELLS),
    "look": each(look),
    "header or row": lambda: like_no_row(CELLS, [CELLS[1:]]),
    "total": each(lambda cell: total_of([cell, "1"])),
    "footer": each(lambda cell: is_footer([cell])),
    "comment": each(lambda cell: is_comment([f"# {cell}"])),
    "period": each(lambda cell: period_of([cell])),
    "role": each(synonyms.says_something),
    "date's name": each(synonyms.is_called_date),
    "sum": each(synonyms.adds_up),
    "year": each(synonyms.is_year),
    "stage": each(synonyms.stages_of_value),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_long_cell_is_looked_at_in_time(door: str) -> None:
    begun = monotonic()
    DOORS[door]()
    assert monotonic() - begun < SECONDS


@pytest.mark.parametrize(
    "header", ["id,date,note", "date,id,amount", "メモ,作成日,金額", "Email,Phone,Created at"]
)
def test_a_file_of_long_cells_is_inspected_in_time(header: str) -> None:
    cells = [cell[:50_000].replace(",", ";") for cell in CELLS[::4]]
    lines = [",".join((f'"{one}"', f'"{one}"', f'"{one}"')) for one in cells]
    begun = monotonic()
    inspect(
        "\n".join([header, *lines]).encode(), "long.csv", now=datetime.fromisoformat("2026-04-01")
    )
    assert monotonic() - begun < 3 * SECONDS


def test_a_long_header_is_read_in_time() -> None:
    header = ",".join(f'"{cell}"' for cell in CELLS[:40])
    begun = monotonic()
    open_file(f"{header}\n{','.join('1' * 40)}\n".encode(), "long.csv")
    inspect(
        f"{header}\n{','.join('1' * 40)}\n".encode(),
        "long.csv",
        now=datetime.fromisoformat("2026-04-01"),
    )
    assert monotonic() - begun < 3 * SECONDS


def test_of_a_long_cell_nothing_is_taken_for_a_date_or_a_number() -> None:
    long = pd.Series(["2026-01-05 " + "10:30 " * 100, "1" * 300], dtype="str")
    assert read_dates(long, DateReading())["at"].isna().all()
    assert read_numbers(long, NumberReading())["bad"].all()


def test_a_mail_address_is_found_wherever_it_stands() -> None:
    around = ["a@x.co", "Ann <ann.lee@x.co.jp>", "to:a@x.co,b@y.co", "x a@b a@x.co", "Ａ＠x．co"]
    assert looks_like_mail(pd.Series(around, dtype="str")).all()
    assert without_mail("to:a@x.co,b@y.co @ a@b") == "to:…@…,…@… @ a@b"
    assert without_mail("ü" * LONG + "@x.co") == "…@…"
