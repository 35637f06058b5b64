"""The real exports: what is known of each as a file, from answers written independently."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_core.tabular.opened_file import Opened
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.table import Table, reachable

NAMES = {
    "utf-8 (ascii)": "utf-8",
    "ascii": "utf-8",
    "utf-8-bom": "utf-8",
    "utf-16le-bom": "utf-16-le",
    "utf-16be-bom": "utf-16-be",
}
SEVERAL_TABLES = "ga4_multi_home2"
KNOWN = {
    "encoding", "delimiter", "newline", "header_record", "data_rows", "columns", "headers",
    "blank_header_cells", "first_header", "header_with_escaped_quotes", "extra_column",
    "comment_lines", "preamble_lines", "title", "period", "total_rows", "all_quoted", "tables",
    "date_format", "rows_in_time_order",  # the last two are about cells
}  # fmt: skip


def opened_files(shared: Path, case: dict[str, Any]) -> list[Opened]:
    paths = [shared / "exports" / name for name in case["files"]]
    return [open_file(path, path.name) for path in paths]


def every(said: Any, count: int) -> list[Any]:
    """What a case says of each of its files."""
    return said if isinstance(said, list) else [said] * count


def table_of(opened: Opened) -> Table:
    assert opened.table is not None
    return opened.table


def header_line(opened: Opened) -> int:
    answer = next(question.answer for question in opened.questions if question.key == "header")
    assert answer is not None
    return int(answer)


def of_one_table(cases: dict[str, Any]) -> list[str]:
    return [name for name in cases if name != SEVERAL_TABLES]


def test_each_file_is_read_as_its_case_says(shared: Path, cases: dict[str, Any]) -> None:
    for name in of_one_table(cases):
        said = cases[name]["parse"]
        assert said.keys() <= KNOWN, name
        opened = opened_files(shared, cases[name])
        for at, file in enumerate(opened):
            table = table_of(file)
            assert not any(question.open for question in file.questions), name
            encoding = every(said.get("encoding", "utf-8"), len(opened))[at]
            assert file.encoding == NAMES.get(encoding, encoding), name
            delimiter = said.get("delimiter", ",").replace("\\t", "\t")
            assert file.delimiter == delimiter, name
            assert header_line(file) == said.get("header_record", 1), name
            if "data_rows" in said:
                expected = every(said["data_rows"], len(opened))[at]
                assert (table.rows, len(table.head(table.rows + 1))) == (expected, expected), name
            assert len(table.title) <= said.get("preamble_lines", said.get("comment_lines", 0))
            assert table.left_out.get("totals", 0) == said.get("total_rows", 0), name
            assert [issue.code for issue in table.issues] == (
                ["total_left_out"] * said.get("total_rows", 0)
            ), name


def test_headers_are_those_of_the_file(shared: Path, cases: dict[str, Any]) -> None:
    for name in of_one_table(cases):
        said = cases[name]["parse"]
        for file in opened_files(shared, cases[name]):
            header = table_of(file).header
            assert len(set(header)) == len(header), name
            assert header == reachable(said.get("headers", header)), name
            assert len(header) == said.get("columns", len(header)), name
            assert header[0] == said.get("first_header", header[0]), name
            for key in ("header_with_escaped_quotes", "extra_column"):
                assert said.get(key, header[0]) in header, (name, key)
            blank = sum(cell.startswith("column ") for cell in header)
            assert blank == said.get("blank_header_cells", 0), name


@pytest.mark.parametrize("name", ["olist_leads", "maven_iso", "zoho_leads", "blank_headers"])
def test_all_cells_are_those_that_another_reader_finds(
    shared: Path, cases: dict[str, Any], name: str
) -> None:
    path = shared / "exports" / cases[name]["files"][0]
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))[1:]
    table = table_of(open_file(path, path.name))
    assert table.head(table.rows) == list(enumerate(expected, start=2))


def test_the_preamble_gives_title_and_period(shared: Path, cases: dict[str, Any]) -> None:
    campaigns = table_of(opened_files(shared, cases["gads_campaign"])[0])
    assert campaigns.title[0] == cases["gads_campaign"]["parse"]["title"]
    assert (campaigns.first_day, campaigns.last_day) == (date(2025, 7, 8), date(2025, 7, 31))
    events = table_of(opened_files(shared, cases["ga4_events_b2b"])[0])
    period = [str(day) for day in (events.first_day, events.last_day)]
    assert period == cases["ga4_events_b2b"]["parse"]["period"]
    keywords = table_of(opened_files(shared, cases["utf16_tab_preamble"])[0])
    assert (keywords.first_day, keywords.last_day) == (date(2020, 10, 1), date(2021, 9, 30))


def test_each_table_of_a_file_of_many_is_offered_and_read(
    shared: Path, cases: dict[str, Any]
) -> None:
    case = cases[SEVERAL_TABLES]
    path = shared / "exports" / case["files"][0]
    opened = open_file(path, path.name)
    said = case["parse"]["tables"]
    assert (opened.table, [question.key for question in opened.questions]) == (None, ["table"])
    assert [(list(head.header), head.rows) for head in opened.tables] == [
        (table["header"], table["rows"]) for table in said
    ]
    assert len({head.key for head in opened.tables}) == len(said) == 14
    for head, expected in zip(opened.tables, said, strict=True):
        table = table_of(open_file(path, path.name, answers={"table": head.key}))
        assert list(table.header) == expected["header"]
        assert len(table.head(99)) == table.rows == expected["rows"]
        days = [day.strftime("%Y%m%d") for day in (table.first_day, table.last_day) if day]
        assert days == expected["period"]


def test_three_encodings_of_one_table_are_one_table(shared: Path, cases: dict[str, Any]) -> None:
    for opened in opened_files(shared, cases["bom_triplet"]):
        table = table_of(opened)
        rows = [cells for _, cells in table.head(table.rows)]
        assert [list(table.header), *rows] == cases["bom_triplet"]["expect"]["same_table"]
