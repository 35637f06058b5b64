"""Where a table begins and ends in a file, and what in it is no data."""

from datetime import date

import pytest

from kpi_core.ingest.files.how import How
from kpi_core.ingest.files.opened import Opened
from kpi_core.ingest.files.opening import open_file
from kpi_core.ingest.files.period import period_of
from kpi_core.ingest.files.table import Table


def opened(text: str, how: How | None = None, **answers: str) -> Opened:
    return open_file(text.encode(), "any.csv", how or How(), answers)


def table(text: str, **answers: str) -> Table:
    found = opened(text, None, **answers).table
    assert found is not None
    return found


def asked(text: str) -> list[str]:
    return [question.key for question in opened(text).questions if question.open]


def said(found: Table) -> list[tuple[str, int | None]]:
    return [(issue.code, issue.line) for issue in found.issues]


def test_lines_above_the_header_are_the_title() -> None:
    found = table("Leads by stage\n2026年1月1日～2026年3月31日\n\nid,stage,at\n1,MQL,2026-01-05\n")
    assert found.header == ("id", "stage", "at")
    assert found.title == ("Leads by stage", "2026年1月1日～2026年3月31日")
    assert (found.first_day, found.last_day) == (date(2026, 1, 1), date(2026, 3, 31))
    assert found.head(9) == [(5, ["1", "MQL", "2026-01-05"])]


def test_a_title_padded_with_delimiters_is_a_title() -> None:
    found = table("Report,,,\n,,,\nid,stage,at,owner\n1,MQL,2026-01-05,a\n")
    assert (found.title, found.header) == (("Report",), ("id", "stage", "at", "owner"))


def test_labels_above_a_gap_are_a_title() -> None:
    text = "Report:,Leads\nPeriod:,2026\n\nid,stage,at,owner\n1,MQL,2026-01-05,a\n"
    found = table(text)
    assert found.title == ("Report: Leads", "Period: 2026")
    assert found.header == ("id", "stage", "at", "owner")


def test_a_header_below_other_short_rows_is_asked() -> None:
    text = "a,b\nid,stage,at,owner\n1,MQL,2026-01-05,a\n2,SQL,2026-01-06,b\n"
    assert asked(text) == ["header"]
    assert table(text, header="2").header == ("id", "stage", "at", "owner")
    assert table(text, header="1").header == ("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "1,田中\n2,鈴木\n",
        "L1,2026-01-05\nL2,2026-01-06\n",
        "田中,東京\n鈴木,東京\n佐藤,大阪\n",
        "a@example.com,x\nb@example.com,y\n",
        "5,2026-01-05\n",
    ],
)
def test_a_missing_header_is_asked(text: str) -> None:
    assert asked(text) == ["header"]
    found = table(text, header="0")
    assert found.header == ("column 1", "column 2")
    assert found.head(1) == [(1, text.splitlines()[0].split(","))]
    assert found.rows == len(text.splitlines())
    assert table(text, header="1").header == tuple(text.splitlines()[0].split(","))


@pytest.mark.parametrize(
    "text",
    [
        "id,name\n1,田中\n",
        "name,city\n田中,東京\n鈴木,大阪\n",
        "店舗,2024,2025\n東京,100,200\n大阪,150,90\n",
        "id,name\n",
        "store,2026-01-05,2026-01-06\nTokyo,1,2\n",
        "flag,id\ntrue,1\n",
    ],
)
def test_a_header_is_not_asked_for_where_it_stands_out(text: str) -> None:
    assert asked(text) == []
    assert table(text).header == tuple(text.splitlines()[0].split(","))


def test_a_header_that_was_concluded_can_be_corrected() -> None:
    text = "group,x\nid,name\n1,a\n"
    assert table(text).header == ("group", "x")
    assert table(text, header="2").header == ("id", "name")
    assert table(text, header="2").title == ("group x",)
    given = opened(text, How(header=2)).table
    assert given is not None
    assert given.header == ("id", "name")


def test_a_header_that_is_repeated_is_left_out_and_said() -> None:
    found = table("id,name\n1,a\nid,name\n2,b\n")
    assert found.head(9) == [(2, ["1", "a"]), (4, ["2", "b"])]
    assert (found.left_out, said(found)) == ({"repeated_headers": 1}, [("header_repeated", 3)])
    assert found.rows == 2


@pytest.mark.parametrize(
    "total",
    ["Total,,2", "Total: Account,,2", "Grand Total,,2", "Totals (2),,2", "合計,,2", "総計,,2",
     "小計：東京,,2", ",,Grand total", "計,,2"],
)  # fmt: skip
def test_totals_first_or_last_are_left_out_and_said(total: str) -> None:
    for text in (f"id,name,n\n1,a,1\n2,b,1\n{total}\n", f"id,name,n\n{total}\n1,a,1\n2,b,1\n"):
        found = table(text)
        assert [cells[0] for _, cells in found.head(9)] == ["1", "2"]
        assert (found.rows, found.left_out) == (2, {"totals": 1})
        assert [issue.code for issue in found.issues] == ["total_left_out"]


def test_a_name_that_begins_like_a_total_is_data() -> None:
    found = table("company,n\nTotal Energies,1\nTotally Ltd,2\n合計会社,3\n")
    assert found.rows == 3
    assert not found.issues


def test_a_total_among_rows_is_data() -> None:
    found = table("id,n\n1,1\nTotal,2\n3,1\n")
    assert [cells[0] for _, cells in found.head(9)] == ["1", "Total", "3"]


