"""The imports page: files in, questions answered, what they did, and back out again.

A click in a dialog reruns the dialog alone in a browser; AppTest always runs the whole page, so
here the button that opens the dialog is clicked along with the one in it.
"""

import re
from datetime import date, datetime
from html import escape
from pathlib import Path
from threading import Event

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.importing import import_file
from kpi_core.ingest.inbox.attention import set_aside, waiting
from kpi_core.ingest.inbox.folder import Inbox
from kpi_core.ingest.watch import Step, Watch
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import Batch, Receipt
from kpi_core.storage.ledger import ISSUES_SHOWN
from kpi_core.storage.store import Store
from pages import _runtime, _upload
from pages._upload import State, Upload
from tests.pages.conftest import html, opened
from tests.storage.batches import NOW, at, batch
from tests.storage.batches import Event as Fact

TEMPLATE = b"lead_id,lead_date,mql_date\n1,2026-05-01,2026-05-03\n2,2026-05-02,\n3,?,\n"
"""Three leads: two read, the third without a readable date. Facts: leads 1 and 2, the MQL of 1."""

AMBIGUOUS = b"lead_id,created,mql date\nL1,03/04/2026,05/06/2026\nL2,05/06/2026,\nL3,12/11/2026,\n"
"""Every date can be read both ways: L1 came on April 3rd or on March 4th."""

LATIN = "lead_id,lead_date,channel\n1,2026-05-01,Köln\n2,2026-05-02,São Paulo\n".encode("latin-1")
"""Neither UTF-8 nor CP932: which of the others it is, only a reader can say."""

MAPPING = """
name = "mine"
source = "mine"
grain = "lead"
id = "lead_id"
[[stages]]
stage = "lead"
date = "lead_date"
"""
ODD = "*a* [x](http://y) $5 and $6 :red[b] _c_ `d` ~~e~~ &lt;.csv"
"""A file name that Markdown would read as much else."""

words = Words(Language.EN)
DISK_FULL = StoreError("disk_full", path="/data/*a* [x](y) $5 $6/kpi.duckdb")
LONG = 60


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays under way when a run ends, and no inbox is looked into."""
    monkeypatch.setattr(_upload, "SOON", LONG)
    monkeypatch.setenv("KPI_INBOX", "off")


@pytest.fixture
def store(database: Path) -> Store:
    """The store behind the page."""
    return _runtime.store()


def page_of_imports(locale: str = "en-US") -> AppTest:
    return opened(locale, at="imports.py")


def uploads(page: AppTest) -> list[Upload]:
    """The files on the page."""
    if "imports_chosen" not in page.session_state:
        return []
    chosen: dict[str, Upload] = page.session_state["imports_chosen"]
    return list(chosen.values())


def run(page: AppTest) -> None:
    """Run the page once. What it begins ends meanwhile: a page waits for what is soon done."""
    page.run()
    assert not page.exception, page.exception


def upload(page: AppTest, content: bytes, name: str = "leads.csv") -> None:
    """Drop a file on the page."""
    page.file_uploader[0].upload(name, content)
    run(page)


def click(page: AppTest, *labels: str) -> None:
    """Click the first button of each label, in one run."""
    for label in labels:
        next(button for button in page.button if button.label == label).click()
    run(page)


def unfold(page: AppTest, key: str) -> None:
    """Open what is folded, by how its key begins."""
    for upload in uploads(page):
        page.session_state[f"{key}_{upload.id}"] = True
    run(page)


def answer(page: AppTest, question: str, value: str) -> None:
    """Choose an answer by its value."""
    (radio,) = [each for each in page.radio if (each.key or "").endswith(f"_{question}")]
    radio.set_value(value)
    run(page)


def states(page: AppTest) -> list[State]:
    return [upload.state for upload in uploads(page)]


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def numbers(page: AppTest) -> dict[str, str]:
    """What the receipt on the page says."""
    return {metric.label: metric.value for metric in page.metric}


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def read(markdown: str) -> str:
    """Markdown as the reader sees it, where every sign that could be markup is escaped."""
    escaped = re.compile(r"\\([!-/:-@\[-`{-~])")
    bare = escaped.sub("", markdown)
    assert not re.search(r"[*_$`\[\]~<>\\]|:\w+:|&#?\w+;", bare), f"read as Markdown: {markdown}"
    return escaped.sub(r"\1", markdown)


def nothing_is_markup(page: AppTest) -> None:
    """No element that reads Markdown got somebody's text as it was, nor did our own HTML."""
    elements: list[Element] = [*page.success, *page.info, *page.warning, *page.error]
    for element in (*elements, *page.caption):
        read(element.value)
    assert "&lt;.csv" not in re.sub("&amp;", "", html(page))


