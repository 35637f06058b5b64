"""Periods that stand in two columns: each number belongs to that month, or to that week."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_again, import_file
from kpi_core.ingest.inspect import Inspection, inspect
from kpi_core.ingest.rejected_rows import rejected_rows
from kpi_core.mapping.period_columns import parts_of_period, with_period
from kpi_core.tabular.reader import open_file
from tests.ingest.inspected import NOW, answer, answered, asked, codes, of
from tests.ingest.read import mapping_of
from tests.ingest.test_import_file import reached

BY_MONTH = "Region,Report Year,Report Month,Leads\nN,2026,Sept.,4\nS,2026,Sept.,1\nN,2026,Oct,6\n"
BY_WEEK = "Jahr;KW;Leads;Visits\n2025;KW 52;3;90\n2026;KW 1;4;80\n2026;KW 02;5;70\n"
JAPANESE = "年,月,チャネル,リード数\n2026,9,広告,5\n2026年,１０月,広告,7\n令和8年,11,展示会,9\n"


@pytest.fixture
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def numbers(store: Store, text: str, found: Inspection) -> dict[str, float]:
    """The leads of a file by day, once it is imported."""
    assert found.mapping is not None, found.issues
    import_file(store, text.encode(), "new.csv", found.mapping, who="test", now=NOW)
    return {f"{day}": value for day, value in reached(store, Stage.LEAD).items()}


def test_a_month_and_a_year_in_two_columns_are_a_month(shared: Path, store: Store) -> None:
    text = (shared / "found" / "month_and_year_columns.csv").read_text("utf-8")
    found = answered(text.encode(), "months.csv")
    assert [answer(found, each) for each in ("date", "per")] == ["Year + Month", "month"]
    assert numbers(store, text, found) == {"2025-01-31": 1, "2026-01-31": 4, "2026-02-28": 5}


@pytest.mark.parametrize(
    ("text", "date", "per", "leads"),
    [
        (
            BY_MONTH, "Report Year + Report Month", "month",
            {"2026-09-30": 5, "2026-10-31": 6},
        ),
        (BY_WEEK, "Jahr + KW", "week", {"2025-12-28": 3, "2026-01-04": 4, "2026-01-11": 5}),
        (JAPANESE, "年 + 月", "month", {"2026-09-30": 5, "2026-10-31": 7, "2026-11-30": 9}),
    ],
)  # fmt: skip
def test_numbers_belong_to_the_period_that_two_columns_name(
    store: Store, text: str, date: str, per: str, leads: dict[str, float]
) -> None:
    found = answered(text.encode(), "numbers.csv")
    assert [answer(found, each) for each in ("grain", "date", "per")] == ["day", date, per]
    assert numbers(store, text, found) == leads


@pytest.mark.parametrize("text", [BY_MONTH, BY_WEEK, JAPANESE])
def test_neither_a_year_nor_a_month_is_a_figure_to_add_up(text: str) -> None:
    found = answered(text.encode(), "numbers.csv")
    assert found.mapping is not None
    assert set(found.unread) <= {"Region"}
    counted = {each.column for each in found.mapping.counts}
    assert counted <= {"Leads", "Visits", "リード数"}
    asked_of = {each.key for each in found.questions if each.key.startswith("column:")}
    assert not asked_of & {f"column:{name}" for name in ("Jahr", "KW", "年", "月")}


def test_a_year_and_a_month_beside_days_are_neither_a_period_nor_figures() -> None:
    found = of("Date,Year,Month,Leads\n2026-01-05,2026,1,5\n2026-01-06,2026,1,7\n")
    assert found.header == ("Date", "Year", "Month", "Leads")
    assert answer(found, "date") == "Date"
    assert not {"column:Year", "column:Month"} & {each.key for each in found.questions}


@pytest.mark.parametrize(
    "text",
    [
        "年度,月,リード数\n2026,4,5\n2026,5,7\n2026,6,9\n",  # it begins in a month that is not said
        "Fiscal Year,Month,Leads\n2026,4,5\n2026,5,7\n",
        "Year,Leads this month,MQLs\n2026,4,5\n2026,5,7\n",
        "Year,Month,Leads\n2026,13,5\n2026,14,7\n",
        "Start Year,End Year,Month,Leads\n2025,2026,4,5\n2025,2026,5,7\n",  # either may be meant
        "2024年,2025年,月\n2026,2001,4\n2026,2002,5\n",  # years with figures below them
    ],
)
def test_what_is_not_plainly_a_year_and_a_month_is_no_period(text: str) -> None:
    assert codes(of(text).issues)[:1] == ["no_date_column"]


def test_a_month_by_number_and_by_name_is_one_month() -> None:
    found = of("Year,Month,Month Name,Leads\n2026,1,January,5\n2026,2,February,7\n")
    assert answer(found, "date") == "Year + Month"


def test_a_week_beside_a_month_is_one_of_the_year_unless_counted_within_it() -> None:
    of_year = "Year,Month,Week,Leads\n2026,1,5,5\n2026,2,6,7\n2026,2,7,7\n"
    within = "Year,Month,Week,Leads\n2026,1,4,5\n2026,1,5,7\n2026,2,1,7\n"
    assert answer(of(of_year), "date") == "Year + Week"
    assert answer(of(within), "date") == "Year + Month"


def test_the_next_file_is_read_by_the_saved_mapping_without_a_question(store: Store) -> None:
    first = answered(BY_MONTH.encode(), "september.csv")
    assert first.mapping is not None
    after = "region,report year,report month,leads\nN,2026,Nov,8\n"
    found = inspect(after.encode(), "november.csv", now=NOW, known=[first.mapping])
    assert (found.known, found.settled) == (first.mapping.name, True)
    assert numbers(store, after, found) == {"2026-11-30": 8}


def test_a_file_can_be_imported_again_from_the_archive(store: Store) -> None:
    found = answered(JAPANESE.encode(), "numbers.csv")
    before = numbers(store, JAPANESE, found)
    assert found.mapping is not None
    other = mapping_of(found.mapping.text.replace('"lead"', '"won"'))
    again = import_again(store, 1, other, who="test", now=NOW)
    assert again.import_id == 2
    assert {f"{day}": value for day, value in reached(store, Stage.WON).items()} == before


def test_a_row_without_a_month_is_rejected_by_what_stands_in_it(store: Store) -> None:
    text = f"{BY_MONTH}N,2026,Foo,2\nN,2026,Nov,3\nS,2026,Dec,1\n"
    found = answered(text.encode(), "numbers.csv")
    assert found.mapping is not None
    receipt = import_file(store, text.encode(), "n.csv", found.mapping, who="test", now=NOW)
    rejected = [each for each in receipt.issues if each.code == "date_unreadable"]
    assert [(each.line, each.column, each.value) for each in rejected] == [
        (5, "Report Year + Report Month", "2026 Foo")
    ]


def test_a_rejected_row_goes_in_once_its_period_is_corrected(store: Store) -> None:
    text = f"{BY_MONTH}N,2026,Foo,2\nN,2026,Nov,3\nS,2026,Dec,1\n"
    found = answered(text.encode(), "numbers.csv")
    assert found.mapping is not None
    import_file(store, text.encode(), "n.csv", found.mapping, who="test", now=NOW)
    rows = rejected_rows(store, 1, Words(Language.EN)).decode("utf-8-sig")
    assert "2026 Foo" in rows
    mended = rows.replace("2026 Foo", "2026-08").encode()
    receipt = import_file(store, mended, "mended.csv", found.mapping, who="test", now=NOW)
    assert (receipt.import_id, receipt.rejected_rows) == (2, 0)
    assert {f"{day}": value for day, value in reached(store, Stage.LEAD).items()} == {
        "2026-08-31": 2, "2026-09-30": 5, "2026-10-31": 6, "2026-11-30": 3, "2026-12-31": 1,
    }  # fmt: skip


def test_rows_are_staged_in_their_order_and_as_their_head_says(
    scratch: duckdb.DuckDBPyConnection,
) -> None:
    text = JAPANESE + "".join(f"{2026 + at // 12},{at % 12 + 1},x,1\n" for at in range(3000))
    table = open_file(text.encode(), "n.csv").table
    assert table is not None
    joined = with_period(table)
    joined.stage(scratch, "rows")
    staged = scratch.execute("select line, c0, c1, c2, c3, c4 from rows").fetchall()
    assert [(line, *cells) for line, cells in joined.head(table.rows)] == staged


def test_a_column_of_a_period_names_its_parts() -> None:
    header = ("A + B", "C", "A", "B")
    assert parts_of_period("A + B + C", header) == ("A + B", "C")
    assert parts_of_period("A + D", header) == ()
    assert asked(of(BY_WEEK), "date").options[0].value == "Jahr + KW"
