"""Where a table begins and ends in a file, and what in it is no data."""

from datetime import date

import pytest

from kpi_core.tabular.delimited_records import Record
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.split_tables import tables_in
from kpi_core.tabular.table import Table
from kpi_core.tabular.table_builder import period_of


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


LEADS = [f"L{day},2026-01-{day:02},{day * 100}" for day in range(1, 29)]


def lines_of(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("count", [1, 6, 12, 15])
def test_however_many_lines_stand_above_a_header_it_is_found(count: int) -> None:
    filters = [f"Filter {number}: x" for number in range(count)]
    found = table(lines_of(*filters, "Lead ID,Created,Amount", *LEADS))
    assert (found.header, found.title) == (("Lead ID", "Created", "Amount"), tuple(filters))
    assert (found.rows, said(found)) == (28, [])


def test_a_header_below_more_lines_than_a_report_has_is_asked() -> None:
    names = [f"Name {number}" for number in range(30)]
    text = lines_of(*names, "Lead ID,Created,Amount", *LEADS)
    assert asked(text) == ["header"]
    assert table(text, header="31").header == ("Lead ID", "Created", "Amount")


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize(
    ("title", "certain"),
    [
        ("Lead report, January 2026", False),
        ("Generated: Jan 5, 2026", True),
        ("出力日：2026年1月5日, 担当：田中", True),
    ],
)
def test_a_title_with_a_comma_in_it_is_no_header(title: str, certain: bool, gap: str) -> None:
    text = f"{title}\n{gap}{lines_of('Lead ID,Created,Amount', *LEADS)}"
    at = "3" if gap else "2"
    assert asked(text) == ([] if certain or gap else ["header"])
    question = next(each for each in opened(text).questions if each.key == "header")
    assert question.options[0].value == at
    found = table(text, header=at)
    assert (found.header, found.rows) == (("Lead ID", "Created", "Amount"), 28)
    assert [head.rows for head in opened(text).tables] == [28]


def test_a_report_of_one_row_and_many_footers_has_a_title() -> None:
    footers = ["Copyright (c) 2000-2026 salesforce.com", "a", "b", "c", "d"]
    found = table(lines_of("Leads", "id,stage,at", "1,MQL,2026-01-05", *footers))
    assert (found.title, found.rows, found.left_out) == (("Leads",), 1, {"footers": 5})


def test_a_column_of_sentences_with_commas_in_them_is_one_column() -> None:
    found = table(lines_of("Comment", "Fine", "Well, yes", "Good", "No", "Too dear", "Slow"))
    assert (found.header, said(found)) == (("Comment",), [("ragged", 3)])


def test_rows_that_are_wider_than_their_header_do_not_make_a_row_the_header() -> None:
    text = "company,city,created\n" + "Acme, Inc.,Tokyo,2026-01-05\n" * 5
    found = table(text)
    assert found.header == ("company", "city", "created")
    assert {code for code, _ in said(found)} == {"ragged"}


def test_a_header_of_fewer_names_than_columns_stays_the_header() -> None:
    found = table("id,stage,\n" + lines_of(*(f"L{n},MQL,x{n}" for n in range(9))))
    assert (found.header, found.rows) == (("id", "stage", "column 3"), 9)


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
    ["Total,,2", "Total,,--", "Sub-total,,2", "Average,,2", "平均,,1.5", "Total: Account,,2",
     "Grand Total,,2", "Totals (2),,2", "合計,,2", "総計,,2", "小計：東京,,2", ",,Grand total",
     "計,,2"],
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


@pytest.mark.parametrize(
    "total", ["小計,,", "Subtotal,2,", ",小計,3", "Grand Total: MQL,¥1,500", '合計,"1,234",50%']
)
def test_a_sum_is_left_out_and_said_wherever_it_stands(total: str) -> None:
    found = table(f"owner,id,created\na,1,2026-01-05\n{total}\nb,2,2026-01-06\n{total}\n")
    assert [line for line, _ in found.head(9)] == [2, 4]
    assert (found.rows, found.left_out) == (2, {"totals": 2})
    assert said(found) == [("total_left_out", 3), ("total_left_out", 5)]


@pytest.mark.parametrize("row", ["Total,Tokyo,3", "Average,,12", "合計：東京,Tokyo,3"])
def test_what_may_be_a_total_or_a_name_is_kept_among_rows_and_said(row: str) -> None:
    found = table(f"company,city,n\nAcme,Tokyo,1\n{row}\nBeta,Osaka,2\n")
    assert [line for line, _ in found.head(9)] == [2, 3, 4]
    assert (found.left_out, said(found)) == ({}, [("total_kept", 3)])
    assert found.issues[0].severity == "flagged"


@pytest.mark.parametrize("row", ["Total,2026-01-06,5", "合計,2026/1/6,", "Total,,a@example.com"])
@pytest.mark.parametrize("after", ["", "Beta,2026-01-07,1\n"])
def test_a_total_with_a_date_is_an_account_of_that_name(row: str, after: str) -> None:
    found = table(f"account,created,x\nAcme,2026-01-05,1\n{row}\n{after}")
    assert found.head(9)[1] == (3, row.split(","))
    assert (found.left_out, said(found)) == ({}, [("total_kept", 3)])


@pytest.mark.parametrize("row", ["Average,Tokyo,3", "Acme,Tokyo,合計", "Tokyo,2026-01-05,合計"])
def test_a_row_that_names_other_things_is_no_total(row: str) -> None:
    found = table(f"name,city,kind\nx,Tokyo,1\n{row}\n")
    assert (found.rows, said(found)) == (2, [])


def test_a_total_that_is_ragged_is_no_row_that_was_taken_in() -> None:
    found = table("account,created\nAcme,2026-01-05\nTotal,2026-01-06,5\n")
    assert said(found) == [("ragged", 3)]


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


FIRST = lines_of("Lead ID,Created,Amount", *LEADS)
SECOND = "Campaign,Date,Cost\nSpring,2026-01-05,300\nSummer,2026-01-06,400\n"


@pytest.mark.parametrize("between", ["\n", "Campaigns\n", "\nCampaigns\n", "Campaigns\n\n", ",,\n"])
def test_a_table_of_the_same_width_with_other_names_is_offered(between: str) -> None:
    file = opened(FIRST + between + SECOND)
    assert [(head.key, head.rows) for head in file.tables] == [
        ("Lead ID | Created | Amount", 28),
        ("Campaign | Date | Cost", 2),
    ]
    assert file.tables[1].title == ("Campaigns" if "Campaigns" in between else "")
    assert [question.key for question in file.questions if question.open] == ["table"]
    second = table(FIRST + between + SECOND, table="Campaign | Date | Cost")
    assert [cells for _, cells in second.head(9)] == [
        ["Spring", "2026-01-05", "300"],
        ["Summer", "2026-01-06", "400"],
    ]


@pytest.mark.parametrize("between", ["\n", "Campaigns\n", "\nCampaigns\n"])
def test_tables_of_two_columns_are_told_apart(between: str) -> None:
    text = f"Channel,Leads\nWeb,5\nMail,6\n{between}Country,Sessions\nJapan,7\nUS,8\n"
    assert [(head.key, head.rows) for head in opened(text).tables] == [
        ("Channel | Leads", 2),
        ("Country | Sessions", 2),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "L29,unknown,TBC",
        "L29,2026-01-29,100",
        "Suzuki,n/a,-",
        "Suzuki,soon,n/a",
        "L29,,",
        "Lead ID,2026-01-29,100",
    ],
)
@pytest.mark.parametrize("gap", ["\n", ",,\n", "\n\n\n"])
def test_a_gap_before_a_row_like_the_others_divides_no_table(row: str, gap: str) -> None:
    found = table(FIRST + gap + lines_of(row, "L30,2026-01-30,100"))
    assert found.rows == 30
    assert found.head(30)[28][1] == row.split(",")


