"""The imports page: files in, what they will do, what they did."""

import re
from html import escape
from pathlib import Path

import pytest
import streamlit as st

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.records.import_receipts import ISSUES_SHOWN
from kpi_core.server.app import App
from pages import _runtime
from pages._imports.chosen_file import State
from tests.batches import NOW, at, batch
from tests.batches import Event as Fact
from tests.pages.conftest import ODD, click, html, run
from tests.pages.imports_page import (
    AMBIGUOUS,
    TEMPLATE,
    captions,
    labels,
    nothing_is_markup,
    numbers,
    page_of_imports,
    read,
    states,
    texts,
    unfold,
    upload,
    uploads,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")


# --- a file that fits what is known ---


def test_before_the_first_import_the_page_says_so_and_offers_a_template(store: Store) -> None:
    page = page_of_imports()
    assert page.title[0].value == words("imports.title")
    assert page.caption[-1].value == words("receipt.none_yet")
    (download,) = page.get("download_button")
    assert download.proto.label == words("imports.template")
    assert page.button == []


def test_a_file_is_shown_beforehand_and_nothing_is_kept(store: Store) -> None:
    version = store.data_version()
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert states(page) == [State.READY]
    assert "CSV" in html(page)
    assert "3 rows · 3 columns" in html(page)
    assert numbers(page) == {
        "New": "3",
        "Changed": "0",
        "Unchanged": "0",
        "New leads": "2",
        "Rejected rows": "1",
    }
    assert "Import" in labels(page)
    assert store.imports() == ()
    assert store.data_version() == version


def test_the_first_rows_are_shown_as_understood_with_what_is_wrong_at_its_cell(
    store: Store,
) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    rows = page.dataframe[0].value
    assert list(rows.columns) == ["Line", "Lead ID", "Lead (lead_date)", "MQL (mql_date)"]
    assert list(rows.iloc[0]) == ["2", "1", "2026-05-01", "2026-05-03"]
    assert list(rows["Lead (lead_date)"]) == ["2026-05-01", "2026-05-02", "▲ ?"]


def test_what_describes_a_row_is_headed_in_the_language_and_what_only_counts_has_no_lead(
    store: Store,
) -> None:
    page = page_of_imports("ja-JP")
    upload(page, b"Lead ID,Created,Job Title,Code\n1,2026-05-01,CEO,x\n2,2026-05-02,CTO,y\n")
    assert {"リードID", "役職"} <= set(page.dataframe[0].value.columns)
    page = page_of_imports("ja-JP")
    upload(page, b"Date,Sessions\n2026-05-01,5\n2026-05-02,6\n", "visits.csv")
    assert list(page.dataframe[0].value.columns) == ["行", "日付", "Sessions"]


def test_every_issue_is_listed_with_line_column_and_value(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert "1 issue" in [expander.label for expander in page.expander]
    issues = page.dataframe[1].value
    assert list(issues.iloc[0])[:3] == [4, "lead_date", "?"]
    assert 'Line 4, lead_date: cannot read "?"' in issues["Issue"][0]


def test_each_month_that_moves_is_shown_as_it_is_now_and_will_be(store: Store) -> None:
    store.commit(batch(Fact("9", "lead", at("2026-05-09")), source="funnel"), who="t", now=NOW)
    page = page_of_imports()
    upload(page, TEMPLATE)
    # One lead stands in May; two more come, and the first MQL.
    (table,) = re.findall(r"<table.*</table>", html(page))
    cells = re.sub(r"<[^>]+>", " ", table).split()
    assert " ".join(cells).endswith("Month Lead MQL May 2026 1 → 3 0 → 1")


def test_an_imported_file_leaves_its_receipt_and_a_line_in_the_ledger(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    before = numbers(page)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert read(page.success[0].value) == words("imports.receipt_done", number=1)
    assert numbers(page) == before
    assert "3 rows: 3 new, 0 changed, 1 rejected" in html(page)
    assert [record.file_name for record in store.imports()] == ["leads.csv"]
    assert store.leads() == 2
    # It stays until it is taken off the page; the ledger stays for good.
    run(page)
    assert numbers(page) == before
    assert "Remove" not in labels(page)
    click(page, "Close")
    assert uploads(page) == []
    assert len(page.success) == 0
    assert "3 rows: 3 new" in html(page)


def test_the_content_of_an_imported_file_is_let_go(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    assert uploads(page)[0].content == b""


def test_it_is_all_there_in_japanese(store: Store) -> None:
    japanese = Words(Language.JA)
    page = page_of_imports("ja-JP")
    upload(page, TEMPLATE)
    assert page.metric[0].value == "3"
    click(page, japanese("imports.confirm"))
    shown = [page.title[0].value, page.success[0].value, *(each.label for each in page.metric)]
    assert all(re.search(r"[ぁ-ん一-龯]", text) for text in shown), shown


def test_the_same_file_again_is_said_to_be_known_and_cannot_be_imported(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    upload(page, TEMPLATE, "renamed.csv")
    assert states(page) == [State.REPEATS, State.IMPORTED]
    assert page.info[0].value.startswith(words("imports.repeats", day="…").split("…")[0])
    assert "Import" not in labels(page)


@pytest.mark.parametrize(
    "content",
    [b"lead_id,lead_date\n", b"lead_id,lead_date\n1,?\n"],
    ids=["a header alone", "no row that reads"],
)
def test_a_file_in_which_nothing_can_be_taken_in_offers_no_import(
    store: Store, content: bytes
) -> None:
    page = page_of_imports()
    upload(page, content)
    assert states(page)[0] in (State.NOTHING, State.UNREADABLE)
    assert "Import" not in labels(page)
    assert len(page.warning) + len(page.error) >= 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), bytes(1000), b'a,b\n"'],
    ids=["empty", "picture", "zeros", "open quote"],
)
def test_a_file_that_is_no_table_is_told_and_the_page_stands(store: Store, content: bytes) -> None:
    page = page_of_imports()
    upload(page, content)
    assert states(page) == [State.UNREADABLE]
    assert len(page.error) >= 1
    assert "Import" not in labels(page)
    assert store.imports() == ()


def test_all_issues_are_counted_where_only_the_first_are_shown(store: Store) -> None:
    wrong = ISSUES_SHOWN + 500
    page = page_of_imports()
    upload(page, b"lead_id,lead_date\n0,2026-05-01\n" + b"1,?\n" * wrong)
    for _ in ("preview", "receipt"):
        assert "1,500 issues" in [expander.label for expander in page.expander]
        assert numbers(page)["Rejected rows"] == "1,500"
        assert "of 1,500 are shown" in " ".join(each.value for each in page.caption)
        if "Import" in labels(page):
            click(page, "Import")


def test_of_past_months_the_receipt_says_so_and_links_to_the_newest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_plan(store, starters()["saas"], who="t", why="", effective_from=None, now=at("2026-05-01"))
    for now, label, query in (
        ("2026-05-31 09:00", words("imports.see_board"), ""),
        ("2026-06-01 09:00", "See May 2026 on the board", "month=2026-05"),
    ):
        monkeypatch.setattr(App, "wall_clock", lambda _, now=now: at(now))
        page = page_of_imports()
        upload(page, TEMPLATE.replace(b"\n1,", f"\n{now[:7]},".encode()))
        click(page, "Import")
        (link,) = page.get("page_link")
        assert (link.proto.label, link.proto.query_string) == (label, query)
        past = words("imports.in_the_past", month="May 2026")
        assert (past in captions(page)) is bool(query)


def test_without_a_plan_the_receipt_leads_to_making_one(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    (link,) = page.get("page_link")
    assert link.proto.label == words("board.make_plan")


def test_the_demo_is_said_to_go_and_goes(demo: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert words("imports.demo_goes") in [caption.value for caption in page.caption]
    click(page, "Import")
    assert not demo.holds_demo()
    assert demo.leads() == 2


# --- several files ---


def test_each_of_several_files_has_its_card_and_all_that_are_ready_go_in_at_once(
    store: Store,
) -> None:
    page = page_of_imports()
    page.file_uploader[0].upload("a.csv", TEMPLATE)
    page.file_uploader[0].upload("b.csv", TEMPLATE.replace(b"\n1,", b"\n7,"))
    page.file_uploader[0].upload("c.png", b"\x89PNG\r\n\x1a\n" + bytes(99))
    run(page)
    assert states(page) == [State.READY, State.READY, State.UNREADABLE]
    click(page, "Import 2 files")
    assert states(page) == [State.IMPORTED, State.IMPORTED, State.UNREADABLE]
    assert {record.file_name for record in store.imports()} == {"a.csv", "b.csv"}
    # Leads 1 and 2 of the first, 7 and again 2 of the second.
    assert store.leads() == 3


def test_one_card_is_open_and_the_others_open_on_demand(store: Store) -> None:
    page = page_of_imports()
    page.file_uploader[0].upload("a.csv", TEMPLATE)
    page.file_uploader[0].upload("b.csv", TEMPLATE.replace(b"\n1,", b"\n7,"))
    run(page)
    assert labels(page).count("Import") == 1
    click(page, "Open")
    assert labels(page).count("Import") == 2


def test_a_new_file_stands_above_what_is_done_and_open(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    upload(page, TEMPLATE.replace(b"\n1,", b"\n7,"), "new.csv")
    assert [upload.name for upload in uploads(page)] == ["new.csv", "leads.csv"]
    names = re.findall(r'<div class="ki-file"><b[^>]*>(.+?)</b>', html(page))
    assert names == ["new.csv", "leads.csv"]
    assert labels(page).count("Import") == 1


def test_files_outlive_a_change_of_page(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    page.switch_page("board.py").run()
    page.switch_page("imports.py")
    run(page)
    assert states(page) == [State.ASKING]


def test_a_file_taken_off_the_page_does_not_come_back(store: Store) -> None:
    page = page_of_imports()
    page.file_uploader[0].upload("a.csv", TEMPLATE)
    page.file_uploader[0].upload("b.csv", AMBIGUOUS)
    run(page)
    click(page, "Remove")
    assert [upload.name for upload in uploads(page)] == ["b.csv"]
    run(page)
    assert [upload.name for upload in uploads(page)] == ["b.csv"]


def test_the_largest_file_that_may_be_sent_is_the_settings(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_UPLOAD_LIMIT_MB", "7")
    page = page_of_imports()
    assert page.file_uploader[0].proto.max_upload_size_mb == 7
    assert st.get_option("server.maxUploadSize") == 7
    assert "up to 7 MB" in html(page)
    _runtime.close_app()
    monkeypatch.setenv("KPI_UPLOAD_LIMIT_MB", "900")
    page.run()
    assert st.get_option("server.maxUploadSize") == 900


# --- somebody's text is shown as it is ---


def test_a_file_name_is_shown_as_it_is(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE, ODD)
    nothing_is_markup(page)
    click(page, "Import")
    nothing_is_markup(page)
    assert escape(ODD) in html(page)
    click(page, "Open")
    click(page, "Undo")
    nothing_is_markup(page)
    assert f"“{ODD}”" in texts(page)[-1]


def test_headers_and_cells_are_shown_as_they_are(store: Store) -> None:
    content = "<b>*id*</b>,$a$ :red[b],[x](y)\n1,03/04/2026,*x*\n2,04/05/2026,<i>\n"
    page = page_of_imports()
    upload(page, content.encode(), ODD)
    unfold(page, "imports_concluded")
    for radio in page.radio:
        read(radio.label)
    assert "<b>*id*</b>" not in html(page)
    assert "<i></span>" not in html(page)


def test_who_imported_is_shown_as_it_is(store: Store) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="<b>*Sato*</b>", now=NOW)
    page = page_of_imports()
    assert "&lt;b&gt;*Sato*&lt;/b&gt;" in html(page)
