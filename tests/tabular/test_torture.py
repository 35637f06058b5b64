"""Files that break importers: each has what must come out of it, worked out from the file."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kpi_core.domain.issue import Severity
from kpi_core.tabular.opened_file import Opened
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.table import Table


@dataclass(frozen=True)
class Expect:
    """A table, a question, or a refusal. `issues`: code@record, one after the other."""

    header: str | None = None
    rows: int = 0
    columns: int | None = None
    header_at: int = 1
    issues: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    title: tuple[str, ...] = ()
    asks: str | None = None
    options: str = ""
    refused: str | None = None
    value: str | None = None
    line: int | None = None
    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","


TWO_ROWS = Expect("id|name", rows=2)

FRICTIONLESS = {
    "Table With Data.csv": TWO_ROWS,
    "[table].csv": TWO_ROWS,
    "accent.csv": Expect(columns=17, rows=2, delimiter=";"),
    "adjust-floating-point-error.xlsx": Expect(
        "Sample Name|peak PO4|actual PO4 (formula)|actual PO4 (values)", rows=5, kind="xlsx"
    ),
    "analysis-data.csv": Expect(
        "type_school|school_accreditation|gender|interest|residence|parent_age|parent_salary|house_area|average_grades|parent_was_in_college|in_college",
        rows=9,
    ),
    "ascii-notvalid.csv": Expect("A|B|C", rows=1),
    "ascii.csv": Expect("A|B|C", rows=1),
    "blank-cells.csv": Expect("id|name", rows=5),
    "blank-headers.csv": Expect("id|column 2|age", rows=2),
    "blank-rows-multiple.csv": Expect("id|name|age", rows=2, left_out={"blank": 11}),
    "blank-rows-no-fields.csv": Expect("id|name|age", rows=2, left_out={"blank": 1}),
    "blank-rows.csv": Expect("id|name|age", rows=2, left_out={"blank": 1}),
    "bom.csv": TWO_ROWS,
    "capital-3.csv": Expect("id|name", rows=5),
    "capital-invalid.csv": Expect(
        "id|name|name (2)", rows=10, issues="ragged@10 ragged@12", left_out={"blank": 1}
    ),
    "capital-valid.csv": Expect("id|name", rows=5),
    "capitals.csv": Expect("id|cid|name", rows=5),
    "cast-int-to-string-issue-1251.xls": Expect("A|B|C|D|E", rows=2, kind="xls"),
    "cast-int-to-string-issue-1251.xlsx": Expect("A|B|C|D|E", rows=2, kind="xlsx"),
    "chunk1.csv": Expect("id|name", rows=1),
    "chunk1.csv.zip": Expect("id|name", rows=1, kind="zip"),
    "chunk2.csv": Expect("id|name", rows=1),
    "chunk2.csv.zip": Expect("id|name", rows=1, kind="zip"),
    "chunk2.headless.csv": Expect(asks="header", options="0|1"),
    "chunk3.csv": Expect(asks="header", options="0|1"),
    "compression/datapackage.json": Expect(refused="not_a_table", value="JSON", kind="other"),
    "compression/explicit.csv.gz": Expect("id|name", rows=2, kind="gz"),
    "compression/explicit.csv.zip": Expect("id|name", rows=2, kind="zip"),
    "compression/implicit-gz.csv": Expect("id|name", rows=2, kind="gz"),
    "compression/implicit-zip.csv": Expect("id|name", rows=2, kind="zip"),
    "countries-cleaned.csv": Expect("id|neighbor_id|name|population", rows=4),
    "countries-truefalsevalues.csv": Expect("id|value", rows=2),
    "countries.csv": Expect(
        "id|neighbor_id|name|population",
        rows=5,
        header_at=2,
        issues="ragged@4 ragged@7",
        title=("clean this data!",),
    ),
    "country-1.csv": Expect("id|neighbor_id|name|population", rows=5),
    "country-2.csv": Expect(
        "id|neighbor_id|name|population",
        rows=5,
        header_at=2,
        title=("Author: the scientist",),
        delimiter=";",
    ),
    "country-3.csv": Expect("id|capital_id|name|population", rows=5),
    "data.csv": Expect("id|name|description|amount", rows=2),
    "data2.csv": Expect("parent|comment", rows=3),
    "defective-rows.csv": Expect("id|name|age", rows=2, issues="ragged@2 ragged@3"),
    "delimiter.csv": Expect("id|name", rows=2, delimiter=";"),
    "dialect.csv": Expect("id|name", rows=2, issues="ragged@3", delimiter="|"),
    "doublequote.csv": Expect(columns=17, rows=5),
    "doublequote.csv.zip": Expect(columns=17, rows=5, kind="zip"),
    "duplicate-column.csv": Expect("A|B|B (2)|C", rows=1),
    "duplicate-headers.csv": Expect("id|name|id (2)|age|id (3)", rows=2),
    "duplicate-rows.csv": Expect("id|name|age", rows=3),
    "empty.csv": Expect(refused="no_rows"),
    "encoding-issue-274.csv": Expect(columns=17, rows=507),
    "escaping.csv": Expect("ID|Test", rows=3, issues="stray_quote@4"),
    "floats.csv": Expect("number", rows=5),
    "innerpath.package.zip": Expect(
        asks="table",
        options="data/emissions.historical.energy.csv|data/emissions.projections.csv|data/emissions.historical.biomass.csv|data/emissions.historical.industrial.processes.csv|data/emissions.historical.international.csv|data/emissions.historical.csv|data/emissions.historical.agriculture.csv|data/emissions.historical.aviation.csv|data/emissions.historical.lulucf.csv|data/emissions.historical.waste.csv|datapackage.yaml",
        kind="zip",
    ),
    "invalid.csv": Expect(
        "id|name|column 3|name (2)",
        rows=3,
        issues="ragged@2 ragged@3 ragged@5",
        left_out={"blank": 1},
    ),
    "issue-1004-data1.csv": Expect(
        "id|neighbor_id|name|population", rows=5, issues="ragged@3 ragged@6"
    ),
    "issue-1004-data2.csv": Expect(
        "id|name|country|city", rows=3, issues="ragged@2 ragged@3 ragged@5", left_out={"blank": 1}
    ),
    "issue-1009-comma.csv": Expect("fieldNameA|fieldNameB", rows=1),
    "issue-1009-semicolon.csv": Expect("fieldNameA|fieldNameB", rows=1, delimiter=";"),
    "issue-1024.xlsx": Expect(
        columns=55,
        rows=50,
        header_at=10,
        left_out={"blank": 10},
        title=("Afghanistan", "IPC Analysis 2017-2022", "Create date: 15.4.2022"),
        kind="xlsx",
    ),
    "issue-1066-largecellsize.csv": Expect("Description|status", rows=19),
    "issue-1066-largecellsizewithdeviation.csv": Expect("Description|status", rows=19),
    "issue-1066-smallcellsize.csv": Expect("Description|status", rows=12),
    "issue-1066-smallcellsizewithdeviation.csv": Expect("Description|status", rows=12),
    "issue-1100.csv": Expect("id|timestamp", rows=2, delimiter=";"),
    "issue-1105-timezone.csv": Expect("id|timestamp", rows=2, delimiter=";"),
    "issue-1109.csv": Expect("int|number|string", rows=3),
    "issue-1138.csv": Expect("Zeit [MEZ]|Wasserstand|Status|column 4", rows=7, delimiter=";"),
    "issue-1232.csv": Expect(
        "comune|codice_regione|codice_provincia|codice_comune|denominazione_comune|sigla_provincia|data_entrata_in_carica",
        rows=5,
        delimiter=";",
    ),
    "issue-1341.csv": Expect(columns=51, rows=99),
    "issue-277.csv": Expect(columns=71, rows=75),
    "issue-305.csv": Expect(columns=31, rows=338),
    "issue-312.xlsx": Expect(
        "id|name|column 3|name (2)|column 5", rows=4, left_out={"blank": 1}, kind="xlsx"
    ),
    "issue-313.xlsx": Expect("Column_1|Column_3|Column_2|Column_4|Column_5", rows=2, kind="xlsx"),
    "issue-320.xlsx": Expect(
        columns=54,
        rows=50,
        header_at=10,
        left_out={"blank": 10},
        title=("Afghanistan", "IPC Analysis 2017-2020", "Create date: 18.5.2020"),
        kind="xlsx",
    ),
    "issue-493.csv": Expect(columns=126, rows=9),
    "issue-825.csv": Expect("Musei|2011|2010", rows=2),
    "issue-833.csv": Expect("id|value", rows=3),
    "issue-844.csv": Expect("nome|età", rows=2),
    "issue-870.xlsx": Expect(
        "0|First Name|Last Name|Gender|Country|Age|Date|Id", rows=9, kind="xlsx"
    ),
    "issue-991.csv": Expect("Excel time|resource1_1_s_mean (°C)|resource1_1_s_max (°C)", rows=1),
    "latin1.csv": Expect(asks="encoding", options="cp1252|cp932"),
    "leading-zeros.csv": Expect("value", rows=3),
    "long.csv": Expect("id|name", rows=6),
    "matrix-with-comment.csv": Expect("f1|f2|f3|f4", rows=4, header_at=2, title=("comment",)),
    "matrix.csv": Expect("f1|f2|f3|f4", rows=4),
    "merged-cells-boolean.xls": Expect("TRUE", rows=0, issues="no_rows", kind="xls"),
    "merged-cells.xls": Expect("data", rows=0, issues="no_rows", kind="xls"),
    "merged-cells.xlsx": Expect("data", rows=0, issues="no_rows", kind="xlsx"),
    "multiline-headers.xlsx": Expect(asks="header", options="0|1|2|3|4|5|6", kind="xlsx"),
    "nested-invalid.csv": Expect("id|cat|name", rows=5),
    "nested.csv": Expect("id|cat|name", rows=4),
    "number-format-multicode.xlsx": Expect("col1", rows=3, kind="xlsx"),
    "numeric-labels.csv": Expect(
        "id|100022|100025|100047|100065|100093|10011|100131|100156|100171", rows=3
    ),
    "package-dialect-no-header.csv": Expect("details|key|score", rows=2),
    "package-invalid.zip": Expect(asks="table", options="data.csv|data2.csv", kind="zip"),
    "package.zip": Expect(asks="table", options="data.csv|data2.csv", kind="zip"),
    "preserve-formatting-percentage.xlsx": Expect("col1|col2", rows=3, kind="xlsx"),
    "preserve-formatting.xlsx": Expect(
        "empty|0|0.00|0.0000|0.00000|0.0000#|m/d/yy|d-mmm|mm/dd/yy|mmddyy|mmddyyam/pmdd",
        rows=1,
        kind="xlsx",
    ),
    "primary-file-types.csv": Expect("id|integer_minmax|boolean", rows=2),
    "resource.zip": Expect("id|name", rows=2, kind="zip"),
    "schema-errors.csv": Expect("id|name|age", rows=4, issues="ragged@5"),
    "sheet2.xls": Expect("id|name", rows=2, kind="xls"),
    "sheet2.xlsx": Expect("id|name", rows=2, kind="xlsx"),
    "sheets.xlsx": Expect(asks="table", options="Sheet1|Sheet2|Sheet3", kind="xlsx"),
    "skip-blank-at-the-end.csv": Expect(
        "test1|test2", rows=1, issues="comment_left_out@2", left_out={"blank": 1, "comments": 1}
    ),
    "skip-rows-before-headers.csv": Expect(
        "id|name", rows=2, header_at=2, title=("it's a comment!",)
    ),
    "skip-rows.csv": Expect(
        "id|name",
        rows=2,
        header_at=2,
        issues="comment_left_out@4",
        left_out={"comments": 1},
        title=("it's a comment!",),
    ),
    "skip-rows.xlsx": Expect(
        "A|B",
        rows=1,
        header_at=2,
        issues="total_left_out@4",
        left_out={"totals": 1},
        title=("Table 1",),
        kind="xlsx",
    ),
    "structure-errors.csv": Expect("id|name|age", rows=3, issues="ragged@5", left_out={"blank": 1}),
    "sync-schema.csv": Expect("name|id", rows=2),
    "table-delimiter.csv": Expect("id|name", rows=2, delimiter=";"),
    "table-infer-boolean.xlsx": Expect("number|string|boolean", rows=2, kind="xlsx"),
    "table-infer-increase-limit.csv": Expect("a|b", rows=199),
    "table-infer-iso-8859-7.csv": Expect(asks="encoding", options="cp1253"),
    "table-infer-missing-values.csv": Expect("id|age|name", rows=7),
    "table-infer-row-limit.csv": Expect("id|age|name", rows=11),
    "table-infer-utf8.csv": Expect("id|age|name", rows=5),
    "table-infer.csv": Expect("id|age|name", rows=4),
    "table-limits.csv": Expect("field1|field2|field3|field4", rows=3),
    "table-multiple-files.zip": Expect(
        asks="table", options="table-reverse.csv|table.csv", kind="zip"
    ),
    "table-output.csv": TWO_ROWS,
    "table-output.xlsx": Expect("id|name", rows=2, kind="xlsx"),
    "table-reverse.csv": TWO_ROWS,
    "table-unicode-headers.csv": Expect("id|国人", rows=2),
    "table-with-accents.csv": Expect(asks="encoding", options="cp1252|cp932|mac_roman"),
    "table-with-booleans.xls": Expect("id|boolean", rows=2, kind="xls"),
    "table-with-ints-floats-dates.xls": Expect("Int|Float|Date", rows=3, kind="xls"),
    "table.csv": TWO_ROWS,
    "table.csv.gz": Expect("id|name", rows=2, kind="gz"),
    "table.csv.zip": Expect("id|name", rows=2, kind="zip"),
    "table.tsv": Expect("id|name", rows=3, delimiter="\t"),
    "table.xls": Expect("id|name", rows=2, kind="xls"),
    "table.xlsx": Expect(asks="table", options="Лист1|Sheet 2", kind="xlsx"),
    "table_with_data.csv": TWO_ROWS,
    "timezone-with-id.csv": Expect("id|datetime|time", rows=4),
    "timezone.csv": Expect("datetime|time", rows=4),
    "transform-groups.csv": Expect("id|name|population|year", rows=6),
    "transform-pivot.csv": Expect("region|gender|style|units", rows=12),
    "transform.csv": Expect("id|name|population", rows=3),
    "transpose.csv": Expect("id|1|2|3", rows=2),
    "unique-field.csv": Expect("id|name|slug", rows=9),
    "vix.csv": Expect("Date|VIXClose|VIXHigh|VIXLow|VIXOpen", rows=2, delimiter=";"),
    "wide.csv": Expect(columns=9074, rows=3),
    "without-headers-extra.csv": Expect(asks="header", options="0|1|2|3"),
    "without-headers.csv": Expect(asks="header", options="0|1|2|3"),
    "without-rows.csv": Expect("id|name", rows=0, issues="no_rows"),
    "without-rows.csv.zip": Expect("id|name", rows=0, issues="no_rows", kind="zip"),
    "Таблица.csv": TWO_ROWS,
}

MADE_HERE = {
    "blank_lines_only.csv": Expect(refused="no_rows"),
    "bom_only.csv": Expect(refused="no_rows"),
    "control_chars.csv": Expect(
        "lead_id|created|stage|amount", rows=1, issues="control_character@2"
    ),
    "cp932_trail_byte_5c.csv": Expect("lead_id|created|stage|amount", rows=1, encoding="cp932"),
    "dates_ambiguous.csv": Expect("lead_id|created|stage|amount", rows=3),
    "dates_epoch.csv": Expect("lead_id|created|stage|amount", rows=2),
    "dates_impossible.csv": Expect("lead_id|created|stage|amount", rows=5),
    "dates_locales.csv": Expect("lead_id|created|stage|amount", rows=7),
    "double_bom.csv": Expect("lead_id|created|stage|amount", rows=100),
    "empty.csv": Expect(refused="no_rows"),
    "file name with 日本語 & spaces;$(x).csv": Expect("lead_id|created|stage|amount", rows=100),
    "future.csv": Expect("lead_id|created|stage|amount", rows=1),
    "header_only.csv": Expect("lead_id|created|stage|amount", rows=0, issues="no_rows"),
    "header_repeats_in_middle.csv": Expect(
        "lead_id|created|stage|amount",
        rows=200,
        issues="header_repeated@102",
        left_out={"repeated_headers": 1},
    ),
    "html_as.xls": Expect("Lead ID|Created Date", rows=1, kind="html"),
    "iso2022jp.csv": Expect(asks="encoding", options="iso2022_jp_ext"),
    "kana_emoji_rtl.csv": Expect("lead_id|created|stage|amount", rows=8),
    "no_header.csv": Expect(asks="header", options="0|1|2|3|4|5|6|7|8"),
    "numbers.csv": Expect("lead_id|created|stage|amount", rows=21),
    "one_newline.csv": Expect(refused="no_rows"),
    "png_as.csv": Expect(refused="not_a_table", value="PNG", kind="other"),
    "same_file_twice_a.csv": Expect("lead_id|created|stage|amount", rows=100),
    "same_id_two_values.csv": Expect("lead_id|created|stage|amount", rows=2),
    "small_bomb_10mb_in_10kb.zip": Expect(
        refused="too_many_columns", value="5,000,001 > 10,000", line=1, kind="zip"
    ),
    "truncated_utf8.csv": Expect("lead_id|created|stage|amount", rows=1, issues="ragged@2"),
    "utf16_wrong_bom.csv": Expect(
        "lead_id|created|stage|amount", rows=100, issues="mark_wrong", encoding="utf-16-le"
    ),
    "utf8_then_cp932.csv": Expect(refused="encoding_broken", value="66", line=3),
    "xlsx_renamed.csv": Expect(refused="damaged", value="xlsx", kind="xlsx"),
}


def files(shared: Path, folder: str) -> set[str]:
    root = shared / "torture" / folder
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def rows(table: Table) -> list[list[str]]:
    return [cells for _, cells in table.head(table.rows)]


def said(opened: Opened) -> str:
    assert opened.table is not None
    return " ".join(
        issue.code + (f"@{issue.line}" if issue.line else "") for issue in opened.table.issues
    )


def check(path: Path, expected: Expect) -> None:
    opened = open_file(path, path.name)
    assert opened.kind == expected.kind
    if expected.refused is not None:
        (issue,) = opened.issues
        assert (issue.code, issue.value, issue.line) == (
            expected.refused, expected.value, expected.line,
        )  # fmt: skip
        assert opened.refused
        assert opened.table is None
        return
    if expected.asks is not None:
        asked = next(question for question in opened.questions if question.open)
        assert (asked.key, opened.table) == (expected.asks, None)
        offered = [option.value for option in asked.options]
        if expected.asks == "encoding":  # others may be offered, too
            assert set(expected.options.split("|")) <= set(offered)
        else:
            assert offered == expected.options.split("|")
        return
    table = opened.table
    assert table is not None
    assert len(table.header) == (expected.columns or len((expected.header or "").split("|")))
    assert expected.header in (None, "|".join(table.header))
    assert table.rows == expected.rows
    assert said(opened) == expected.issues
    assert (table.left_out, table.title) == (expected.left_out, expected.title)
    assert [q.answer for q in opened.questions if q.key == "header"] == [str(expected.header_at)]
    if expected.kind == "csv":
        assert (opened.encoding, opened.delimiter) == (expected.encoding, expected.delimiter)
    rejected = [issue for issue in table.issues if issue.severity is Severity.REJECTED]
    held = table.head(table.rows + 1)
    assert len(held) + sum(issue.line is not None for issue in rejected) == table.rows


@pytest.mark.parametrize("name", FRICTIONLESS)
def test_what_comes_out_of_frictionless(shared: Path, name: str) -> None:
    check(shared / "torture" / "frictionless-py" / "data" / name, FRICTIONLESS[name])


@pytest.mark.parametrize("name", MADE_HERE)
def test_what_comes_out_of_our_own(shared: Path, name: str) -> None:
    check(shared / "torture" / "made_here" / name, MADE_HERE[name])


def test_every_file_has_an_expectation(shared: Path) -> None:
    assert files(shared, "frictionless-py/data") == set(FRICTIONLESS)
    assert files(shared, "made_here") == set(MADE_HERE)
    assert files(shared, "csv-spectrum/csvs") == {f"{name}.csv" for name in SPECTRUM}


SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates",
    "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum_comes_out_as_its_json(shared: Path, name: str) -> None:
    folder = shared / "torture" / "csv-spectrum"
    opened = open_file(folder / "csvs" / f"{name}.csv", name)
    answer: Any = json.loads((folder / "json" / f"{name}.json").read_bytes())
    assert opened.table is not None
    read = [dict(zip(opened.table.header, row, strict=True)) for row in rows(opened.table)]
    if name == "location_coordinates":  # upstream's JSON has another phone number
        assert [row.pop("Contact Phone Number") for row in read] == ["2095257564"]
        answer = [{key: answer[key] for key in answer if key != "Contact Phone Number"}]
    assert read == answer
    assert opened.table.issues == ()


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("table.csv.gz", [["1", "english"], ["2", "中国人"]]),
        ("table.csv.zip", [["1", "english"], ["2", "中国人"]]),
        ("table.tsv", [["1", "english"], ["2", "中国人"], ["3", "\\N"]]),
        ("table.xls", [["1", "english"], ["2", "中国人"]]),
        ("table-output.xlsx", [["1", "english"], ["2", "german"]]),
        ("table-infer-boolean.xlsx", [["1", "two", "TRUE"], ["3", "four", "FALSE"]]),
        ("table-with-booleans.xls", [["1", "TRUE"], ["2", "FALSE"]]),
        ("table-with-ints-floats-dates.xls", [
            ["2013", "3.3", "2009-08-16"],
            ["1997", "5.6", "2009-09-20"],
            ["1969", "11.7", "2012-08-23"],
        ]),
        ("leading-zeros.csv", [["01"], ["002"], ["00003"]]),
        ("preserve-formatting-percentage.xlsx", [["123", "0.52"], ["456", "0.3"], ["789", "0.06"]]),
        ("issue-1109.csv", [["1", "2.3", "string"], ["", "4.3", "string"],
                             ["3", "3.14", "string"]]),
        ("doublequote.csv", None),
    ],
)  # fmt: skip
def test_cells_are_as_they_are_written(
    shared: Path, name: str, cells: list[list[str]] | None
) -> None:
    path = shared / "torture" / "frictionless-py" / "data" / name
    table = open_file(path, name).table
    assert table is not None
    if cells is None:
        with path.open(encoding="utf-8", newline="") as file:
            cells = list(csv.reader(file))[1:]
    assert rows(table) == cells


def test_binary_fractions_are_shown_as_excel_shows_them(shared: Path) -> None:
    path = shared / "torture" / "frictionless-py" / "data" / "adjust-floating-point-error.xlsx"
    table = open_file(path, path.name).table
    assert table is not None
    assert table.head(2)[1][1][1:] == ["68.665", "274.66", "274.66"]
