"""A file's bytes as a table."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kpi_core.ingest.files.table import Table, reachable, read_table
from kpi_core.storage.facts import Severity


def rows(table: Table) -> list[list[str]]:
    return [list(row) for row in table.frame.itertuples(index=False)]


def lines(table: Table) -> list[int]:
    return [int(line) for line in table.frame.index]


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


def test_text_of_no_certain_encoding_is_refused_with_the_first_byte_that_does_not_fit() -> None:
    table = read_table("a,b\n1,café\n".encode("latin-1"))
    assert table.refused
    assert [(issue.code, issue.value) for issue in table.issues] == [("encoding_unknown", "9")]


def test_japanese_written_in_ascii_with_escapes_is_not_taken_for_ascii() -> None:
    table = read_table("a,b\n1,北\n".encode("iso-2022-jp"))
    assert [(issue.code, issue.value) for issue in table.issues] == [("encoding_unknown", "6")]


def test_a_wrong_byte_order_mark_is_not_believed() -> None:
    table = read_table(b"\xfe\xff" + "id,name\n1,x\n".encode("utf-16-le"))
    assert found(table) == [("encoding_unknown", None)]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"PK\x03\x04..", "xlsx / zip"),
        (b"%PDF-1.7", "pdf"),
        (b"\x89PNG\r\n", "png"),
        (b"\x1f\x8b\x08", "gz"),
        (b"\n <html><table>", "html"),
    ],
)
def test_a_file_that_is_no_text_is_named(start: bytes, kind: str) -> None:
    table = read_table(start)
    assert table.refused
    assert [(issue.code, issue.value) for issue in table.issues] == [("not_a_table", kind)]


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


def test_utf16_without_a_mark_is_no_table() -> None:
    assert found(read_table("a,b\n1,2\n".encode("utf-16-le"))) == [("not_a_table", None)]


def test_ten_thousand_columns_and_a_cell_of_five_megabytes_are_read() -> None:
    header = ",".join(["same"] * 10_000)
    table = read_table(f"{header}\n{header}\n".encode())
    assert table.header[-1] == "same (10000)"
    large = "x" * 5_000_000
    assert rows(read_table(f'a,b\n"{large}",1\n'.encode())) == [[large, "1"]]
    assert rows(read_table(f'a,b\n"{large}",1\n2\n'.encode())) == [[large, "1"]]


@pytest.mark.parametrize(
    "name",
    [
        "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines",
        "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
    ],
)  # fmt: skip
def test_csv_spectrum_comes_out_as_its_json(shared: Path, name: str) -> None:
    folder = shared / "torture" / "csv-spectrum"
    table = read_table((folder / "csvs" / f"{name}.csv").read_bytes())
    answer = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    assert table.frame.to_dict(orient="records") == answer
    assert table.issues == ()


def test_no_torture_file_raises_or_loses_a_row(shared: Path) -> None:
    files = [path for path in (shared / "torture").rglob("*") if path.is_file()]
    assert len(files) > 150
    for path in files:
        table = read_table(path.read_bytes())
        assert table.rows == len(table.frame) + sum(
            issue.line is not None and issue.severity is Severity.REJECTED
            for issue in table.issues
            if not table.refused
        ), path
        assert table.header or table.issues, path
        assert len(set(table.header)) == len(table.header), path


CASES_READ = (
    "olist_leads", "maven_iso", "marketstar_quotas", "zoho_leads", "sf_opportunity_history",
    "sf_leads_no_created", "sf_dataloader_opps", "marketo_leads", "hubspot_deal_stage_log",
    "hubspot_contacts_snapshot", "meta_like", "mautic_contacts", "cp932_holidays",
    "cp932_estat_wide", "utf8bom_fullwidth_digits", "blank_headers", "daily_counts_jp",
    "offset_formats", "sf_error_file",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES_READ)
def test_real_exports_have_the_rows_and_headers_that_they_should(
    shared: Path, cases: dict[str, Any], case: str
) -> None:
    said = cases[case]["parse"]
    table = read_table((shared / "exports" / cases[case]["files"][0]).read_bytes())
    assert len(table.frame) == said["data_rows"]
    assert table.issues == ()
    if "headers" in said:
        assert table.header == reachable(said["headers"])
    if "columns" in said:
        assert len(table.header) == said["columns"]


def test_three_encodings_of_one_table_are_one_table(shared: Path, cases: dict[str, Any]) -> None:
    for name in cases["bom_triplet"]["files"]:
        table = read_table((shared / "exports" / name).read_bytes())
        assert [list(table.header), *rows(table)] == cases["bom_triplet"]["expect"]["same_table"]


def test_cells_are_strings_of_pandas(shared: Path) -> None:
    frame = read_table(b"a,b\n1,2\n").frame
    assert all(dtype == pd.StringDtype(na_value=float("nan")) for dtype in frame.dtypes)