# --- a file that fits what is known ---


def test_before_the_first_import_the_page_says_so_and_offers_a_template(store: Store) -> None:
    page = page_of_imports()
    assert page.title[0].value == words("imports.title")
    assert page.caption[-1].value == words("imports.none_yet")
    (download,) = page.get("download_button")
    assert download.proto.label == words("imports.template")
    assert page.button == []


def test_a_file_is_shown_beforehand_and_nothing_is_kept(store: Store) -> None:
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
    assert store.data_version() == 0


def test_the_first_rows_are_shown_as_understood_with_what_is_wrong_at_its_cell(
    store: Store,
) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    rows = page.dataframe[0].value
    assert list(rows.columns) == ["Line", "Lead id", "Lead (lead_date)", "MQL (mql_date)"]
    assert list(rows.iloc[0]) == ["2", "1", "2026-05-01", "2026-05-03"]
    assert list(rows["Lead (lead_date)"]) == ["2026-05-01", "2026-05-02", "▲ ?"]


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
    assert page.success[0].value == words("imports.receipt_done")
    assert numbers(page) == before
    assert "3 rows: 3 new, 0 changed, 1 rejected" in html(page)
    assert [record.file_name for record in store.imports()] == ["leads.csv"]
    assert store.leads() == 2
    # It stays until it is taken off the page; the ledger stays for good.
    run(page)
    assert numbers(page) == before
    click(page, "Remove")
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
    assert states(page) == [State.IMPORTED, State.REPEATS]
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
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_UPLOAD_LIMIT_MB", "7")
    page = page_of_imports()
    assert page.file_uploader[0].proto.max_upload_size_mb == 7
    assert st.get_option("server.maxUploadSize") == 7
    assert "up to 7 MB" in html(page)
    monkeypatch.setenv("KPI_UPLOAD_LIMIT_MB", "900")
    page.run()
    assert st.get_option("server.maxUploadSize") == 900


# --- questions ---


