"""Rows that were not taken in: out as a file, corrected, and in again."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_core.domain.receipt import Receipt
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store, open_store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.csv_safety import plain, safe
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.rejected_rows import rejected_rows
from tests.ingest.read import LEADS, NOW, mapping_of

ENGLISH = Words(Language.EN)


def take_in(store: Store, content: bytes, mapping: str = LEADS) -> Receipt:
    return import_file(store, content, "leads.csv", mapping_of(mapping), who="test", now=NOW)


def rejected(store: Store, receipt: Receipt, words: Words = ENGLISH) -> list[list[str]]:
    assert receipt.import_id is not None
    text = rejected_rows(store, receipt.import_id, words).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


FILE = 'id,created,note,Email\nA,2026-01-05,x,a@b.jp\nB,soon,"=1+1",b@b.jp\n,2026-01-06,-5,\n'


def test_each_row_stands_there_with_its_reason_and_without_what_is_personal(store: Store) -> None:
    receipt = take_in(store, FILE.encode())
    assert receipt.rejected_rows == 2
    assert rejected(store, receipt) == [
        ["id", "created", "note", "Why it was rejected"],
        ["B", "soon", "'=1+1", 'Line 3, created: cannot read "soon" as a date. '
         "Correct the cell and import the file again."],
        ["", "2026-01-06", "-5", "Line 4, id: the ID is missing. "
         "Fill it in and import the file again."],
    ]  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
def test_a_corrected_file_goes_in_as_it_is(store: Store, language: Language) -> None:
    rows = rejected(store, take_in(store, FILE.encode()), Words(language))
    rows[1][1], rows[2][0] = "2026-01-07", "C"
    mapping = LEADS + '[attributes]\nnote = "note"\n'
    receipt = take_in(store, written(rows), mapping)
    assert (receipt.new, receipt.rejected_rows) == (2, 0)
    with store.scratch() as scratch:
        notes = scratch.execute(
            "select attr_note from leads where attr_note is not null order by line"
        ).fetchall()
    assert notes == [("=1+1",), ("-5",)]


UNREADABLE = b"id,created\nA,2026-01-05\nB,2026-01-06,7\nC\nD,2026-\x0001-06\nE,soon\n"


@pytest.mark.parametrize("language", list(Language))
def test_of_a_record_that_could_not_be_read_the_original_is_needed(
    store: Store, language: Language
) -> None:
    words = Words(language)
    rows = rejected(store, take_in(store, UNREADABLE), words)
    assert [row[:2] for row in rows[1:]] == [["", ""], ["", ""], ["", ""], ["E", "soon"]]
    needed = [row[2].endswith(words("issues.original_needed")) for row in rows[1:]]
    assert needed == [True, True, True, False]
    assert "3 ≠ 2" in rows[1][2]


@pytest.mark.parametrize("identified", [True, False])
def test_what_was_not_filled_in_is_no_lead(store: Store, identified: bool) -> None:
    mapping = LEADS if identified else LEADS.replace('id = "id"\n', "")
    rows = rejected(store, take_in(store, UNREADABLE, mapping))
    again = take_in(store, written([rows[0], *(row for row in rows[1:] if row[:2] == ["", ""])]))
    assert (again.rows, again.facts, again.rejected_rows) == (0, 0, 0)
    rows[1][:2], rows[4][1] = ["B", "2026-01-06"], "2026-01-07"
    again = take_in(store, written(rows), mapping)
    assert (again.rows, again.new, again.rejected_rows) == (2, 2, 0)
    assert store.undated(Stage.LEAD) == 0


def test_a_file_of_reasons_alone_is_told_what_it_lacks(store: Store) -> None:
    receipt = take_in(store, b"Why it was rejected\nLine 3: cannot be read.\n")
    assert receipt.import_id is None
    assert [issue.code for issue in receipt.issues] == ["column_missing"] * 2


def test_all_rows_of_a_record_come_out_together(store: Store) -> None:
    mapping = LEADS.replace("[[", 'merge = "continuation"\n[[')
    receipt = take_in(
        store, b"id,created,tag\nA,2026-01-05,x\nB,soon,y\n,,z\nC,2026-01-06,\n", mapping
    )
    rows = rejected(store, receipt)
    assert [row[:3] for row in rows[1:]] == [["B", "soon", "y"], ["", "", "z"]]
    assert rows[2][3] == ""


def test_without_the_kept_table_there_are_the_reasons(store: Store, tmp_path: Path) -> None:
    receipt = take_in(store, FILE.encode())
    for table in (tmp_path / "data").glob("archive/*"):
        table.unlink()
    rows = rejected(store, receipt)
    assert rows[0] == ["Why it was rejected"]
    assert len(rows) == 3


@given(
    st.text(max_size=8)
    | st.text(alphabet="a1=+-@;,\t\r\n \"'", max_size=10)
    | st.from_regex(r"'*[=+@\t\r-][0-9.,']{0,4}", fullmatch=True)
)
def test_what_is_made_safe_reads_back_and_runs_nowhere(cell: str) -> None:
    made = safe(cell)
    assert plain(made) == cell
    assert made[:1] not in {"\t", "\r"}
    # However a spreadsheet parts it, and whatever quotes and blanks it takes away first.
    for part in re.split(r"[;,\t\r\n]", made):
        begins = part.lstrip(' "')
        assert begins[:1] not in {"=", "+", "@", "＝", "＋", "－", "＠"}
        assert begins[:1] != "-" or begins[1:].rstrip('"').replace(".", "").isdecimal()


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (";=1", ";'=1"),
        ('a;"=1+1"', 'a;"\'=1+1"'),
        ("a,+1", "a,'+1"),
        ("a\t@x", "a\t'@x"),
        ("a\n=x", "a\n'=x"),
        ("-5", "-5"),
        ("-1,234.5", "-1,234.5"),
        ("-5;-6", "-5;-6"),
        ("-5+1", "'-5+1"),
        ("a-b = c", "a-b = c"),
        ("\t=1", "'\t'=1"),
        ("'=1", "''=1"),
    ],
)
def test_each_cell_that_a_spreadsheet_could_make_of_it_is_marked(cell: str, told: str) -> None:
    assert safe(cell) == told
    assert plain(told) == cell


NUMBERS = count()
"""Each example has a source of its own: what it says contradicts no other."""
ids = st.sampled_from(["A", "B", "C", "", "=D", "-e", "'=F", "+81"])
days = st.sampled_from(["2026-01-05", "2026-02-30", "soon", "=NOW()", "", "-1"])
notes = st.text(alphabet="a=+-@'\t;,\"\n", max_size=5)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("rejected") / "data")
    yield opened
    opened.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ids, days, notes), min_size=1, max_size=6), st.uuids())
def test_any_rejected_rows_once_corrected_come_in(
    shelf: Store, rows: list[tuple[str, str, str]], fresh: object
) -> None:
    """A sound row goes first, so that there is an import to ask for its rejected rows."""
    head = ["id", "created", "note"]
    content = written([head, [f"sound {fresh}", "2026-01-01", ""], *(list(row) for row in rows)])
    mapping = LEADS.replace('"crm"', f'"crm {next(NUMBERS)}"')
    receipt = take_in(shelf, content, mapping)
    if receipt.import_id is None:
        return
    out = rejected(shelf, receipt)
    assert len(out) - 1 == receipt.rejected_rows
    for number, row in enumerate(out[1:]):
        row[0] = row[0] or f"corrected {number}"
        row[1] = "2026-03-01"
    again = take_in(shelf, written(out), mapping)
    assert (again.rows, again.rejected_rows) == (len(out) - 1, 0)
