"""The inbox's folder, its notes, and what happens to a file in it."""

import errno
import os
from datetime import datetime
from pathlib import Path

import pytest

from kpi_core.i18n.catalog import Language
from kpi_core.ingest.inbox import atomic_move
from kpi_core.ingest.inbox.atomic_move import move_into, write_text
from kpi_core.ingest.inbox.held_files import NeedsAttention, set_aside, take_back, waiting
from kpi_core.ingest.inbox.inbox_folder import Arrival, Inbox, seen, told_name
from kpi_core.ingest.inbox.stability import Settling

NOW = datetime.fromisoformat("2026-11-22T12:00")
QUESTION = {Language.JA: "どの列ですか。", Language.EN: "Which column?"}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "inbox")
    made.make()
    return made


def put(inbox: Inbox, name: str, text: str = "a\n1\n", mtime: float | None = None) -> Path:
    path = inbox.path / name
    path.write_text(text, encoding="utf-8")
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


# --- what is there ---


def test_files_come_oldest_first_and_by_name_where_equally_old(inbox: Inbox) -> None:
    for name, mtime in (("b.csv", 200), ("c.csv", 100), ("a.csv", 200)):
        put(inbox, name, mtime=mtime)
    assert [each.name for each in inbox.arrivals()] == ["c.csv", "a.csv", "b.csv"]


def test_what_nobody_has_finished_is_passed_over(inbox: Inbox) -> None:
    for name in (
        ".hidden.csv", "~$plan.xlsx", "a.csv.part", "b.csv.crdownload", "c.TMP", "d.download",
        "Thumbs.db", ".DS_Store",
    ):  # fmt: skip
        put(inbox, name)
    assert inbox.arrivals() == ()


