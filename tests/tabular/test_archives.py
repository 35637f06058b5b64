"""Kinds of files: told by their content, unpacked within limits, or said what they are."""

import errno
import gzip
import io
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import duckdb
import pytest

from kpi_core.tabular import archives, byte_source, html, reader
from kpi_core.tabular import excel as workbooks
from kpi_core.tabular.excel import as_text
from kpi_core.tabular.opened_file import Kind, Opened
from kpi_core.tabular.reader import open_file

CSV = b"id,name\n1,x\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def workbook(*sheets: str) -> bytes:
    """Each sheet's rows; their names are Leads, Leads2 and so on."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    numbers = range(1, len(sheets) + 1)
    named = "".join(
        f'<sheet name="Leads{"" if at == 1 else at}" sheetId="{at}" r:id="rId{at}"/>'
        for at in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in numbers
    )
    return zipped(
        ("[Content_Types].xml", b"<Types/>"),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{named}</sheets>'
            "</workbook>".encode(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}">{related}</Relationships>'.encode(),
        ),
        *(
            (f"xl/worksheets/sheet{at}.xml", SHEET.format(rows).encode())
            for at, rows in enumerate(sheets, start=1)
        ),
    )


def cells(opened: Opened) -> list[list[str]]:
    assert opened.table is not None
    return [row for _, row in opened.table.head(opened.table.rows)]


def refusals(opened: Opened) -> list[tuple[str, str | None]]:
    assert opened.refused
    return [(issue.code, issue.value) for issue in opened.issues]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n%", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"PAR1....", "Parquet"),
        (b'{"leads": [1, 2]}', "JSON"),
        (b'[{"id": 1}]', "JSON"),
        (b'{"id": 1}\n{"id": 2}\n', "JSON"),
        (b"SQLite format 3\0....", "SQLite"),
        (b"<?xml version='1.0'?><leads/>", "XML"),
        (b"id\0\0\0\0,name\n", "binary"),
        (zipped(("word/document.xml", b"<w/>")), "Word"),
        (zipped(("a.json", b"{}"), ("b.pdf", b"%PDF-1.7")), "JSON"),
    ],
)
def test_what_is_no_table_is_named(content: bytes, said: str) -> None:
    assert refusals(open_file(content, "leads.csv")) == [("not_a_table", said)]


def test_an_ole_file_that_is_no_workbook_is_refused() -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000
    assert refusals(open_file(content, "a.xls"))[0][0] in {"damaged", "not_a_table"}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a", "a.csv.gz"])
def test_the_name_does_not_matter(name: str) -> None:
    for content, kind in ((CSV, Kind.CSV), (gzip.compress(CSV), Kind.GZ)):
        opened = open_file(content, name)
        assert (opened.kind, opened.name, cells(opened)) == (kind, name, [["1", "x"]])


def test_a_zip_of_several_files_offers_each_by_its_name() -> None:
    content = zipped(
        ("leads.csv", CSV), ("sub/deals.csv", b"deal;won\n7;2026-01-05\n"),
        ("readme.json", b"{}"), ("__MACOSX/._leads.csv", b"\0"),
    )  # fmt: skip
    opened = open_file(content, "export.zip")
    assert [(head.key, head.header, head.rows) for head in opened.tables] == [
        ("sub/deals.csv", ("deal", "won"), 1),  # it has dates
        ("leads.csv", ("id", "name"), 1),
    ]
    assert [question.key for question in opened.questions if question.open] == ["table"]
    deals = open_file(content, "export.zip", answers={"table": "sub/deals.csv"})
    assert (deals.delimiter, cells(deals)) == (";", [["7", "2026-01-05"]])


def test_names_that_windows_in_japan_zipped_are_readable() -> None:
    content = zipped(("xxxxxx.csv", CSV), ("b.csv", CSV))
    content = content.replace(b"xxxxxx", "リード".encode("cp932"))
    assert [head.key for head in open_file(content, "x.zip").tables] == ["リード.csv", "b.csv"]


def test_a_table_in_a_zip_may_have_questions_of_its_own() -> None:
    content = zipped(("a.csv", CSV), ("b.csv", "id,name\n1,José\n".encode("latin-1")))
    opened = open_file(content, "x.zip", answers={"table": "b.csv"})
    assert [question.key for question in opened.questions if question.open] == ["encoding"]
    answered = open_file(content, "x.zip", answers={"table": "b.csv", "encoding": "cp1252"})
    assert cells(answered) == [["1", "José"]]


@pytest.mark.parametrize("name", ["../leads.csv", "/etc/leads.csv", "a/../../b.csv", "c:\\x.csv"])
def test_a_path_that_climbs_out_is_refused(name: str) -> None:
    content = zipped(("leads.csv", CSV), (name, CSV))
    assert refusals(open_file(content, "x.zip")) == [("unsafe_name", name)]


def test_too_many_files_are_told_with_the_number() -> None:
    content = zipped(*((f"{at}.csv", CSV) for at in range(201)))
    assert refusals(open_file(content, "x.zip")) == [("too_many_files", "201 > 200")]


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("a.csv", content))])
def test_a_bomb_is_stopped_at_the_limit(pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(pack)
    content = pack(b"a,b\n" + b"1,2\n" * 3_000_000)
    monkeypatch.setattr(archives, "MAX_EXPANDED", 5_000_000)
    monkeypatch.setattr(archives.Allowance.__init__, "__defaults__", (5_000_000,))
    ((code, value),) = refusals(open_file(content, "x"))
    assert code == "expands_too_far"
    assert value is not None


def test_archives_within_archives_are_opened_two_deep() -> None:
    once = gzip.compress(CSV)
    assert cells(open_file(zipped(("a.csv.gz", once)), "x.zip")) == [["1", "x"]]
    deeper = zipped(("b.zip", zipped(("a.csv.gz", once))))
    assert refusals(open_file(deeper, "x.zip")) == [("nested_too_deep", "> 2")]


@pytest.mark.parametrize(
    "content",
    [gzip.compress(CSV * 99)[:-9], zipped(("a.csv", CSV * 99))[:60]],
    ids=["gz", "zip"],  # the bytes hold the time they were packed at: no two workers' are equal
)
def test_a_file_cut_short_is_said_to_be_damaged(content: bytes) -> None:
    assert [code for code, _ in refusals(open_file(content, "x"))] == ["damaged"]


def test_a_protected_zip_is_named() -> None:
    content = bytearray(zipped(("a.csv", CSV)))
    content[6] |= 1
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusals(open_file(bytes(content), "x.zip")) == [("protected", "zip")]


def test_a_file_that_is_too_large_is_told_with_the_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    assert refusals(open_file(path, "a.csv")) == [("file_too_large", "12 > 10")]


def test_a_workbook_has_the_rows_of_its_sheet_under_their_numbers() -> None:
    rows = (
        '<row r="2"><c r="A2" t="inlineStr"><is><t>id</t></is></c>'
        '<c r="B2" t="inlineStr"><is><t>amount</t></is></c></row>'
        '<row r="4"><c r="A4" t="inlineStr"><is><t>L1</t></is></c>'
        '<c r="B4"><v>1234567.1</v></c></row>'
    )
    opened = open_file(workbook(rows), "x.csv")
    assert opened.table is not None
    assert (opened.kind, opened.tables[0].key) == (Kind.XLSX, "Leads")
    assert opened.table.head(9) == [(4, ["L1", "1234567.1"])]


def test_the_cells_of_all_sheets_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c></row>'
    )
    monkeypatch.setattr(workbooks, "MAX_SHEET_CELLS", 10)
    assert not open_file(workbook(sheet, sheet), "x.xlsx").issues
    assert refusals(open_file(workbook(sheet, sheet, sheet), "x.xlsx")) == [
        ("too_many_cells", "12 > 10")
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (1e21, "1000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (-12.5, "-12.5"),
        (float("inf"), ""),
        (float("nan"), ""),
        (True, "TRUE"),
        ("007", "007"),
        ("", ""),
    ],
)
def test_numbers_are_written_out(value: object, text: str) -> None:
    assert as_text(value) == text


HTML = """<html><head><meta charset="{}"></head><body><p>Report</p>
<table><tr><th rowspan="2">会社</th><th colspan="2">x</th></tr></table>
<table><tr><th>Lead ID</th><th>Name &amp; co</th><th>Created</th></tr>
<tr><td rowspan="2">L1</td><td>a<br>b</td><td>2026-01-05</td></tr>
<tr><td>c</td><td></td></tr></table></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "utf-16"])
def test_a_page_of_html_saved_as_a_workbook_is_read(encoding: str) -> None:
    opened = open_file(HTML.format(encoding).encode(encoding), "report.xls")
    assert opened.kind is Kind.HTML
    assert opened.tables[0].header == ("Lead ID", "Name & co", "Created")
    chosen = open_file(
        HTML.format(encoding).encode(encoding), "x", answers={"table": opened.tables[0].key}
    )
    assert cells(chosen) == [["L1", "ab", "2026-01-05"], ["L1", "c", ""]]