def test_the_footer_of_a_salesforce_report_is_left_out_and_said() -> None:
    found = table(
        '"Lead ID","Stage","Created"\n"1","MQL","1/5/2026"\n"2","SQL","1/6/2026"\n\n\n'
        '"Leads by stage"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
        '"Confidential Information - Do Not Distribute"\n"Generated By:  A B  1/7/2026 9:15 AM"\n'
        '"Example K.K."\n'
    )
    assert found.rows == 2
    assert found.left_out == {"blank": 2, "footers": 5}
    assert said(found) == [("footer_left_out", line) for line in range(6, 11)]


def test_single_cells_at_the_end_that_are_no_footer_are_rejected() -> None:
    found = table("id,stage,at\n1,MQL,2026-01-05\nnote\n")
    assert (found.rows, said(found)) == (2, [("ragged", 3)])


def test_tables_one_below_the_other_are_offered_by_their_headers() -> None:
    text = (
        "Month,Leads\n2026-01,5\n2026-02,6\n\nMonth,Deals\n2026-01,1\n\n"
        "By channel\nChannel,Leads,Deals\nWeb,3,1\n"
    )
    file = opened(text)
    assert [(head.key, head.rows, head.title) for head in file.tables] == [
        ("Month | Leads", 2, ""),
        ("Month | Deals", 1, ""),
        ("Channel | Leads | Deals", 1, "By channel"),
    ]
    assert [question.key for question in file.questions if question.open] == ["table"]
    assert table(text, table="Month | Deals").head(9) == [(6, ["2026-01", "1"])]


def test_tables_of_the_same_header_are_numbered() -> None:
    section = "# Start date: 20260101\n# End date: 20260131\nEvent,Count\nx,1\n"
    file = opened(f"{section}\n{section}")
    assert [head.key for head in file.tables] == ["Event | Count", "Event | Count (2)"]
    found = table(f"{section}\n{section}", table="Event | Count (2)")
    assert (found.first_day, found.head(9)) == (date(2026, 1, 1), [(9, ["x", "1"])])


def test_a_header_may_be_given_for_a_table_among_several() -> None:
    text = "Month,Leads\n2026-01,5\n\nChannel,Leads,Deals\nWeb,3,1\nMail,4,1\n"
    found = table(text, table="Channel | Leads | Deals", header="5")
    assert (found.header, found.head(9)) == (("Web", "3", "1"), [(6, ["Mail", "4", "1"])])


def test_a_gap_among_rows_divides_no_table() -> None:
    found = table("id,name,note\n1,a,\n\nx,Tokyo,Japan,review\n\n2,b,\n")
    assert said(found) == [("ragged", 4)]
    assert [line for line, _ in found.head(9)] == [2, 6]
    assert found.left_out == {"blank": 2}


def test_a_separator_line_is_believed_and_counted() -> None:
    found = table("sep=;\r\na,b;c\r\n1,2;3\r\n")
    assert (found.header, found.head(9)) == (("a,b", "c"), [(3, ["1,2", "3"])])


def test_a_line_break_in_the_header_is_read() -> None:
    found = table('"id","Date\nentered"\n1,2026-01-05\n')
    assert (found.header, found.head(1)) == (("id", "Date\nentered"), [(2, ["1", "2026-01-05"])])


def test_a_space_before_quotation_marks_is_no_part_of_the_cell() -> None:
    assert table('"a", "b"\n"1", "2, 3"\n').head(9) == [(2, ["1", "2, 3"])]


def test_control_characters_are_said_and_kept() -> None:
    found = table("a,b\nM\x1bQL\x07,1\n2,3\n")
    assert found.head(1) == [(2, ["M\x1bQL\x07", "1"])]
    assert [(i.code, i.line, i.value, i.severity) for i in found.issues] == [
        ("control_character", 2, "U+0007, U+001B", "flagged")
    ]


def test_a_quotation_mark_that_is_open_at_the_end_is_named() -> None:
    assert [(i.code, i.line) for i in opened('a,b\n1,2\n3,"4').issues] == [("unbalanced_quote", 3)]


def test_blank_cells_beyond_the_header_are_no_cells() -> None:
    found = table("a,b\n1,2,\n3,4,,\n5,6,x\n")
    assert [cells for _, cells in found.head(9)] == [["1", "2"], ["3", "4"]]
    assert said(found) == [("ragged", 4)]


@pytest.mark.parametrize(
    ("lines", "period"),
    [
        (["# Start date: 20230101", "# End date: 20231231"], ("2023-01-01", "2023-12-31")),
        (["# 開始日: 20230101", "# 終了日: 20230131"], ("2023-01-01", "2023-01-31")),
        (["July 8, 2025 - July 31, 2025"], ("2025-07-08", "2025-07-31")),
        (["8 Jul 2025 – 31 Jul 2025"], ("2025-07-08", "2025-07-31")),
        (["2025/07/08 - 2025/07/31"], ("2025-07-08", "2025-07-31")),
        (["2025年7月8日～7月31日"], None),
        (["Exported 2025-07-08"], None),
        (["2025-02-30 - 2025-03-31"], None),
        (["2025-07-31 - 2025-07-08"], None),
        ([], None),
    ],
)
def test_the_period_that_a_title_names(lines: list[str], period: tuple[str, str] | None) -> None:
    days = tuple(day.isoformat() for day in period_of(lines) if day)
    assert days == (period or ())
