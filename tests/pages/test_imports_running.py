"""Work on files that goes on while the imports page answers."""

import logging
import threading
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_again, import_file
from kpi_core.ingest.progress import Step, Watch
from pages import _runtime
from pages._imports import chosen_file, reimport
from pages._imports.chosen_file import State
from tests.batches import NOW
from tests.pages.conftest import LONG, click, html, run
from tests.pages.imports_page import (
    MAPPING,
    TEMPLATE,
    labels,
    page_of_imports,
    states,
    upload,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")


class Slowly:
    """An import that goes on until it is let go, in the place of the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = Event()
        self.begun = 0
        self._patch = monkeypatch
        monkeypatch.setattr(chosen_file, "import_file", self)

    def begin(self, page: AppTest) -> None:
        """Press Import, and come back while it runs."""
        self.look_in(page, "Import")
        assert states(page) == [State.IMPORTING]

    def look_in(self, page: AppTest, *pressed: str) -> None:
        """Run the page while the import goes on, with a button pressed or none."""
        self._patch.setattr(chosen_file, "SOON", 0)
        click(page, *pressed)
        self._patch.setattr(chosen_file, "SOON", LONG)

    def hold(self, watch: Watch) -> None:
        """Wait until it is let go."""
        self.begun += 1
        watch.begin(Step.READING, 1000)
        while not self.go_on.wait(0.01):
            watch.check()

    def __call__(self, *args: Any, watch: Watch, dry_run: bool, **kwargs: Any) -> Receipt:
        if not dry_run:
            self.hold(watch)
        return import_file(*args, watch=watch, dry_run=dry_run, **kwargs)


@pytest.fixture
def slowly(store: Store, monkeypatch: pytest.MonkeyPatch) -> Slowly:
    return Slowly(monkeypatch)


@pytest.fixture
def begun(slowly: Slowly) -> AppTest:
    """A page whose import is running."""
    page = page_of_imports()
    upload(page, TEMPLATE)
    slowly.begin(page)
    return page


def test_an_import_goes_on_through_reruns_and_a_change_of_language_and_is_begun_once(
    store: Store, slowly: Slowly, begun: AppTest
) -> None:
    assert "Cancel" in labels(begun)
    assert "Import" not in labels(begun)
    begun.query_params["lang"] = "ja"
    slowly.look_in(begun)
    assert Words(Language.JA)("imports.cancel") in labels(begun)
    assert states(begun) == [State.IMPORTING]
    slowly.go_on.set()
    run(begun)
    assert states(begun) == [State.IMPORTED]
    assert slowly.begun == 1
    assert len(store.imports()) == 1


def test_a_cancelled_import_leaves_nothing_and_can_be_begun_again(
    store: Store, slowly: Slowly, begun: AppTest
) -> None:
    version = store.data_version()
    slowly.look_in(begun, "Cancel")
    run(begun)
    assert words("imports.cancelled") in [info.value for info in begun.info]
    assert store.imports() == ()
    assert store.data_version() == version
    slowly.go_on.set()
    click(begun, "Import")
    assert states(begun) == [State.IMPORTED]


def test_two_visitors_import_at_once_and_both_are_right(
    store: Store, slowly: Slowly, begun: AppTest
) -> None:
    other = page_of_imports()
    upload(other, TEMPLATE.replace(b"\n1,", b"\n7,").replace(b"\n2,", b"\n8,"))
    slowly.begin(other)
    slowly.go_on.set()
    run(begun)
    run(other)
    assert states(begun) == states(other) == [State.IMPORTED]
    assert store.leads() == 4


def test_an_import_is_seen_by_who_opens_the_page_anew(slowly: Slowly, begun: AppTest) -> None:
    anew = page_of_imports()
    assert ">leads.csv</b>" in html(anew)
    assert labels(anew) == ["Cancel"]
    slowly.go_on.set()
    run(begun)
    run(anew)
    assert labels(anew) == ["Open"]


def test_an_import_taken_in_again_is_begun_once_however_often_it_is_asked_for(
    store: Store, slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*args: Any, watch: Watch, **kwargs: Any) -> Receipt:
        slowly.hold(watch)
        return import_again(*args, watch=watch, **kwargs)

    monkeypatch.setattr(reimport, "import_again", again)
    store.records.save_mapping("leads only", MAPPING, "f", who="t", now=NOW)
    page = page_of_imports()
    upload(page, TEMPLATE)
    slowly.go_on.set()
    click(page, "Import")
    click(page, "Close")
    click(page, "Open")
    page.selectbox(key="imports_again_1").set_value("leads only")
    run(page)
    slowly.go_on.clear()
    slowly.begun = 0
    slowly.look_in(page, words("imports.again_go"))
    go = page.button(key="imports_again_go_1")
    assert go.disabled
    go.proto.disabled = False
    slowly.look_in(page, words("imports.again_go"))  # a press that was on its way
    slowly.go_on.set()
    for work in _runtime.app().jobs.imports():
        work.wait()
    run(page)
    assert slowly.begun == 1
    assert [record.mapping_name for record in store.imports()] == ["mine", "funnel-template"]


def test_the_log_and_the_threads_tell_what_was_done_and_of_no_name(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    threads = []

    def fail(*_: object, **__: object) -> None:
        threads.append(threading.current_thread().name)
        raise RuntimeError("a mistake")

    monkeypatch.setattr(chosen_file, "import_file", fail)
    page = page_of_imports()
    with caplog.at_level(logging.WARNING):
        upload(page, TEMPLATE, "Sato Hanako.csv")
    assert states(page) == [State.FAILED]
    assert "Comparing a file failed" in caplog.text
    assert "Sato" not in caplog.text
    assert threads == ["kpi-look_0"]