def test_what_only_the_user_knows_is_asked_and_no_import_is_offered_before(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    assert states(page) == [State.ASKING]
    assert [(radio.key or "").split("_", 3)[-1] for radio in page.radio] == [
        "grain",
        "order:created",
        "order:mql date",
    ]
    assert "Import" not in labels(page)


def test_answers_lead_to_a_preview_that_reads_as_they_say(store: Store) -> None:
    for order, day in (("day-month", "2026-04-03"), ("month-day", "2026-03-04")):
        page = page_of_imports()
        upload(page, AMBIGUOUS)
        give_answers(page, order)
        assert states(page) == [State.READY]
        assert page.dataframe[0].value["Lead (created)"][0] == day


def test_an_answered_question_stays_in_its_place_and_can_be_answered_anew(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    asked = [radio.key for radio in page.radio]
    give_answers(page, "day-month")
    assert [radio.key for radio in page.radio] == asked
    answer(page, "order:created", "month-day")
    assert page.dataframe[0].value["Lead (created)"][0] == "2026-03-04"


def test_encodings_are_shown_by_the_cells_that_differ(store: Store) -> None:
    page = page_of_imports()
    upload(page, LATIN)
    (radio,) = page.radio
    first = radio.proto.captions[0]
    assert "Köln" in first
    assert "São Paulo" in first
    answer(page, "encoding", uploads(page)[0].questions[0].options[0].value)
    assert states(page) == [State.READY]
    assert list(page.dataframe[0].value["Channel"]) == ["Köln", "São Paulo"]


def test_what_was_concluded_is_folded_and_can_be_changed(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    give_answers(page, "day-month")
    assert not any("mql date" in box.key for box in page.selectbox if box.key)
    unfold(page, "imports_concluded")
    (role,) = [box for box in page.selectbox if (box.key or "").endswith("column:mql date")]
    assert role.value == "marketing_qualified"
    role.set_value("sales_qualified")
    run(page)
    assert "SQL (mql date)" in page.dataframe[0].value.columns


def test_a_known_mapping_can_be_set_aside_for_questions(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    click(page, words("imports.ask_me"))
    found = uploads(page)[0].inspection
    assert found is not None
    assert found.known is None
    assert {"id", "column:lead_date"} <= {question.key for question in found.questions}


def give_answers(page: AppTest, order: str) -> None:
    """Answer all that is asked about AMBIGUOUS."""
    for _ in range(9):
        (file,) = uploads(page)
        assert file.inspection is not None
        if not file.inspection.answers_needed:
            return
        asked = file.inspection.answers_needed[0]
        value = {"order": order, "grain": "lead"}.get(asked.code, asked.options[0].value)
        control = next(
            each for each in (*page.radio, *page.selectbox) if each.key.endswith(f"_{asked.key}")
        )
        control.set_value(value)
        run(page)
    pytest.fail("There is always another question")


# --- mappings ---


def test_answers_are_kept_under_a_name_and_the_next_file_is_not_asked(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS, "leads_2026-05.csv")
    give_answers(page, "day-month")
    assert page.text_input[0].value == "leads"
    click(page, "Import")
    assert [saved.name for saved in store.saved_mappings()] == ["leads"]
    again = page_of_imports()
    upload(again, AMBIGUOUS.replace(b"L1", b"L9"), "leads_2026-06.csv")
    assert states(again) == [State.READY]
    assert len(again.radio) == 0
    assert again.dataframe[0].value["Lead (created)"][0] == "2026-04-03"


def test_nothing_is_kept_of_answers_where_the_user_does_not_want_it(store: Store) -> None:
    page = page_of_imports()
    upload(page, AMBIGUOUS)
    give_answers(page, "day-month")
    page.checkbox[0].uncheck()
    run(page)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert store.saved_mappings() == ()


def test_a_kept_mapping_can_be_thrown_away(store: Store) -> None:
    store.save_mapping("mine", MAPPING, "f", who="t", now=NOW)
    page = page_of_imports()
    page.session_state["imports_saved"] = True
    run(page)
    assert "mine" in texts(page)
    click(page, "Delete")
    assert store.saved_mappings() == ()


def test_a_mapping_of_ones_own_reads_the_file(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    page.file_uploader[1].upload("mine.toml", MAPPING.encode())
    run(page)
    assert numbers(page)["New"] == "2"  # leads 1 and 2, and no MQL
    click(page, "Import")
    assert [record.mapping_name for record in store.imports()] == ["mine"]


@pytest.mark.parametrize(
    ("found", "instead", "sentence"),
    [
        ('grain = "lead"', 'grain = "leed"', 'grain: no such grain "leed". Use one of '),
        ('id = "lead_id"', 'id = "lead_id"\nidd = 1', "idd: no such key here."),
        ('stage = "lead"', 'stage = "*lead*"', 'stage: no such stage "*lead*".'),
        ("[[stages]]", "[[stages", "The mapping is not valid TOML: "),
    ],
    ids=["grain", "key", "stage", "toml"],
)
def test_a_mistake_in_an_own_mapping_shows_its_sentence(
    store: Store, found: str, instead: str, sentence: str
) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    unfold(page, "imports_concluded")
    page.file_uploader[1].upload("mine.toml", MAPPING.replace(found, instead).encode())
    run(page)
    assert page.error[0].value == words("imports.mapping_problem")
    # In an element that reads no Markdown.
    assert any(sentence in text for text in texts(page)), texts(page)


# --- while it runs ---


class Slowly:
    """An import that goes on until it is let go, in the place of the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = Event()
        self.begun = 0
        self._patch = monkeypatch
        monkeypatch.setattr(_upload, "import_file", self)

    def begin(self, page: AppTest) -> None:
        """Press Import, and come back while it runs."""
        self._patch.setattr(_upload, "SOON", 0)
        click(page, "Import")
        assert states(page) == [State.IMPORTING]
        self._patch.setattr(_upload, "SOON", LONG)

    def look_in(self, page: AppTest, *pressed: str) -> None:
        """Run the page while the import goes on, with a button pressed or none."""
        self._patch.setattr(_upload, "SOON", 0)
        click(page, *pressed)
        self._patch.setattr(_upload, "SOON", LONG)

    def __call__(self, *args: object, watch: Watch, dry_run: bool, **rest: object) -> Receipt:
        if not dry_run:
            self.begun += 1
            watch.begin(Step.READING, 1000)
            while not self.go_on.wait(0.01):
                watch.check()
        return import_file(*args, watch=watch, dry_run=dry_run, **rest)  # type: ignore[arg-type]


def test_an_import_goes_on_through_reruns_and_a_change_of_language_and_is_begun_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly = Slowly(monkeypatch)
    page = page_of_imports()
    upload(page, TEMPLATE)
    slowly.begin(page)
    assert "Cancel" in labels(page)
    assert "Import" not in labels(page)
    page.query_params["lang"] = "ja"
    slowly.look_in(page)
    assert Words(Language.JA)("imports.cancel") in labels(page)
    assert states(page) == [State.IMPORTING]
    slowly.go_on.set()
    run(page)
    assert states(page) == [State.IMPORTED]
    assert slowly.begun == 1
    assert len(store.imports()) == 1


def test_a_cancelled_import_leaves_nothing_and_can_be_begun_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly = Slowly(monkeypatch)
    page = page_of_imports()
    upload(page, TEMPLATE)
    slowly.begin(page)
    slowly.look_in(page, "Cancel")
    run(page)
    assert words("imports.cancelled") in [info.value for info in page.info]
    assert store.imports() == ()
    assert store.data_version() == 0
    slowly.go_on.set()
    click(page, "Import")
    assert states(page) == [State.IMPORTED]


def test_two_visitors_import_at_once_and_both_are_right(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly = Slowly(monkeypatch)
    one, other = page_of_imports(), page_of_imports()
    upload(one, TEMPLATE)
    upload(other, TEMPLATE.replace(b"\n1,", b"\n7,").replace(b"\n2,", b"\n8,"))
    slowly.begin(one)
    slowly.begin(other)
    slowly.go_on.set()
    run(one)
    run(other)
    assert states(one) == states(other) == [State.IMPORTED]
    assert store.leads() == 4


def test_an_import_is_seen_by_who_opens_the_page_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly = Slowly(monkeypatch)
    page = page_of_imports()
    upload(page, TEMPLATE)
    slowly.begin(page)
    anew = page_of_imports()
    assert "<b>leads.csv</b>" in html(anew)
    assert labels(anew) == ["Cancel"]
    slowly.go_on.set()
    run(page)
    run(anew)
    assert labels(anew) == ["Open"]


# --- the ledger ---


def test_an_entry_opens_with_its_receipt_and_issues(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    click(page, "Remove")
    assert numbers(page) == {}
    click(page, "Open")
    assert numbers(page)["Rejected rows"] == "1"
    downloads = [download.proto.label for download in page.get("download_button")]
    assert words("imports.rejected_download") in downloads
    assert words("imports.mapping_download") in downloads
    click(page, "Close")
    assert numbers(page) == {}


def test_undo_asks_first_and_then_the_entry_reads_undone(store: Store) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01")), name="a.csv"), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    click(page, "Undo")
    assert len(page.get("dialog")) == 1
    assert "“a.csv”" in texts(page)[-1]
    assert store.imports()[0].stands
    click(page, "Undo", "Undo the import")
    assert page.get("dialog") == []
    assert "Undone" in html(page)
    assert "Undo" not in labels(page)
    assert not store.imports()[0].stands
    assert store.is_empty()


def test_what_is_kept_stays(store: Store) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    click(page, "Undo")
    click(page, "Undo", "Keep it")
    assert page.get("dialog") == []
    assert store.imports()[0].stands
    assert "Undo" in labels(page)


def test_the_newest_import_stands_first(store: Store) -> None:
    for name in ("a.csv", "b.csv"):
        store.commit(batch(Fact(name, "lead", at("2026-05-01")), name=name), who="t", now=NOW)
    page = page_of_imports()
    assert re.findall(r"<b[^>]*>(.\.csv)</b>", html(page)) == ["b.csv", "a.csv"]


def test_up_to_when_a_file_tells_everything_can_be_corrected(store: Store) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    page.date_input[0].set_value(date(2026, 5, 20))
    click(page, words("imports.through_set"))
    # The end of that day is the beginning of the next.
    assert store.imports()[0].data_through == at("2026-05-21")


def test_a_file_is_taken_in_again_by_another_mapping(store: Store) -> None:
    store.save_mapping("leads only", MAPPING, "f", who="t", now=NOW)
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    click(page, "Remove")
    click(page, "Open")
    (choice,) = [box for box in page.selectbox if box.key == "imports_again_1"]
    choice.set_value("leads only")
    run(page)
    click(page, words("imports.again_go"))
    assert [record.mapping_name for record in store.imports()] == ["mine", "funnel-template"]


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


# --- what the store refuses ---


def refuse(*_: object, **__: object) -> None:
    raise DISK_FULL


def told(page: AppTest) -> bool:
    """The refusal stands on the page as its sentence."""
    sentence = words("store.disk_full", **DISK_FULL.blanks)
    return [read(error.value) for error in page.error] == [sentence]


def test_a_preview_that_the_store_refuses_shows_the_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "preview", refuse)
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert told(page)
    assert "Import" not in labels(page)


def test_an_import_that_the_store_refuses_shows_the_sentence_and_can_be_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "commit", refuse)
        click(page, "Import")
        assert told(page)
        assert len(page.success) == 0
    click(page, "Import")
    assert "is imported" in page.success[0].value


def test_a_mistake_of_ours_is_told_in_a_sentence_and_the_page_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(_upload, "inspect", fail)
    page = page_of_imports()
    upload(page, TEMPLATE)
    assert states(page) == [State.FAILED]
    assert [error.value for error in page.error] == [words("imports.failed")]


def test_an_undo_that_the_store_refuses_shows_the_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    monkeypatch.setattr(Store, "undo", refuse)
    page = page_of_imports()
    click(page, "Open")
    click(page, "Undo")
    click(page, "Undo", "Undo the import")
    assert told(page)


def test_a_preview_is_made_once_for_a_file_and_again_when_the_data_change(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    preview = Store.preview

    def counted(self: Store, said: Batch, *, now: datetime) -> object:
        asked.append(now)
        return preview(self, said, now=now)

    monkeypatch.setattr(Store, "preview", counted)
    page = page_of_imports()
    upload(page, TEMPLATE)
    run(page)
    assert len(asked) == 1
    store.commit(batch(Fact("1", "lead", at("2026-05-01")), source="funnel"), who="t", now=NOW)
    run(page)
    assert len(asked) == 2
    assert (numbers(page)["New"], numbers(page)["Unchanged"]) == ("2", "1")


# --- the inbox ---


def test_a_file_of_the_inbox_that_needs_an_answer_is_noted_and_answered_here(
    database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inbox = Inbox(tmp_path / "inbox")
    inbox.make()
    monkeypatch.setenv("KPI_INBOX", str(inbox.path))
    arrived = inbox.path / "ambiguous.csv"
    arrived.write_bytes(AMBIGUOUS)
    set_aside(inbox, arrived, {each: f"Which? {each}" for each in Language}, NOW)
    page = page_of_imports()
    assert "ambiguous.csv" in html(page)
    assert "Which? en" in html(page)
    click(page, words("imports.waiting_answer"))
    assert states(page) == [State.ASKING]
    give_answers(page, "day-month")
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    # It goes back: the inbox now knows how to read it, and puts it where it belongs.
    assert arrived.exists()
    assert waiting(inbox) == ()