def test_a_row_that_shares_a_cell_with_others_begins_no_table() -> None:
    text = "name,stage,amount\na,MQL,1\nb,SQL,2\n\nc,MQL,open\nd,SQL,4\n"
    assert table(text).rows == 4


def test_a_short_row_that_fits_begins_no_table() -> None:
    text = "name,city,amount,note\na,x,1,n\nb,y,2,n\n\nc,x,open,\nd,y,4,\n"
    assert table(text).rows == 4


def test_a_second_line_below_the_header_begins_no_table() -> None:
    found = table("id,created,amount\n\ntext,day,JPY\n1,2026-01-05,5\n")
    assert (found.header, found.rows) == (("id", "created", "amount"), 2)


def test_tables_without_rows_are_offered_last_and_not_asked_for() -> None:
    text = "# One\nEvent,Count\n\n# Two\nMonth,Leads\n2026-01,5\n"
    assert [(head.key, head.rows) for head in opened(text).tables] == [
        ("Month | Leads", 1),
        ("Event | Count", 0),
    ]
    assert table(text).header == ("Month", "Leads")
    assert table(text, table="Event | Count").header == ("Event", "Count")


def test_a_small_table_above_a_wide_one_is_no_title() -> None:
    small = "Month,Leads\n2026-01,5\n2026-02,6\n2026-03,7\n"
    wide = "id,stage,at,owner,city\n" + lines_of(*(f"{n},MQL,2026-01-05,a,x" for n in range(30)))
    assert [head.rows for head in opened(f"{small}\n{wide}").tables] == [3, 30]


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


