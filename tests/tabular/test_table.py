"""A file's bytes as a table."""

import duckdb
import pytest

from kpi_core.tabular.opened_file import How
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.table import Table, reachable


def read_table(content: bytes) -> Table:
    """The table, or an empty one with the reasons why there is none."""
    opened = open_file(content, "any.csv")
    assert not any(question.open for question in opened.questions)
    return opened.table or Table(issues=opened.issues)


def rows(table: Table) -> list[list[str]]:
    return [cells for _, cells in table.head(table.rows)]


def lines(table: Table) -> list[int]:
    return [line for line, _ in table.head(table.rows)]


def found(table: Table) -> list[tuple[str, int | None]]:
    return [(issue.code, issue.line) for issue in table.issues]


def test_cells_stay_the_text_that_they_are() -> None:
    table = read_table(b"id,n,d,x\n007,1e5, 2026-01-05 ,NULL\nNA,nan,,true\n")
    assert rows(table) == [["007", "1e5", " 2026-01-05 ", "NULL"], ["NA", "nan", "", "true"]]
    assert lines(table) == [2, 3]


@pytest.mark.parametrize("sign", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_the_header_has_most_of(sign: str) -> None:
    table = read_table(f'a{sign}"b, or {sign}c"{sign}d\n1{sign}2{sign}3\n'.encode())
    assert table.header == ("a", f"b, or {sign}c", "d")
    assert rows(table) == [["1", "2", "3"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_newline_gives_the_same_rows(newline: str) -> None:
    written = newline.join(["a,b", "1,2", '"x\ny",3'])
    for content in (written, written + newline):
        assert rows(read_table(content.encode())) == [["1", "2"], ["x\ny", "3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-32"])
def test_japanese_is_read_in_its_encodings(encoding: str) -> None:
    text = "番号,会社名\n1,㈱髙﨑～ソ能表①\n"
    table = read_table(text.encode(encoding))
    assert table.header == ("番号", "会社名")
    assert rows(table) == [["1", "㈱髙﨑～ソ能表①"]]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\n\n\r\n", b"\xef\xbb\xbf", b"a,b\n", b"a,b", b"a,b\n\n,\n", b",,\n"]
)
def test_nothing_is_0_data_rows(content: bytes) -> None:
    table = read_table(content)
    assert (table.rows, found(table)) == (0, [("no_rows", None)])


def test_a_ragged_record_is_rejected_and_shifts_no_column() -> None:
    table = read_table(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n5,6,7\n")
    assert rows(table) == [["1", "2", "3"], ["5", "6", "7"]]
    assert lines(table) == [2, 5]
    assert [(issue.code, issue.line, issue.value) for issue in table.issues] == [
        ("ragged", 3, "2 ≠ 3"),
        ("ragged", 4, "4 ≠ 3"),
    ]
    assert table.rows == 4


def test_a_line_break_in_a_cell_makes_no_record() -> None:
    table = read_table(b'a,b\n"1\n2\n3",x\n4\n5,y\n')
    assert rows(table) == [["1\n2\n3", "x"], ["5", "y"]]
    assert lines(table) == [2, 4]
    assert found(table) == [("ragged", 3)]


@pytest.mark.parametrize("ragged", [b"", b"9\n"])
def test_blank_records_are_left_out_but_counted_on(ragged: bytes) -> None:
    table = read_table(b"a,b\n1,2\n\n,\n  , \n3,4\n" + ragged)
    assert lines(table) == [2, 6]
    assert table.rows == 2 + bool(ragged)


def test_double_and_blank_headers_stay_reachable() -> None:
    assert reachable(["name", "", " name ", "name (2)", "", "column 2"]) == (
        "name", "column 2", "name (3)", "name (2)", "column 5", "column 2 (2)",
    )  # fmt: skip


def test_quotation_marks_within_headers_are_read() -> None:
    table = read_table(b'id,"Date entered ""MQL"""\n1,2026-01-05\n')
    assert table.header == ("id", 'Date entered "MQL"')


def test_an_unbalanced_quotation_mark_is_named_by_the_record_it_opens_in() -> None:
    table = read_table(b'a,b\n1,2\n3,"4\n5,6\n7,"8"\n')
    assert table.refused
    assert found(table) == [("unbalanced_quote", 3)]


def test_an_unbalanced_quotation_mark_in_the_header_is_found() -> None:
    assert found(read_table(b'a,"b\n1,2\n')) == [("unbalanced_quote", 1)]


def test_a_quotation_mark_out_of_place_costs_its_own_record_only() -> None:
    table = read_table(b'a,b\n1,"x"y\n2,5" disk\n3,z\n')
    assert rows(table) == [["2", '5" disk'], ["3", "z"]]
    assert found(table) == [("stray_quote", 2)]


def test_a_record_with_nul_is_rejected() -> None:
    table = read_table(b"a,b\n1,x\0y\n2,z\n")
    assert rows(table) == [["2", "z"]]
    assert found(table) == [("nul_character", 2)]


def test_four_thousand_columns_and_a_cell_of_five_megabytes_are_read() -> None:
    header = ",".join(["same"] * 4_000)
    table = read_table(f"{header}\n{header}\n".encode())
    assert table.header[-1] == "same (4000)"
    large = "x" * 5_000_000
    assert rows(read_table(f'a,b\n"{large}",1\n'.encode())) == [[large, "1"]]
    assert rows(read_table(f'a,b\n"{large}",1\n2\n'.encode())) == [[large, "1"]]


def test_a_table_is_staged_with_the_numbers_of_its_records() -> None:
    with duckdb.connect() as scratch:
        read_table(b"a,b\n1,2\n\n3,\n").stage(scratch, "read")
        described = scratch.execute("describe read").fetchall()
        assert [(name, kind) for name, kind, *_ in described] == [
            ("line", "BIGINT"), ("c0", "VARCHAR"), ("c1", "VARCHAR"),
        ]  # fmt: skip
        assert scratch.execute("from read").fetchall() == [(2, "1", "2"), (4, "3", "")]


def test_staging_again_under_the_same_name_replaces() -> None:
    with duckdb.connect() as scratch:
        for content in (b"a,b\n1,2\n", b"a,b\n3,4\n"):
            read_table(content).stage(scratch, "read")
        assert scratch.execute("select c0 from read").fetchall() == [("3",)]


def test_a_cell_beyond_the_limit_is_told_with_the_number() -> None:
    table = read_table(b"a,b\n1,2\n" + b"x" * (16 * 1024**2 + 1) + b",2\n3,4\n")
    assert rows(table) == [["1", "2"], ["3", "4"]]
    assert [(i.code, i.line, i.value) for i in table.issues] == [
        ("cell_too_large", 3, "> 16,777,216")
    ]


def test_more_columns_than_the_limit_are_refused_with_the_number() -> None:
    table = read_table(b"a," * 10_000 + b"a\n")
    assert [(i.code, i.value) for i in table.issues] == [("too_many_columns", "10,001 > 10,000")]


def test_the_hash_is_that_of_the_bytes_as_they_came() -> None:
    content = "\ufeffa,b\n1,2\n".encode()
    assert open_file(content, "x.csv").file_hash == (
        "4baf8d035fbc583379d998ac9ed3d18276d308ee43cf945ee88d0c54cca33992"
    )


def test_a_delimiter_that_was_settled_is_taken() -> None:
    table = open_file(b"a,b;c\n1,2;3\n", "x.csv", How(delimiter=";")).table
    assert table is not None
    assert table.header == ("a,b", "c")


def test_a_raised_digit_is_no_year_and_ends_no_reader() -> None:
    opened = open_file("³,name\n1,Ada\n2,Bob\n".encode(), "any.csv")
    assert opened.table is not None or opened.questions
