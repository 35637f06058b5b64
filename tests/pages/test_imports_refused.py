"""What the store refuses is told on the imports page, and nothing is lost."""

from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.batch import Batch
from kpi_core.facts.store import Store
from kpi_core.records.errors import StoreError
from kpi_core.records.records import Records
from pages._imports import chosen_file
from pages._imports.chosen_file import State
from tests.batches import NOW, at, batch
from tests.batches import Event as Fact
from tests.pages.conftest import click, run
from tests.pages.imports_page import (
    AMBIGUOUS,
    TEMPLATE,
    give_answers,
    labels,
    numbers,
    page_of_imports,
    read,
    states,
    upload,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")

DISK_FULL = StoreError("disk_full", path="/data/*a* [x](y) $5 $6")


def refuse(*_: object, **__: object) -> None:
    raise DISK_FULL


def told(page: AppTest) -> bool:
    """The refusal stands on the page as its sentence, without the folders above."""
    sentence = words("store.disk_full", path="*a* [x](y) $5 $6")
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


@pytest.mark.parametrize("problem", [DISK_FULL, RuntimeError("a mistake")])
def test_an_import_stands_and_says_so_where_the_way_of_reading_cannot_be_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    page = page_of_imports()
    upload(page, AMBIGUOUS)
    give_answers(page, "day-month")
    monkeypatch.setattr(Records, "save_mapping", fail)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert "is imported" in page.success[0].value
    assert page.warning[0].value.startswith(words("imports.mapping_not_kept"))
    assert ("full" in page.warning[0].value) is (problem is DISK_FULL)
    assert len(page.error) == 0
    assert store.leads() == 3
    assert store.records.saved_mappings() == ()


def test_a_mistake_of_ours_is_told_in_a_sentence_and_the_page_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(chosen_file, "inspect", fail)
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

    def counted(self: Store, said: Batch, *, now: datetime, decisions: dict[str, str]) -> object:
        asked.append(now)
        return preview(self, said, now=now, decisions=decisions)

    monkeypatch.setattr(Store, "preview", counted)
    page = page_of_imports()
    upload(page, TEMPLATE)
    run(page)
    assert len(asked) == 1
    store.commit(batch(Fact("1", "lead", at("2026-05-01")), source="funnel"), who="t", now=NOW)
    run(page)
    assert len(asked) == 2
    assert (numbers(page)["New"], numbers(page)["Unchanged"]) == ("2", "1")
