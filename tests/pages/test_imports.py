"""The imports page: a file in, what it did, and back out again.

A click in a dialog reruns the dialog alone in a browser; AppTest always runs the whole page, so
here the button that opens the dialog is clicked along with the one in it.
"""

import re
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from kpi_core.i18n.catalog import Language, Words
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import Batch
from kpi_core.storage.ledger import ISSUES_SHOWN
from kpi_core.storage.store import Store
from pages import _runtime
from tests.pages.conftest import opened
from tests.storage.batches import NOW, Event, at, batch

TEMPLATE = b"lead_id,lead_date,mql_date\n1,2026-05-01,2026-05-03\n2,2026-05-02,\n3,?,\n"
"""Three leads: two read, the third without a readable date. Facts: leads 1 and 2, the MQL of 1."""

OTHER = b"key,arrived\n1,2026-05-01\n2,2026-05-02\n"
"""A file that no mapping of ours reads."""

MAPPING = """
name = "mine"
source = "mine"
grain = "lead"
id = "key"
[[stages]]
stage = "lead"
date = "arrived"
"""
ODD = "*a* [x](http://y) $5 and $6 :red[b] _c_ `d` ~~e~~ &lt;.csv"
"""A file name that Markdown would read as much else."""

words = Words(Language.EN)
DISK_FULL = StoreError("disk_full", path="/data/*a* [x](y) $5 $6/kpi.duckdb")


@pytest.fixture
def store(database: Path) -> Store:
    """The store behind the page."""
    return _runtime.store()


def page_of_imports(locale: str = "en-US") -> AppTest:
    return opened(locale, at="imports.py")


def upload(page: AppTest, content: bytes, name: str = "leads.csv", place: int = 0) -> None:
    """Choose a file in one of the page's uploaders, from top to bottom."""
    page.file_uploader[place].upload(name, content).run()
    assert not page.exception


def click(page: AppTest, *labels: str) -> None:
    """Click the first button of each label, in one run."""
    for label in labels:
        next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def numbers(page: AppTest) -> dict[str, str]:
    """What the receipt on the page says."""
    return {metric.label: metric.value for metric in page.metric}


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def badges(page: AppTest) -> str:
    """The entries' badges, which Streamlit writes as Markdown of its own."""
    return " ".join(markdown.value for markdown in page.markdown)


def read(markdown: str) -> str:
    """Markdown as the reader sees it, where every sign that could be markup is escaped."""
    escaped = re.compile(r"\\([!-/:-@\[-`{-~])")
    bare = escaped.sub("", markdown)
    assert not re.search(r"[*_$`\[\]~<>\\]|:\w+:|&#?\w+;", bare), f"read as Markdown: {markdown}"
    return escaped.sub(r"\1", markdown)


def nothing_is_markup(page: AppTest) -> None:
    """No element that reads Markdown got somebody's text as it was."""
    elements: list[Element] = [*page.success, *page.info, *page.warning, *page.error]
    for element in (*elements, *page.caption):
        read(element.value)


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
    assert "columns match" in page.selectbox[0].options[0]
    assert page.subheader[0].value == "What the import will do"
    assert numbers(page) == {
        "Rows": "3",
        "New": "3",
        "Changed": "0",
        "Unchanged": "0",
        "New leads": "2",
        "Undated": "0",
        "Flagged": "0",
        "Rejected rows": "1",
    }
    assert page.expander[0].label == "1 issue"
    assert 'Line 4, lead_date: cannot read "?"' in page.dataframe[0].value["Issue"][0]
    assert labels(page) == ["Import"]
    assert store.imports() == ()
    assert store.data_version() == 0


def test_an_imported_file_leaves_its_receipt_and_a_line_in_the_ledger(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    before = numbers(page)
    click(page, "Import")
    assert read(page.success[0].value) == "“leads.csv” is imported"
    assert numbers(page) == before
    assert page.file_uploader[0].value is None  # ready for the next file
    assert texts(page) == ["leads.csv"]
    assert "3 rows: 3 new, 0 changed, 1 rejected" in [read(each.value) for each in page.caption]
    assert labels(page) == ["Undo"]
    assert [record.file_name for record in store.imports()] == ["leads.csv"]
    assert store.leads() == 2
    # It stays until the next file is chosen; the ledger stays for good.
    page.run()
    assert numbers(page) == before
    upload(page, TEMPLATE.replace(b"1,", b"7,"), "next.csv")
    assert len(page.success) == 0
    assert texts(page) == ["leads.csv"]


def test_it_is_all_there_in_japanese(store: Store) -> None:
    page = page_of_imports("ja-JP")
    upload(page, TEMPLATE)
    assert page.metric[1].value == "3"
    page.button[0].click().run()
    assert not page.exception
    assert "leads.csv" in read(page.success[0].value)
    shown = [page.title[0].value, page.success[0].value, *(each.label for each in page.metric)]
    assert all(re.search(r"[ぁ-ん一-龯]", text) for text in shown), shown


def test_the_same_file_again_is_said_to_be_known_and_cannot_be_imported(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    upload(page, TEMPLATE, "renamed.csv")
    assert page.info[0].value.startswith(words("imports.repeats", day="…").split("…")[0])
    assert labels(page) == ["Undo"]


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
    assert page.warning[0].value == words("imports.nothing")
    assert "Import" not in labels(page)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), bytes(1000), '"'.encode("utf-16")],
    ids=["empty", "picture", "zeros", "open quote"],
)
def test_whatever_the_file_is_the_page_stands(store: Store, content: bytes) -> None:
    page = page_of_imports()
    upload(page, content)
    page.selectbox[0].set_value("funnel-template").run()
    assert not page.exception
    assert "Import" not in labels(page)
    assert store.imports() == ()