def test_the_encoding_that_a_page_declares_is_taken() -> None:
    page = '<meta charset="iso-8859-1"><table><tr><th>id<th>name<tr><td>1<td>José</table>'
    opened = open_file(page.encode("latin-1"), "x.xls")
    assert (opened.encoding, cells(opened)) == ("cp1252", [["1", "José"]])


WIDE = "<tr><td colspan=100>x</td></tr>"


@pytest.mark.parametrize(
    "page",
    [
        f"<table>{WIDE * 11}</table>",
        f"<table>{WIDE * 6}</table><table>{WIDE * 6}</table>",
        f"<table>{WIDE}{'<tr><td>x</td></tr>' * 10}</table>",
    ],
)
def test_a_page_with_more_cells_than_can_be_held_is_told_the_number(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "MAX_SHEET_CELLS", 1000, raising=False)
    assert refusals(open_file(page.encode(), "x.xls")) == [("too_many_cells", "> 1,000")]


def test_a_small_page_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_SHEET_CELLS", 1_000_000, raising=False)
    page = "<table>" + "<tr><td colspan=16384>" * 600
    tracemalloc.start()
    opened = open_file(page.encode(), "x.xls")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusals(opened) == [("too_many_cells", "> 1,000,000")]
    assert most < 20 << 20


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(suffix: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(byte_source, "Kept", full)
    content = zipped(("a.csv", b"a,b\n" + b"1,2\n" * 2_000_000))
    assert refusals(open_file(content, "x.zip")) == [("no_room", None)]


def test_what_was_unpacked_goes_with_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = open_file(gzip.compress(b"id,name\n" + b"1,x\n" * 2_000_000), "x.gz")
    assert opened.table is not None
    with duckdb.connect() as scratch:
        opened.table.stage(scratch, "read")
        assert scratch.execute("select count(*), max(line) from read").fetchone() == (
            2_000_000, 2_000_001,
        )  # fmt: skip
    assert len(list(tmp_path.iterdir())) == 1
    del opened
    assert not list(tmp_path.iterdir())