def test_links_folders_and_pipes_are_no_files(inbox: Inbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    (inbox.path / "link.csv").symlink_to(secret)
    (inbox.path / "folder.csv").mkdir()
    os.mkfifo(inbox.path / "pipe.csv")
    assert inbox.arrivals() == ()


def test_a_folder_that_leads_out_of_the_inbox_is_not_used(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere"
    path.mkdir()
    elsewhere.mkdir()
    (path / "done").symlink_to(elsewhere)
    with pytest.raises(NotADirectoryError):
        Inbox(path).make()


def test_a_share_that_is_not_mounted_is_not_made_up_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Inbox(tmp_path / "share" / "inbox").make()
    assert not (tmp_path / "share").exists()


def test_a_name_is_text_on_one_line() -> None:
    assert told_name("plan\n\x1b[2J.csv") == "plan  [2J.csv"
    assert told_name("か\u3099.csv") == "が.csv"
    assert told_name(os.fsdecode(b"\xff.csv")) == "\ufffd.csv"
    assert told_name("ann@x.co leads.csv") == "…@… leads.csv"


# --- whether it has stopped growing ---


def test_a_file_is_settled_once_it_has_not_changed_for_five_seconds(inbox: Inbox) -> None:
    settling = Settling()
    path = put(inbox, "a.csv", "a\n")
    assert settling.settled(inbox.arrivals(), 100.0) == ()
    assert settling.settled(inbox.arrivals(), 104.9) == ()
    path.write_text("a\n1\n", encoding="utf-8")
    assert settling.settled(inbox.arrivals(), 105.1) == ()
    assert settling.settled(inbox.arrivals(), 110.0) == ()
    assert [each.name for each in settling.settled(inbox.arrivals(), 110.1)] == ["a.csv"]


def test_how_long_can_be_given(inbox: Inbox) -> None:
    settling = Settling(still_seconds=0.1)
    put(inbox, "a.csv", "a\n")
    assert settling.settled(inbox.arrivals(), 0.0) == ()
    assert len(settling.settled(inbox.arrivals(), 0.1)) == 1


def test_an_empty_file_is_waited_for(inbox: Inbox) -> None:
    settling = Settling()
    put(inbox, "a.csv", "")
    assert settling.settled(inbox.arrivals(), 0.0) == ()
    assert settling.settled(inbox.arrivals(), 59.0) == ()
    assert len(settling.settled(inbox.arrivals(), 60.0)) == 1


def test_a_file_that_is_left_for_later_comes_back_at_once_when_it_changes(inbox: Inbox) -> None:
    settling = Settling()
    path = put(inbox, "a.csv")
    settling.settled(inbox.arrivals(), 0.0)
    (arrival,) = settling.settled(inbox.arrivals(), 5.0)
    settling.later(arrival, until=32.0)
    assert settling.settled(inbox.arrivals(), 31.0) == ()
    assert not settling.pending
    path.write_text("b\n22\n", encoding="utf-8")
    settling.settled(inbox.arrivals(), 31.5)
    assert settling.pending
    assert len(settling.settled(inbox.arrivals(), 36.5)) == 1


# --- moving ---


def test_nothing_is_overwritten(inbox: Inbox) -> None:
    for text in ("one", "two", "three"):
        move_into(inbox.done, put(inbox, "a.csv", text))
    assert names(inbox.done) == ["a-2.csv", "a-3.csv", "a.csv"]
    assert (inbox.done / "a.csv").read_text(encoding="utf-8") == "one"
    assert (inbox.done / "a-3.csv").read_text(encoding="utf-8") == "three"


def test_a_file_that_is_gone_leaves_no_empty_one(inbox: Inbox) -> None:
    with pytest.raises(FileNotFoundError):
        move_into(inbox.done, inbox.path / "gone.csv")
    assert names(inbox.done) == []


def test_a_name_that_fills_its_room_still_gets_its_notes(inbox: Inbox) -> None:
    moved = move_into(inbox.done, put(inbox, "あ" * 83 + ".csv"))
    note = write_text(moved, ".receipt.txt", "done")
    assert note.name == moved.name + ".receipt.txt"
    assert moved.name.endswith("あ.csv")
    assert moved.read_text(encoding="utf-8") == "a\n1\n"


def test_to_another_disk_a_file_is_copied_whole(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(inbox, "a.csv", "all of it", mtime=1000.0)
    replace = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if self == path:
            raise OSError(errno.EXDEV, "other disk")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    moved = move_into(inbox.done, path)
    assert moved.read_text(encoding="utf-8") == "all of it"
    assert moved.stat().st_mtime == 1000.0
    assert not path.exists()
    assert names(inbox.done) == ["a.csv"]


def test_a_note_is_whole_or_not_there(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(inbox, "a.csv")
    write_text(file, ".receipt.txt", "old")
    monkeypatch.setattr(Path, "write_bytes", _disk_full)
    with pytest.raises(OSError, match="No space"):
        write_text(file, ".receipt.txt", "new")
    monkeypatch.undo()
    assert atomic_move.beside(file, ".receipt.txt").read_text(encoding="utf-8-sig") == "old\n"
    assert names(inbox.path) == ["a.csv", "a.csv.receipt.txt"]


def _disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


# --- what waits for an answer ---


def test_what_is_set_aside_waits_with_its_question(inbox: Inbox) -> None:
    set_aside(inbox, put(inbox, "a.csv"), QUESTION, NOW)
    moved = inbox.needs_attention / "a.csv"
    assert waiting(inbox) == (NeedsAttention("a.csv", moved, QUESTION, NOW),)
    assert names(inbox.needs_attention) == ["a.csv", "a.csv.question.json", "a.csv.question.txt"]
    text = (inbox.needs_attention / "a.csv.question.txt").read_text(encoding="utf-8-sig")
    assert text == "どの列ですか。\n\nWhich column?\n"
    assert inbox.arrivals() == ()


def test_what_is_taken_back_is_tried_again(inbox: Inbox) -> None:
    set_aside(inbox, put(inbox, "a.csv"), QUESTION, NOW)
    assert take_back(inbox, "a.csv")
    assert waiting(inbox) == ()
    assert [each.name for each in inbox.arrivals()] == ["a.csv"]
    assert names(inbox.needs_attention) == []
    assert not take_back(inbox, "a.csv")


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "..", "", "a.csv.question.txt"])
def test_only_what_waits_can_be_taken_back(inbox: Inbox, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n", encoding="utf-8")
    set_aside(inbox, put(inbox, "a.csv"), QUESTION, NOW)
    assert not take_back(inbox, name)
    assert inbox.arrivals() == ()
    assert (tmp_path / "secret.csv").exists()


@pytest.mark.parametrize("note", [None, "", "[]", '{"since": 3}', '{"question": {"ja": "x"}}'])
def test_a_file_without_a_note_of_ours_waits_too(inbox: Inbox, note: str | None) -> None:
    (inbox.needs_attention / "a.csv").write_text("a\n", encoding="utf-8")
    if note is not None:
        (inbox.needs_attention / "a.csv.question.json").write_text(note, encoding="utf-8")
    (each,) = waiting(inbox)
    assert (each.name, each.since) == ("a.csv", None)
    assert "Try it again" in each.question[Language.EN]


def test_a_file_may_be_called_like_a_note(inbox: Inbox) -> None:
    set_aside(inbox, put(inbox, "b.question.json"), QUESTION, NOW)
    assert [each.name for each in waiting(inbox)] == ["b.question.json"]


def test_where_there_is_no_folder_nothing_waits(tmp_path: Path) -> None:
    assert waiting(Inbox(tmp_path / "nowhere")) == ()


def test_a_moment_of_a_file_is_told_apart_from_the_next(inbox: Inbox) -> None:
    path = put(inbox, "a.csv", mtime=1000.0)
    first = seen(path)
    assert first == Arrival(path, 4, 1000 * 10**9, path.stat().st_ino)
    put(inbox, "a.csv", mtime=1001.0)
    assert seen(path) != first
