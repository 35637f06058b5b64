"""The inbox folder on the imports page."""

import os
from html import escape
from pathlib import Path

import pytest

from kpi_core.domain.issue_code import Code, about_file
from kpi_core.domain.question import Ask, Question
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.inbox import sidecars
from kpi_core.ingest.inbox.held_files import set_aside, take_back, waiting
from kpi_core.ingest.inbox.inbox_folder import Inbox
from pages._imports.chosen_file import State
from tests.batches import NOW
from tests.pages.conftest import click, html
from tests.pages.imports_page import (
    AMBIGUOUS,
    captions,
    give_answers,
    labels,
    page_of_imports,
    read,
    states,
    words,
)

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
def inbox(data_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Inbox:
    """The folder of this process."""
    made = Inbox(tmp_path / "inbox")
    made.make()
    monkeypatch.setenv("KPI_INBOX", str(made.path))
    return made


def put(inbox: Inbox, name: str, note: sidecars.Note) -> Path:
    """A file that was set aside with this note; where it arrived."""
    arrived = inbox.path / name
    arrived.write_bytes(AMBIGUOUS)
    set_aside(inbox, arrived, note, NOW)
    return arrived


def asked(name: str) -> sidecars.Note:
    return sidecars.question_note(name, ("created",), (Question(Ask.SOURCE),))


def refused(name: str) -> sidecars.Note:
    return sidecars.refusal_note(name, [about_file(Code.PROTECTED, value=f"of {name}")])


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_the_page_says_where_files_go_in_by_themselves(inbox: Inbox, locale: str) -> None:
    shown = f"{inbox.path.parent.name}/{inbox.path.name}"
    told = Words(Language.of(locale))("imports.inbox_about", folder=shown)
    page = [read(caption) for caption in captions(page_of_imports(locale))]
    assert told in page
    assert not any(str(inbox.path) in each for each in page)


def test_nothing_is_said_of_a_folder_where_there_is_none(data_folder: Path) -> None:
    assert "folder" not in " ".join(captions(page_of_imports()))


def test_a_file_of_the_inbox_that_needs_an_answer_is_noted_and_answered_here(
    inbox: Inbox,
) -> None:
    arrived = put(inbox, "ambiguous.csv", asked("ambiguous.csv"))
    page = page_of_imports()
    assert "ambiguous.csv" in html(page)
    click(page, words("imports.waiting_answer"))
    assert states(page) == [State.ASKING]
    give_answers(page, "day-month")
    click(page, "Import")
    assert states(page) == [State.IMPORTED]
    # It goes back: the inbox now knows how to read it, and puts it where it belongs.
    assert arrived.exists()
    assert waiting(inbox) == ()


def test_a_refused_file_says_all_of_its_reason_and_is_not_offered_for_answering(
    inbox: Inbox,
) -> None:
    put(inbox, "locked.xlsx", refused("locked.xlsx"))
    page = page_of_imports()
    for line in refused("locked.xlsx")[Language.EN].splitlines():
        assert escape(line) in html(page)
    assert labels(page) == [words("imports.dismiss")]


def test_a_file_that_nobody_has_looked_at_can_be_looked_at(inbox: Inbox) -> None:
    (inbox.needs_attention / "by hand.csv").write_bytes(AMBIGUOUS)
    page = page_of_imports()
    click(page, words("imports.waiting_answer"))
    assert states(page) == [State.ASKING]


def test_a_dismissed_file_leaves_the_page_and_stays_on_the_disk(inbox: Inbox) -> None:
    for _ in "12":
        put(inbox, "locked.csv", refused("locked.csv"))
        page = page_of_imports()
        click(page, words("imports.dismiss"))
        assert "put-away" in page.toast[0].value
        assert waiting(inbox) == ()
        assert labels(page) == []
    away = inbox.needs_attention / "put-away"
    assert sorted(file.name for file in away.iterdir()) == [
        f"locked{number}.csv{ending}"
        for number in ("-2", "")
        for ending in ("", ".question.json", ".question.txt")
    ]
    assert (away / "locked-2.csv").read_bytes() == AMBIGUOUS


def test_a_file_that_cannot_be_dismissed_stays_and_says_so(inbox: Inbox, tmp_path: Path) -> None:
    put(inbox, "locked.csv", refused("locked.csv"))
    (tmp_path / "elsewhere").mkdir()
    (inbox.needs_attention / "put-away").symlink_to(tmp_path / "elsewhere")
    page = page_of_imports()
    click(page, words("imports.dismiss"))
    assert "could not be moved" in page.toast[0].value
    assert [each.name for each in waiting(inbox)] == ["locked.csv"]


def test_a_press_is_for_its_file_though_the_one_before_has_gone(inbox: Inbox) -> None:
    for name in ("a.csv", "b.csv"):
        put(inbox, name, asked(name))
    page = page_of_imports()
    take_back(inbox, "a.csv")
    click(page, words("imports.waiting_answer"))
    assert states(page) == []
    assert [each.name for each in waiting(inbox)] == ["b.csv"]


def test_a_name_that_is_no_text_does_no_harm(inbox: Inbox) -> None:
    name = os.fsdecode("リード.csv".encode("shift-jis"))
    put(inbox, name, asked("x"))
    page = page_of_imports()
    click(page, words("imports.waiting_answer"))
    assert states(page) == [State.ASKING]