@pytest.mark.parametrize("quote", ["", '"'])
def test_quotation_marks_in_a_header_need_not_be_doubled(quote: str) -> None:
    names = [f"{quote}id{quote}", '"Date entered "MQL (Leads)""', f"{quote}n{quote}"]
    text = ",".join(names) + "\n1,2026-01-05,2\n"
    found = table(text)
    assert found.header == ("id", 'Date entered "MQL (Leads)"', "n")
    assert (found.head(9), said(found)) == ([(2, ["1", "2026-01-05", "2"])], [])
    assert table("Report\n\n" + text).header == found.header


def test_quotation_marks_in_rows_have_to_be_doubled() -> None:
    found = table('id,name\n1,"a "b" c"\n2,d\n')
    assert (found.header, said(found)) == (("id", "name"), [("stray_quote", 2)])
    file = opened('id,"name\n1,a\n')
    assert [(issue.code, issue.line) for issue in file.issues] == [("unbalanced_quote", 1)]


def sheet(*rows: list[str]) -> list[Table]:
    width = max(map(len, rows))
    padded = (cells + [""] * (width - len(cells)) for cells in rows)
    records = (Record(number, cells, number) for number, cells in enumerate(padded, start=1))
    return [found.table for found in tables_in(records, padded=True)]


def test_no_cell_of_a_sheet_is_lost_however_late_its_column_is_filled() -> None:
    rows = [[str(number), "2026-01-05"] for number in range(300)]
    rows[250].append("note")
    (found,) = sheet(["id", "created"], *rows)
    assert found.header == ("id", "created", "column 3")
    assert found.head(300)[250][1] == ["250", "2026-01-05", "note"]
    assert not found.issues


def test_a_header_that_is_repeated_in_a_sheet_is_left_out() -> None:
    wide = [["Channel", "Cost", "Clicks", "Views"], ["Web", "1", "2", "3"]]
    first, second = sheet(["id", "created"], ["1", "x"], ["id", "created"], ["2", "y"], [], *wide)
    assert (first.rows, first.left_out) == (2, {"repeated_headers": 1, "blank": 1})
    assert second.header == ("Channel", "Cost", "Clicks", "Views")


def test_a_title_in_a_sheet_sets_off_a_table_where_several_columns_show_it() -> None:
    leads = [["id", "created", "amount"], ["a", "2026-01-05", "5"], ["b", "2026-01-06", "6"]]
    costs = [["Campaign", "Day", "Cost"], ["c", "2026-01-05", "7"]]
    found = sheet(*leads, ["Campaigns"], *costs)
    assert [(table.header[0], table.rows) for table in found] == [("id", 2), ("Campaign", 1)]
    (whole,) = sheet(["name", "amount"], ["a", "5"], ["b"], ["c", "open"], ["d", "6"])
    assert whole.rows == 4


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
