"""The list of imports: each opens, is undone, corrected, taken in anew."""

import re
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.records.errors import StoreError
from kpi_core.records.records import Records
from pages._imports import import_list
from tests.batches import NOW, at, batch
from tests.batches import Event as Fact
from tests.pages.conftest import click, html, run
from tests.pages.imports_page import (
    MAPPING,
    TEMPLATE,
    captions,
    labels,
    numbers,
    page_of_imports,
    read,
    texts,
    upload,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")


def test_an_entry_opens_with_its_receipt_and_issues(store: Store) -> None:
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    click(page, "Close")
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
    assert store.imports()[0].is_current
    click(page, "Undo", "Undo the import")
    assert page.get("dialog") == []
    assert "Undone" in html(page)
    assert "Undo" not in labels(page)
    assert not store.imports()[0].is_current
    assert store.is_empty()


def test_what_is_kept_stays(store: Store) -> None:
    store.commit(batch(Fact("1", "lead", at("2026-05-01"))), who="t", now=NOW)
    page = page_of_imports()
    click(page, "Open")
    click(page, "Undo")
    click(page, "Undo", "Keep it")
    assert page.get("dialog") == []
    assert store.imports()[0].is_current
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
    store.records.save_mapping("leads only", MAPPING, "f", who="t", now=NOW)
    page = page_of_imports()
    upload(page, TEMPLATE)
    click(page, "Import")
    click(page, "Close")
    click(page, "Open")
    (choice,) = [box for box in page.selectbox if box.key == "imports_again_1"]
    choice.set_value("leads only")
    run(page)
    click(page, words("imports.again_go"))
    assert [record.mapping_name for record in store.imports()] == ["mine", "funnel-template"]


def test_every_import_is_listed_with_its_number(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        fact = Fact(name, "lead", at("2026-05-01"))
        store.commit(batch(fact, name=f"{name}.csv"), who="t", now=NOW)
    page = page_of_imports()
    assert re.findall(r"<em>(#\d+)</em>", html(page)) == ["#3", "#2", "#1"]
    monkeypatch.setattr(import_list, "RECORDS_SHOWN", 2)
    page = page_of_imports()
    assert re.findall(r"<em>(#\d+)</em>", html(page)) == ["#3", "#2"]
    assert words("imports.more_imports", shown=2, count=3) in captions(page)


REOPENED = b"""Opportunity ID,To Stage,Edit Date
O1,Closed Won,2026-05-01
O1,Negotiation,2026-05-03
"""


def test_a_win_that_did_not_last_is_told_in_the_words_of_the_language(store: Store) -> None:
    mapping = read_mapping(
        'name = "history"\nsource = "crm"\ngrain = "event"\nid = "Opportunity ID"\n'
        'stage = "To Stage"\nat = "Edit Date"\n'
        '[stage_values]\n"Closed Won" = "won"\nNegotiation = "opportunity"\n'
    )
    assert isinstance(mapping, Mapping)
    import_file(store, REOPENED, "history.csv", mapping, who="t", now=NOW)
    for locale, told in (("en-US", "Won → Opportunity"), ("ja-JP", "受注 → 商談")):
        page = page_of_imports(locale)
        click(page, Words(Language.of(locale))("imports.unfold"))
        [issue] = page.dataframe[0].value.to_dict("records")
        assert told in issue.values()
        assert any(told in str(cell) and cell != told for cell in issue.values())


# --- the ways of reading that are kept ---


def kept(page: AppTest) -> AppTest:
    """The page with the kept ways of reading unfolded."""
    page.session_state["imports_saved"] = True
    run(page)
    return page


def test_a_kept_mapping_is_thrown_away_after_a_question(store: Store) -> None:
    store.records.save_mapping("mine", MAPPING, "f", who="t", now=NOW)
    page = kept(page_of_imports())
    assert "mine" in texts(page)
    click(page, "Delete")
    assert "“mine”" in texts(page)[-1]
    click(page, "Delete", "Keep it")
    assert len(store.records.saved_mappings()) == 1
    click(page, "Delete")
    click(page, "Delete", "Delete it")
    assert store.records.saved_mappings() == ()


def test_deleting_what_somebody_else_deleted_takes_nothing_else(store: Store) -> None:
    for name in ("alpha", "beta"):
        store.records.save_mapping(name, MAPPING, "f", who="t", now=NOW)
    page = kept(page_of_imports())
    store.records.delete_mapping("alpha", who="another", now=NOW)
    store.records.save_mapping("gamma", MAPPING, "f", who="another", now=NOW)
    click(page, "Delete")
    assert page.get("dialog") == []
    assert [saved.name for saved in store.records.saved_mappings()] == ["beta", "gamma"]


def test_a_mapping_deleted_while_it_is_asked_about_is_told_to_be_gone(store: Store) -> None:
    for name in ("alpha", "beta"):
        store.records.save_mapping(name, MAPPING, "f", who="t", now=NOW)
    page = kept(page_of_imports())

    def gone(*_: object, **__: object) -> None:
        raise StoreError("unknown_mapping", name="alpha")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Records, "delete_mapping", gone)
        click(page, "Delete")
        click(page, "Delete", "Delete it")
    assert "Mapping alpha" in page.error[0].value


def test_a_file_of_facts_that_is_missing_is_named_until_its_import_is_undone(store: Store) -> None:
    facts = [Fact(str(number), "lead", at("2026-05-01")) for number in range(1, 1_102)]
    store.commit(batch(*facts), who="t", now=NOW)
    assert list(page_of_imports().warning) == []
    (path,) = (store.data / "facts" / "events").glob("*.parquet")
    path.unlink()
    maintainer = store.cache.maintainer
    assert maintainer is not None
    maintainer.look_over()
    (warning,) = page_of_imports().warning
    assert f"facts/events/{path.name}: this file of facts is missing" in read(warning.value)
    store.undo(1, who="t", now=NOW)
    maintainer.look_over()
    assert list(page_of_imports().warning) == []
