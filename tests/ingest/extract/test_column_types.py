"""What SQL says of a cell at once is what Python says of it after a closer look."""

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.ingest.extract.cell_sql import without_mail
from kpi_core.ingest.extract.column_types import Id, Kind, OneOf, Text

WON = OneOf(("Closed Won", "受注"))
SPACES = st.text(st.sampled_from(" \t\n\r\x0b\x0c\x1c\x1f\x85\u00a0\u3000"), max_size=3)
WORDS = st.sampled_from(["closed", "CLOSED", "Ｃｌｏｓｅｄ", "受注", "won", "Won", "x", ""])


def quickly(kind: OneOf, cell: str) -> bool | None:
    """None where it cannot be said at once."""
    row = duckdb.execute(f"select {kind.quick('cell')} from (select ? as cell)", [cell]).fetchone()
    assert row is not None
    said: bool | None = row[0]
    return said


@pytest.mark.parametrize(
    "cell", ["Closed Won", " closed won ", "CLOSED WON", "Closed Lost", "受注"]
)
def test_plain_cells_are_told_at_once(cell: str) -> None:
    assert quickly(WON, cell) is (cell != "Closed Lost")


@pytest.mark.parametrize("cell", ["closed  won", "closed\twon", "Closed\r\nWon", "closed\x1cwon"])
def test_other_spaces_within_a_cell_are_looked_at(cell: str) -> None:
    assert quickly(WON, cell) is None
    assert WON.read(pd.Series([cell], dtype="str"))["value"].tolist() == [True]


@given(st.lists(st.tuples(SPACES, WORDS), max_size=3), SPACES)
def test_what_is_told_at_once_is_true(parts: list[tuple[str, str]], end: str) -> None:
    cell = "".join(space + word for space, word in parts) + end
    said = quickly(WON, cell)
    if said is not None:
        assert WON.read(pd.Series([cell.strip()], dtype="str"))["value"].tolist() == [said]


@pytest.mark.parametrize(
    "cell", ["jiro@example.com", "jiro＠example.com", "ｊｉｒｏ＠ｅｘ．ｃｏｍ"]
)
@pytest.mark.parametrize("kind", [Id(b"key"), Text()])
def test_a_mail_address_is_never_taken_as_it_stands(kind: Kind, cell: str) -> None:
    with duckdb.connect() as scratch:
        said = scratch.execute(
            f"select {kind.quick('c')}, {without_mail('c')} from (select $1 c)", [cell]
        )
        assert said.fetchall() == [(None, "…@…")]


def test_a_text_without_an_address_is_taken_as_it_stands() -> None:
    cells = ["Ａ社＠東京", "a b", "株式会社"]
    with duckdb.connect() as scratch:
        said = scratch.execute(f"select {without_mail('c')} from (select unnest($1) c)", [cells])
        assert said.fetchall() == [(cell,) for cell in cells]
