"""The inbox of a board that runs: files go in by themselves, and none is lost or counted twice."""

import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.inbox.held_files import waiting
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.mapping.document import fingerprint
from tests.server import start_server
from tests.web.kept import keep

PATIENCE_SECONDS = 60
FILES = 4
WHEN_KILLED = (0.2, 0.5, 0.8)
"""How far into an import, of the time that one takes."""
UNKNOWN_STAGE = (
    "id,stage,at\n1,lead,2026-11-02\n2,marketing_qualified,2026-11-03\n3,Warmed up,2026-11-04\n"
)
STAGES_AT = """
name = "our-crm"
source = "our-crm"
grain = "event"
id = "id"
stage = "stage"
at = "at"
[stage_values]
lead = "lead"
marketing_qualified = "marketing_qualified"
"""


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def until(condition: Callable[[], bool]) -> None:
    """Wait for what has to come."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "It did not come."
        time.sleep(0.05)


def standing(store: Store) -> list[tuple[str, str, int]]:
    return [
        (each.file_name, each.imported_by, each.new) for each in store.imports() if each.is_current
    ]


def olist_leads(shared: Path) -> Path:
    return shared / "exports/olist_funnel/olist_marketing_qualified_leads_dataset.csv"


def with_mapping(data_folder: Path) -> None:
    """Save the mapping of a CRM whose stages it does not all know."""
    store = open_store(data_folder)
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("id", "stage", "at"))
    store.records.save_mapping("our-crm", STAGES_AT, seal, who="test", now=now)
    store.close()


def test_what_is_dropped_goes_in_and_what_is_not_understood_waits_for_an_answer(
    tmp_path: Path, inbox: Inbox, data_folder: Path, shared: Path
) -> None:
    with_mapping(data_folder)
    with start_server(tmp_path, KPI_INBOX=str(inbox.path)) as board:
        assert board.data == data_folder
        until(inbox.needs_attention.is_dir)
        (inbox.path / "crm.csv").write_text(UNKNOWN_STAGE, encoding="utf-8")
        dropped = inbox.path / "leads.csv"
        shutil.copyfile(olist_leads(shared), dropped)
        exported = 1_789_000_000  # 2026-09-10 00:26:40 UTC, 09:26:40 in Tokyo
        os.utime(dropped, (exported, exported))
        until((inbox.done / "leads.csv.receipt.json").exists)
        until(lambda: len(waiting(inbox)) == 1)
    # The one is in, its receipt beside it.
    assert sorted(path.name for path in inbox.done.iterdir()) == [
        "leads.csv", "leads.csv.receipt.json", "leads.csv.receipt.txt",
    ]  # fmt: skip
    assert not dropped.exists()
    assert (inbox.done / "leads.csv").read_bytes() == olist_leads(shared).read_bytes()
    receipt = json.loads((inbox.done / "leads.csv.receipt.json").read_text(encoding="utf-8"))
    assert (receipt["import_id"], receipt["rows"], receipt["new_leads"]) == (1, 8000, 8000)
    # Of 2018, whenever the file was written: what is older than a week tells of itself alone.
    assert receipt["data_through"] == "2018-06-01T00:00:00"
    text = (inbox.done / "leads.csv.receipt.txt").read_text(encoding="utf-8-sig")
    assert "に取り込みました（取り込み 1、" in text
    assert "“leads.csv” was imported on " in text
    # The other one waits, with what is asked in both languages.
    (each,) = waiting(inbox)
    assert each.name == "crm.csv"
    text = (inbox.needs_attention / "crm.csv.question.txt").read_text(encoding="utf-8-sig")
    assert text.count("Warmed up") == 2
    assert "“crm.csv” was not imported." in text
    assert "「crm.csv」は取り込みませんでした。" in text
    store = open_store(data_folder)
    assert standing(store) == [("leads.csv", "inbox", receipt["new"])]
    store.close()


@contextmanager
def kept(inbox: Inbox, data_folder: Path) -> Iterator[Connection]:
    """What a process that looks after the inbox says; at the end of the block it is killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.web.kept"])
    ours, theirs = context.Pipe()
    process = context.Process(target=keep, args=(inbox.path, data_folder, theirs))
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()
        theirs.close()


def told(says: Connection) -> str:
    """The next thing that it says."""
    assert says.poll(PATIENCE_SECONDS), "It says nothing."
    word: str = says.recv()
    return word


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no forkserver")
def test_an_inbox_that_is_killed_loses_nothing_and_counts_nothing_twice(
    inbox: Inbox, data_folder: Path, shared: Path
) -> None:
    """Killed in the midst of one import after the other, and begun again each time."""
    inbox.path.mkdir()
    for number in range(FILES):
        path = inbox.path / f"leads {number}.csv"
        shutil.copyfile(olist_leads(shared), path)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"of file {number},2018-05-31,,\n")
    seconds, in_the_midst = 0.0, 0
    with kept(inbox, data_folder) as says:
        assert told(says) == "begins"
        began = time.monotonic()
        assert told(says) == "done"  # how long one takes when nobody kills it
        seconds = time.monotonic() - began
    for share in WHEN_KILLED:
        with kept(inbox, data_folder) as says:
            assert told(says) == "begins"
            time.sleep(seconds * share)
            in_the_midst += not says.poll()
    assert in_the_midst > 0
    with kept(inbox, data_folder):
        until(lambda: not list(inbox.path.glob("*.csv")))
    names = [f"leads {number}.csv" for number in range(FILES)]
    assert waiting(inbox) == ()
    # One that was killed while it was put away may lie there twice; it is counted once.
    assert {path.name for path in inbox.done.glob("*.csv")} >= set(names)
    store = open_store(data_folder)
    assert sorted(name for name, _, _ in standing(store)) == names
    assert (store.leads(), store.undated(Stage.MARKETING_QUALIFIED)) == (8000 + FILES, 0)
    store.close()
