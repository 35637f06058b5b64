"""The imports page asks what the store asks: which of two files counts."""

import pytest

from kpi_core.domain.receipt import Conflict
from kpi_core.facts.conflicts import Undecided
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import fingerprint
from pages._imports import chosen_file
from pages._imports.chosen_file import State
from tests.batches import NOW
from tests.pages.conftest import ODD, click, run
from tests.pages.imports_page import (
    answer,
    captions,
    labels,
    nothing_is_markup,
    numbers,
    page_of_imports,
    read,
    states,
    upload,
    uploads,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")

HEADER = b"lead_id,lead_date,mql_date\n"
FIRST = HEADER + b"L1,2026-05-03,\nL2,2026-05-20,\n"
OLDER = HEADER + b"L1,2026-05-01,\nL3,2026-05-10,\n"
"""Ends ten days before the first file, and has another day for L1."""

BY_ROW = """
name = "{name}"
source = "fair"
grain = "lead"
[[stages]]
stage = "lead"
date = "day"
"""
ROWS = b"day,booth\n2026-05-01,A\n2026-05-02,B\n"
MORE_ROWS = ROWS + b"2026-05-03,C\n"

BY_DAY = """
name = "{name}"
source = "web"
grain = "day"
date = "date"
{channel}
[[counts]]
column = "visits"
measure = "visits"
"""
PER_CHANNEL = b"date,channel,visits\n2026-05-01,web,5\n2026-05-02,web,6\n"
IN_ALL = b"date,visits\n2026-05-01,9\n2026-05-03,1\n"

BY_ID = """
name = "{name}"
source = "crm"
thing = "{thing}"
grain = "lead"
id = "{id}"
[[stages]]
stage = "{stage}"
date = "{date}"
"""
PEOPLE = b"person,came\n7,2026-05-01\n8,2026-05-02\n"
DEALS = b"deal,closed\n7,2026-05-05\n9,2026-05-06\n"


def known(store: Store, text: str, content: bytes, **named: str) -> None:
    """A mapping that is saved for files of this header."""
    text = text.format(name=f"m{len(store.records.saved_mappings())}", **named)
    header = content.decode().splitlines()[0].split(",")
    name = text.split('"')[1]
    store.records.save_mapping(name, text, fingerprint(header), who="t", now=NOW)


def imported(content: bytes, name: str = "first.csv") -> None:
    page = page_of_imports()
    upload(page, content, name)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]


def test_what_contradicts_newer_data_is_asked_and_gaps_are_filled_at_first(store: Store) -> None:
    imported(FIRST)
    page = page_of_imports()
    upload(page, OLDER)
    assert states(page) == [State.ASKING]
    (radio,) = page.radio
    assert read(radio.label) == (
        "One value differs from newer data already imported (L1). Which one counts?"
    )
    assert radio.value == "fill_gaps"
    assert numbers(page)["New"] == "1"  # L3 alone
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert numbers(page)["Changed"] == "0"


def test_the_preview_follows_the_answer(store: Store) -> None:
    imported(FIRST)
    page = page_of_imports()
    upload(page, OLDER)
    answer(page, "older", "overwrite")
    assert [radio.value for radio in page.radio] == ["overwrite"]
    assert states(page) == [State.READY]
    assert numbers(page)["Changed"] == "1"
    click(page, "Import")
    assert numbers(page)["Changed"] == "1"


def test_the_question_in_japanese(store: Store) -> None:
    imported(FIRST)
    page = page_of_imports("ja-JP")
    upload(page, OLDER, ODD)
    (radio,) = page.radio
    assert read(radio.label) == (
        "1件の値が、取り込み済みの新しいデータと食い違います（L1）。どちらを使いますか"
    )
    told = Words(Language.JA)
    assert radio.options[0] == told("questions.older_fill_gaps")
    nothing_is_markup(page)


@pytest.mark.parametrize(("value", "current"), [("yes", [2]), ("no", [2, 1])])
def test_a_list_without_ids_replaces_the_one_before_unless_told_otherwise(
    store: Store, value: str, current: list[int]
) -> None:
    known(store, BY_ROW, ROWS)
    imported(ROWS)
    page = page_of_imports()
    upload(page, MORE_ROWS)
    (radio,) = page.radio
    assert read(radio.label) == "Replace import #1? It already has 2 of these rows."
    assert radio.value == "yes"
    still = words("imports.replaces_before", number=1)
    assert still in captions(page)
    answer(page, "replaces", value)
    assert (still in captions(page)) == (value == "yes")
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert [each.import_id for each in store.imports() if each.is_current] == current
    assert store.leads() == 3


@pytest.mark.parametrize("value", ["replace", "add"])
def test_another_breakdown_of_a_day_is_asked_about(store: Store, value: str) -> None:
    known(store, BY_DAY, PER_CHANNEL, channel='channel = "channel"')
    known(store, BY_DAY, IN_ALL, channel="")
    imported(PER_CHANNEL)
    page = page_of_imports()
    upload(page, IN_ALL)
    (radio,) = page.radio
    assert read(radio.label) == (
        "One daily figure is already stored with another breakdown (2026-05-01). "
        "Replace it or add to it?"
    )
    assert radio.value == "replace"
    answer(page, "breakdown", value)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    (month,) = store.receipt(2).months
    assert (month.before, month.after) == (11.0, {"replace": 16.0, "add": 21.0}[value])


@pytest.mark.parametrize(("value", "leads"), [("different", 4), ("same", 3)])
def test_ids_of_two_things_that_meet_are_asked_about(store: Store, value: str, leads: int) -> None:
    known(store, BY_ID, PEOPLE, thing="lead", id="person", stage="lead", date="came")
    known(store, BY_ID, DEALS, thing="deal", id="deal", stage="won", date="closed")
    imported(PEOPLE)
    page = page_of_imports()
    upload(page, DEALS)
    (radio,) = page.radio
    assert read(radio.label) == (
        "One ID is also used for leads in this source (7). Is it the same record?"
    )
    assert radio.value == "different"
    answer(page, "same_ids", value)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert store.leads() == leads


def test_a_question_that_comes_up_at_the_commit_is_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of_imports()
    upload(page, OLDER)
    assert states(page) == [State.READY]
    imported(FIRST)  # by another visitor, after the preview
    late = Undecided([Conflict("older", 1, ("fill_gaps", "overwrite"))])

    def refuse(*_args: object, **told: object) -> object:
        if told["dry_run"]:
            return import_file(*_args, **told)  # type: ignore[arg-type]  # handed on
        raise late

    monkeypatch.setattr(chosen_file, "import_file", refuse)
    uploads(page)[0].start_import()
    run(page)
    assert states(page) == [State.ASKING]
    assert [info.value for info in page.info] == [words("imports.asked_late")]
    assert not page.error
    assert page.radio[0].value == "fill_gaps"
    monkeypatch.setattr(chosen_file, "import_file", import_file)
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    assert not page.info


def test_files_with_a_question_are_not_imported_with_the_others(store: Store) -> None:
    imported(FIRST)
    page = page_of_imports()
    for name, content in (("a.csv", OLDER), ("b.csv", HEADER + b"L8,2026-05-21,\n")):
        page.file_uploader[0].upload(name, content)
        run(page)
    page.file_uploader[0].upload("c.csv", HEADER + b"L9,2026-05-22,\n")
    run(page)
    assert sorted(states(page)) == sorted([State.READY, State.READY, State.ASKING])
    assert words("imports.confirm_all", count=2) in labels(page)
    click(page, words("imports.confirm_all", count=2))
    assert sorted(states(page)) == sorted([State.IMPORTED, State.IMPORTED, State.ASKING])
