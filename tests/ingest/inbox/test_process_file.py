"""Files through the inbox into a store: what goes in, what waits, and what is tried again."""

import errno
import json
import os
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpi_core.domain.receipt import Receipt
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inbox import held_files, process_file
from kpi_core.ingest.inbox import watcher as module
from kpi_core.ingest.inbox.held_files import NeedsAttention, waiting
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.process_file import Taking
from kpi_core.ingest.inbox.stability import SETTLED_SECONDS
from kpi_core.ingest.inbox.watcher import Keeper
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.mapping.document import Mapping, fingerprint
from kpi_core.mapping.parse import read_mapping
from kpi_core.records.errors import StoreError
from kpi_core.reports.as_json import as_json
from kpi_core.tabular.reader import open_file
from tests.bombs import FAR_CELLS, workbook

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Noon in Tokyo."""
GOOD = "lead_id,lead_date\nA1,2026-11-02\nA2,2026-11-16\n"
OF_TODAY = f"{GOOD}A3,2026-11-22\n"
STRANGE = "Nr,Tag,Stufe\n1,02.11.2026,heiß\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "inbox")
    made.make()
    return made


@pytest.fixture
def keeper(inbox: Inbox, store: Store, tmp_path: Path) -> Keeper:
    return keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0))


def keeper_of(
    inbox: Inbox, store: Store, raw: RawFiles, settled_seconds: float = SETTLED_SECONDS
) -> Keeper:
    return Keeper(
        Taking(store, inbox, raw, as_json),
        now=lambda: NOW,
        local=lambda moment: moment.astimezone(ZoneInfo("Asia/Tokyo")).replace(tzinfo=None),
        home=lambda moment: "Asia/Tokyo",
        settled_seconds=settled_seconds,
    )


def put(inbox: Inbox, name: str, text: str = GOOD, mtime: float | None = None) -> Path:
    path = inbox.path / name
    path.write_text(text, encoding="utf-8")
    if mtime is not None:
        os.utime(path, (mtime, mtime))
    return path


def look(keeper: Keeper, seconds: float = 0.0) -> None:
    """Look, and look again when everything has settled."""
    keeper.look(seconds)
    keeper.look(seconds + SETTLED_SECONDS)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_goes_in_by_the_mapping_that_fits_its_header(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "leads.csv", OF_TODAY, mtime=NOW.timestamp() - 3600)
    look(keeper)
    (record,) = store.imports()
    assert (record.file_name, record.imported_by, record.mapping_name) == (
        "leads.csv", "inbox", "funnel-template",
    )  # fmt: skip
    assert record.data_through == datetime.fromisoformat("2026-11-22T11:00")
    assert names(inbox.path) == []
    assert names(inbox.done) == ["leads.csv", "leads.csv.receipt.json", "leads.csv.receipt.txt"]


def test_a_file_that_contradicts_newer_data_waits_for_an_answer(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "new.csv", mtime=NOW.timestamp() - 3600)
    look(keeper)
    older = "lead_id,lead_date\nA1,2026-11-01\nA3,2026-11-01\n"
    put(inbox, "old.csv", older, mtime=NOW.timestamp() - 7200)
    look(keeper, 60)
    assert len(store.imports()) == 1
    (each,) = waiting(inbox)
    assert "One value differs from newer data" in each.question[Language.EN]
    assert "This file" in each.question[Language.EN]
    assert names(inbox.path) == []


def test_a_clock_that_is_ahead_does_not_promise_what_has_not_happened(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "leads.csv", OF_TODAY, mtime=NOW.timestamp() + 86_400)
    look(keeper)
    assert store.imports()[0].data_through == datetime.fromisoformat("2026-11-22T12:00")


def test_a_saved_mapping_comes_before_those_that_ship(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    text = (
        'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "lead_id"\n'
        '[[stages]]\nstage = "won"\ndate = "lead_date"\n'
    )
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("lead_id", "lead_date"))
    store.records.save_mapping("mine", text, seal, who="test", now=now)
    put(inbox, "leads.csv")
    look(keeper)
    assert [record.mapping_name for record in store.imports()] == ["mine"]


def test_the_receipt_says_it_in_both_languages(keeper: Keeper, inbox: Inbox) -> None:
    put(inbox, "leads.csv", "lead_id,lead_date\nA1,2026-11-02\nA2,someday\n")
    look(keeper)
    text = (inbox.done / "leads.csv.receipt.txt").read_text(encoding="utf-8-sig")
    japanese, english = (
        text.index("に取り込みました（取り込み 1、マッピング"),
        text.index("was imported on"),
    )
    assert japanese < english
    for language, mark in ((Language.JA, "："), (Language.EN, ": ")):
        assert f"{Words(language)('receipt.rejected')}{mark}1\n" in text
    assert "“leads.csv.rejected.csv”" in text
    assert "- リード 2026-11: 0 → 1\n" in text
    assert "- Leads 2026-11: 0 → 1\n" in text
    document = json.loads((inbox.done / "leads.csv.receipt.json").read_text(encoding="utf-8"))
    assert (document["new"], document["rejected_rows"]) == (1, 1)


def test_rejected_rows_go_in_once_they_are_corrected(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "leads.csv", "lead_id,lead_date\nA1,2026-11-02\nA2,someday\n")
    look(keeper)
    rejected = (inbox.done / "leads.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert "A1" not in rejected
    put(inbox, "corrected.csv", rejected.replace("someday", "2026-11-20", 1))
    look(keeper, 10)
    assert names(inbox.needs_attention) == []
    assert store.leads() == 2


def test_the_same_file_twice_changes_nothing_and_says_so(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "leads.csv")
    look(keeper)
    put(inbox, "leads.csv")
    look(keeper, 10)
    assert len(store.imports()) == 1
    text = (inbox.done / "leads-2.csv.receipt.txt").read_text(encoding="utf-8-sig")
    assert "has the same content as import 1" in text
    assert "取り込み 1 と同じ内容です" in text


def test_columns_that_no_mapping_knows_wait_for_an_answer(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "strange.csv", STRANGE)
    look(keeper)
    (each,) = waiting(inbox)
    assert each.name == "strange.csv"
    assert each.since == datetime.fromisoformat("2026-11-22T12:00")
    assert "Its columns: Nr, Tag, Stufe" in each.question[Language.EN]
    assert "列：Nr, Tag, Stufe" in each.question[Language.JA]
    assert store.imports() == ()
    assert store.is_empty()


def test_stages_that_the_mapping_does_not_know_are_asked_not_dropped(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    text = (
        'name = "crm"\nsource = "crm"\ngrain = "event"\nid = "id"\nstage = "stage"\nat = "at"\n'
        '[stage_values]\n"New" = "lead"\n"Junk" = ""\n'
    )
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("id", "stage", "at"))
    store.records.save_mapping("crm", text, seal, who="test", now=now)
    rows = "id,stage,at\n1,new ,2026-11-02\n2,JUNK,2026-11-03\n"
    put(inbox, "known.csv", rows)
    put(inbox, "unknown.csv", rows + "3,Warmed up,2026-11-04\n4,,2026-11-04\n")
    look(keeper)
    assert [record.file_name for record in store.imports()] == ["known.csv"]
    (each,) = waiting(inbox)
    assert each.question[Language.EN].count("Warmed up") == 1
    assert "1. " in each.question[Language.JA]
    assert "2. " not in each.question[Language.JA]


def test_what_somebody_has_answered_for_elsewhere_is_not_asked_again(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    mapping = read_mapping(
        'name = "by-hand"\nsource = "x"\ngrain = "lead"\nid = "Nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "Tag"\n'
    )
    assert isinstance(mapping, Mapping)
    now = datetime.fromisoformat("2026-11-22T12:00")
    text = STRANGE.replace("02.11.2026", "2026-11-02")
    assert import_file(store, text.encode(), "x.csv", mapping, who="page", now=now).new == 1
    put(inbox, "strange.csv", text)
    look(keeper)
    assert waiting(inbox) == ()
    assert len(store.imports()) == 1
    note = (inbox.done / "strange.csv.receipt.txt").read_text(encoding="utf-8-sig")
    assert "has the same content as import 1" in note


def ticks(*_: object, stop_event: Event, **__: object) -> Iterator[set[object]]:
    """A watcher to which nothing is reported."""
    while not stop_event.wait(0.05):
        yield set()


@pytest.mark.parametrize("is_reported", [False, True])
def test_while_it_runs_it_finds_what_arrives(
    inbox: Inbox, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_reported: bool
) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.05)
    if not is_reported:  # a network folder, on which the system reports no change
        monkeypatch.setattr(module, "RESCAN_SECONDS", 0.1)
        monkeypatch.setattr(module, "changes_in", ticks)
    keeper = keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0), settled_seconds=0.1)
    keeper.start()
    try:
        for name in ("first.csv", "second.csv"):
            put(inbox, name, GOOD.replace("A1", name))
            receipt = inbox.done / f"{name}.receipt.json"
            give_up = time.monotonic() + 60
            while not receipt.exists():
                assert time.monotonic() < give_up, "It was not found."
                time.sleep(0.05)
    finally:
        keeper.stop()
    assert store.leads() == 3
    put(inbox, "late.csv")
    assert len(store.imports()) == 2


def test_a_folder_that_cannot_be_used_is_told_once_and_tried_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.05)
    share = tmp_path / "share"
    inbox = Inbox(share / "inbox")
    keeper = keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0))
    keeper.start()
    try:
        time.sleep(0.5)
        assert caplog.text.count("cannot be used") == 1
        share.mkdir()
        give_up = time.monotonic() + 60
        while not inbox.needs_attention.is_dir():
            assert time.monotonic() < give_up, "It was not tried again."
            time.sleep(0.05)
    finally:
        keeper.stop()


def test_a_saved_mapping_says_which_table_of_a_file_is_meant(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    def export(name: str, lead: str) -> None:
        with zipfile.ZipFile(inbox.path / name, "w") as archive:
            archive.writestr("days.csv", "Day,Users\n2026-11-02,5\n2026-11-03,6\n")
            archive.writestr("leads.csv", f"Nr,Tag\n{lead},2026-11-02\n")

    export("first.zip", "A")
    look(keeper)
    (each,) = waiting(inbox)
    opened = open_file(each.path, "first.zip")
    key = next(table.key for table in opened.tables if table.header == ("Nr", "Tag"))
    text = (
        'name = "second-table"\nsource = "x"\ngrain = "lead"\nid = "Nr"\n'
        f'[file]\ntable = "{key}"\n[[stages]]\nstage = "lead"\ndate = "Tag"\n'
    )
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("Nr", "Tag"))
    store.records.save_mapping("second-table", text, seal, who="test", now=now)
    export("second.zip", "B")
    look(keeper, 10)
    assert waiting(inbox) == ()
    assert [record.mapping_name for record in store.imports()] == ["second-table"] * 2
    assert store.leads() == 2


def test_a_table_of_several_that_somebody_has_answered_for_is_not_asked_again(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    with zipfile.ZipFile(inbox.path / "two.zip", "w") as archive:
        archive.writestr("days.csv", "Day,Users\n2026-11-02,5\n2026-11-03,6\n")
        archive.writestr("leads.csv", "Nr,Tag\nA,2026-11-02\n")
    content = (inbox.path / "two.zip").read_bytes()
    opened = open_file(content, "two.zip")
    key = next(table.key for table in opened.tables if table.header == ("Nr", "Tag"))
    mapping = read_mapping(
        'name = "by-hand"\nsource = "x"\ngrain = "lead"\nid = "Nr"\n'
        f'[file]\ntable = "{key}"\n[[stages]]\nstage = "lead"\ndate = "Tag"\n'
    )
    assert isinstance(mapping, Mapping)
    now = datetime.fromisoformat("2026-11-22T12:00")
    first = import_file(store, content, "two.zip", mapping, who="page", now=now)
    assert first.new == 1
    look(keeper)
    assert waiting(inbox) == ()
    note = (inbox.done / "two.zip.receipt.txt").read_text(encoding="utf-8-sig")
    assert "has the same content as import 1" in note
    store.undo(1, who="page", now=now)
    (inbox.path / "two.zip").write_bytes(content)
    look(keeper, 10)
    assert [each.name for each in waiting(inbox)] == ["two.zip"]


def test_what_waits_is_tried_again_once_a_mapping_is_saved(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    text = STRANGE.replace("02.11.2026", "2026-11-02")
    put(inbox, "one.csv", text)
    put(inbox, "two.csv", text.replace("1,", "2,", 1))
    put(inbox, "other.csv", "Nr,Other\n1,2026-11-02\n")
    look(keeper)
    assert len(waiting(inbox)) == 3
    mapping = (
        'name = "by-hand"\nsource = "x"\ngrain = "lead"\nid = "Nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "Tag"\n'
    )
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("Nr", "Tag", "Stufe"))
    store.records.save_mapping("by-hand", mapping, seal, who="test", now=now)
    look(keeper, 10)
    assert [each.name for each in waiting(inbox)] == ["other.csv"]
    assert sorted(record.file_name for record in store.imports()) == ["one.csv", "two.csv"]


def test_however_many_files_wait_each_note_is_read_once(
    keeper: Keeper, inbox: Inbox, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        put(inbox, f"{number}.csv", STRANGE)
    look(keeper)
    read: list[Path] = []

    def noted(file: Path) -> NeedsAttention | None:
        read.append(file)
        return one_waiting(file)

    one_waiting = held_files._read
    monkeypatch.setattr(held_files, "_read", noted)
    store.records.save_mapping(
        "x", GOOD, "seal", who="test", now=datetime.fromisoformat("2026-11-22")
    )
    keeper.look(10)
    assert len(read) == 9
    assert len(waiting(inbox)) == 9


def test_what_is_no_table_waits_with_the_reason(keeper: Keeper, inbox: Inbox) -> None:
    (inbox.path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    look(keeper)
    (each,) = waiting(inbox)
    assert "“picture.csv” was not imported." in each.question[Language.EN]
    assert "PNG" in each.question[Language.EN]
    assert "PNG" in each.question[Language.JA]


def test_a_file_of_which_no_row_can_be_read_waits_too(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, "bad.csv", "lead_id,lead_date\nA1,someday\n")
    look(keeper)
    (each,) = waiting(inbox)
    assert "someday" in each.question[Language.EN]
    assert store.imports() == ()


def test_a_files_own_text_cannot_pass_for_ours(keeper: Keeper, inbox: Inbox) -> None:
    put(inbox, "evil\n\x1b[2J.csv", 'Nr,"Tag\nIt was taken in."\n1,02.11.2026\n')
    look(keeper)
    (each,) = waiting(inbox)
    text = each.question[Language.EN]
    assert "\x1b" not in text
    assert "Nr, Tag It was taken in." in text
    assert "“evil  [2J.csv” was not imported." in text


def test_the_oldest_file_goes_in_first(keeper: Keeper, inbox: Inbox, store: Store) -> None:
    put(inbox, "a.csv", GOOD.replace("11-02", "11-03"), mtime=NOW.timestamp() - 10)
    put(inbox, "b.csv", GOOD, mtime=NOW.timestamp() - 20)
    look(keeper)
    assert [record.file_name for record in store.imports()] == ["a.csv", "b.csv"]  # newest first


def test_a_file_that_is_written_to_while_it_is_read_is_taken_in_anew(
    keeper: Keeper, inbox: Inbox, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(inbox, "leads.csv")

    def slow(*args: Any, **kwargs: Any) -> Receipt:
        receipt = import_file(*args, **kwargs)
        put(inbox, "leads.csv", GOOD + "A3,2026-11-17\n")
        return receipt

    monkeypatch.setattr(process_file, "import_file", slow)
    look(keeper)
    assert path.exists()
    assert store.is_empty()
    monkeypatch.undo()
    look(keeper, 10)
    assert store.leads() == 3
    assert [record.is_current for record in store.imports()] == [True, False]


def test_after_a_crash_between_commit_and_move_the_file_is_only_moved(
    keeper: Keeper, inbox: Inbox, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox, "leads.csv")
    monkeypatch.setattr(process_file, "move_into", _disk_full)
    look(keeper)
    assert names(inbox.path) == ["leads.csv"]
    monkeypatch.undo()
    look(keeper, 31)
    assert names(inbox.path) == []
    assert len(store.imports()) == 1
    assert "leads.csv" in names(inbox.done)


def _disk_full(*_: object) -> Path:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_the_store_refuses_for_now_is_tried_again(
    keeper: Keeper, inbox: Inbox, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise StoreError("disk_full", path="kpi.duckdb")

    put(inbox, "leads.csv")
    monkeypatch.setattr(process_file, "import_file", refused)
    look(keeper)
    monkeypatch.undo()
    keeper.look(34)
    assert store.imports() == ()
    keeper.look(35)
    assert len(store.imports()) == 1


def test_a_file_that_the_program_fails_with_is_set_aside(
    keeper: Keeper, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    put(inbox, "leads.csv")
    monkeypatch.setattr(process_file, "inspect", broken)
    look(keeper)
    (each,) = waiting(inbox)
    assert "ZeroDivisionError" in each.question[Language.EN]
    assert "ZeroDivisionError" in caplog.text


def test_raw_files_are_kept_where_the_settings_say_so(
    inbox: Inbox, store: Store, tmp_path: Path
) -> None:
    put(inbox, "leads.csv")
    look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 30)))
    (kept,) = (tmp_path / "raw").iterdir()
    assert kept.read_text(encoding="utf-8") == GOOD


def test_it_can_be_stopped_in_the_midst_and_goes_on_at_the_next_start(
    inbox: Inbox, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0))

    def stopped(*args: Any, **kwargs: Any) -> Receipt:
        keeper.stop()
        return import_file(*args, **kwargs)

    put(inbox, "leads.csv")
    monkeypatch.setattr(process_file, "import_file", stopped)
    look(keeper)
    assert store.imports() == ()
    assert names(inbox.path) == ["leads.csv"]
    monkeypatch.undo()
    look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0)))
    assert len(store.imports()) == 1


def test_a_name_that_is_no_utf8_is_imported_or_asked_about_like_any_other(
    keeper: Keeper, inbox: Inbox, store: Store
) -> None:
    put(inbox, os.fsdecode(b"good-\xff.csv"))
    put(inbox, os.fsdecode(b"strange-\xfe\x81.csv"), STRANGE)
    look(keeper)
    assert [each.file_name for each in store.imports()] == ["good-\ufffd.csv"]
    assert [each.told_name for each in waiting(inbox)] == ["strange-\ufffd\ufffd.csv"]
    assert os.fsdecode(b"good-\xff.csv.receipt.json") in names(inbox.done)
    json.dumps([each.question for each in waiting(inbox)]).encode()


def test_a_mail_address_in_a_files_name_is_kept_nowhere(
    inbox: Inbox, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    keeper = keeper_of(inbox, store, RawFiles(tmp_path / "raw", 3))
    put(inbox, "of ann@x.co.csv")
    put(inbox, "strange of ann@x.co.csv", STRANGE)
    look(keeper)
    assert [each.file_name for each in store.imports()] == ["of …@….csv"]
    assert "ann@x" not in caplog.text
    notes = [*inbox.done.glob("*.receipt.*"), *inbox.needs_attention.glob("*.question.*")]
    assert len(notes) == 4
    assert not any("ann@x" in note.read_text(encoding="utf-8-sig") for note in notes)
    assert not [path for path in tmp_path.rglob("raw/*") if "ann" in path.name]


def test_a_workbook_that_ends_its_reader_is_set_aside_and_not_read_again(
    inbox: Inbox, store: Store, keeper: Keeper
) -> None:
    for name in ("first.xlsx", "second.xlsx"):
        (inbox.path / name).write_bytes(workbook(FAR_CELLS["plain"]))
        put(inbox, f"{name}.csv", GOOD.replace("A", name[0]))
        look(keeper)
    ended, again = (
        inbox.needs_attention / f"{name}.question.txt" for name in ("first.xlsx", "second.xlsx")
    )
    assert Words(Language.EN)("issues.reader_ended") in ended.read_text(encoding="utf-8-sig")
    for language in Language:
        assert Words(language)("issues.quarantined") in again.read_text(encoding="utf-8-sig")
    assert len(store.imports()) == 2