def test_all_issues_are_counted_where_only_the_first_are_shown(store: Store) -> None:
    wrong = ISSUES_SHOWN + 500
    page = page_of_imports()
    upload(page, b"lead_id,lead_date\n0,2026-05-01\n" + b"1,?\n" * wrong)
    for _ in ("preview", "receipt"):
        assert page.expander[0].label == "1,500 issues"
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


# --- a mapping of one's own ---


def with_own_mapping(text: str) -> AppTest:
    """The page with a file that needs a mapping of its own, and this one chosen."""
    page = page_of_imports()
    upload(page, OTHER, "other.csv")
    assert page.info[0].value == words("imports.no_fit")
    assert page.caption[0].value == words("imports.choose_mapping")
    page.selectbox[0].set_value("").run()
    upload(page, text.encode(), "mine.toml", place=1)
    return page


def test_an_own_mapping_reads_the_file(store: Store) -> None:
    page = with_own_mapping(MAPPING)
    assert numbers(page)["New"] == "2"
    click(page, "Import")
    assert [record.mapping_name for record in store.imports()] == ["mine"]


@pytest.mark.parametrize(
    ("found", "instead", "sentence"),
    [
        ('grain = "lead"', 'grain = "leed"', 'grain: no such grain "leed". Use one of '),
        ('id = "key"', 'id = "key"\nidd = 1', "idd: no such key here."),
        ('stage = "lead"', 'stage = "*lead*"', 'stage: no such stage "*lead*".'),
        ("[[stages]]", "[[stages", "The mapping is not valid TOML: "),
    ],
    ids=["grain", "key", "stage", "toml"],
)
def test_a_mistake_in_an_own_mapping_shows_its_sentence(
    store: Store, found: str, instead: str, sentence: str
) -> None:
    page = with_own_mapping(MAPPING.replace(found, instead))
    assert page.error[0].value == words("imports.mapping_problem")
    # In an element that reads no Markdown.
    assert any(sentence in text for text in texts(page)), texts(page)
    assert numbers(page) == {}
    assert "Import" not in labels(page)


# --- undo ---


def test_undo_asks_first_and_then_the_entry_reads_undone(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01")), name="a.csv"), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Undo")
    assert len(page.get("dialog")) == 1
    assert "“a.csv”" in texts(page)[-1]
    assert labels(page) == ["Undo", "Undo the import", "Keep it"]
    assert store.imports()[0].stands
    click(page, "Undo", "Undo the import")
    assert page.get("dialog") == []
    assert "Undone" in badges(page)
    assert labels(page) == []
    assert not store.imports()[0].stands
    assert store.is_empty()


def test_what_is_kept_stays(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Undo")
    click(page, "Undo", "Keep it")
    assert page.get("dialog") == []
    assert store.imports()[0].stands
    assert labels(page) == ["Undo"]


def test_the_newest_import_stands_first_and_each_has_its_own_undo(store: Store) -> None:
    for name in ("a.csv", "b.csv"):
        store.commit(batch(Event(name, "lead", at("2026-05-01")), name=name), who="t", now=NOW)
    page = page_of_imports()
    assert texts(page) == ["b.csv", "a.csv"]
    page.button(key="imports_undo_1").click().run()
    assert "“a.csv”" in texts(page)[-1]


# --- somebody's text is shown as it is ---


def test_a_file_name_is_shown_as_it_is(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE, ODD)
    nothing_is_markup(page)
    click(page, "Import")
    nothing_is_markup(page)
    assert read(page.success[0].value) == f"“{ODD}” is imported"
    assert texts(page) == [ODD]  # st.text reads no Markdown
    click(page, "Undo")
    nothing_is_markup(page)
    assert f"“{ODD}”" in texts(page)[-1]
    upload(page, TEMPLATE, ODD)
    nothing_is_markup(page)


def test_who_imported_is_shown_as_it_is(store: Store) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="*Sato* :red[x]", now=NOW)
    page = page_of_imports()
    assert "*Sato* :red[x]" in [read(caption.value) for caption in page.caption]


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


def test_a_refused_preview_is_tried_again_and_its_sentence_stays_until_it_succeeds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Store, "preview", refuse)
        page = page_of_imports()
        upload(page, TEMPLATE)
        page.run()
        assert told(page)
    page.run()
    assert len(page.error) == 0
    assert numbers(page)["New"] == "3"


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


def test_an_undo_that_the_store_refuses_shows_the_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    monkeypatch.setattr(Store, "undo", refuse)
    page = page_of_imports()
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
    page.run()
    assert len(asked) == 1
    said = batch(Event("1", "lead", at("2026-05-01")), source="funnel")
    store.commit(said, who="t", now=NOW)
    page.run()
    assert len(asked) == 2
    assert (numbers(page)["New"], numbers(page)["Unchanged"]) == ("2", "1")
