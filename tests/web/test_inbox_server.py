"""The inbox of a board that runs: files go in by themselves, and none is lost or counted twice."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpi_core.domain.stage import Stage
from kpi_core.ingest.inbox.attention import waiting
from kpi_core.ingest.inbox.folder import Inbox
from kpi_core.storage.store import Store, open_store
from tests.server import Server, StartServer

PATIENCE_SECONDS = 60
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
def start(server: StartServer, inbox: Inbox, tmp_path: Path) -> Callable[[], Server]:
    """Start a board with this inbox, on the same store each time."""
    return lambda: server(KPI_INBOX=str(inbox.path), KPI_DATABASE=str(tmp_path / "kpi.duckdb"))


def until(condition: Callable[[], bool]) -> None:
    """Wait for what has to come."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, "It did not come."
        time.sleep(0.1)


def stored(server: Server, ask: Callable[[Store], Any]) -> Any:
    """What the store says, once the board has let go of it."""
    server.stop()
    store = open_store(server.database, read_only=True)
    try:
        return ask(store)
    finally:
        store.close()


def standing(store: Store) -> list[tuple[str, str, int]]:
    return [(each.file_name, each.imported_by, each.new) for each in store.imports() if each.stands]


def olist_leads(shared: Path) -> Path:
    return shared / "exports/olist_funnel/olist_marketing_qualified_leads_dataset.csv"


def test_a_file_that_is_dropped_goes_in_and_leaves_its_receipt(
    start: Callable[[], Server], inbox: Inbox, shared: Path
) -> None:
    server = start()
    until(inbox.needs_attention.is_dir)
    dropped = inbox.path / "leads.csv"
    shutil.copyfile(olist_leads(shared), dropped)
    exported = 1_789_000_000  # 2026-09-10 00:26:40 UTC, 09:26:40 in Tokyo
    os.utime(dropped, (exported, exported))
    until((inbox.done / "leads.csv.receipt.json").exists)
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
    assert "“leads.csv” was taken in on " in text
    assert stored(server, standing) == [("leads.csv", "inbox", receipt["new"])]


def test_a_file_with_an_unknown_stage_waits_for_an_answer(
    start: Callable[[], Server], inbox: Inbox, tmp_path: Path
) -> None:
    with_mapping(tmp_path / "kpi.duckdb")
    server = start()
    until(inbox.needs_attention.is_dir)
    (inbox.path / "crm.csv").write_text(UNKNOWN_STAGE, encoding="utf-8")
    until(lambda: len(waiting(inbox)) == 1)
    (each,) = waiting(inbox)
    assert each.name == "crm.csv"
    text = (inbox.needs_attention / "crm.csv.question.txt").read_text(encoding="utf-8-sig")
    assert text.count("Warmed up") == 2  # in Japanese and in English
    assert "“crm.csv” was not taken in." in text
    assert "「crm.csv」は取り込みませんでした。" in text
    assert stored(server, lambda store: (store.imports(), store.is_empty())) == ((), True)


def with_mapping(database: Path) -> None:
    """Save the mapping of a CRM whose stages it does not all know."""
    from datetime import datetime

    from kpi_core.ingest.meaning.fingerprint import fingerprint

    store = open_store(database)
    now = datetime.fromisoformat("2026-11-22T12:00")
    seal = fingerprint(("id", "stage", "at"))
    store.save_mapping("our-crm", STAGES_AT, seal, who="test", now=now)
    store.close()


def test_a_board_that_is_killed_loses_nothing_and_counts_nothing_twice(
    start: Callable[[], Server], inbox: Inbox, shared: Path
) -> None:
    inbox.path.mkdir()
    for number in range(4):
        shutil.copyfile(olist_leads(shared), inbox.path / f"leads {number}.csv")
        with (inbox.path / f"leads {number}.csv").open("a", encoding="utf-8") as file:
            file.write(f"of file {number},2018-05-31,,\n")
    for seconds in (2.2, 2.8, 3.5):  # two seconds pass before the first file is taken up
        server = start()
        until(inbox.done.is_dir)
        time.sleep(seconds)
        server.kill()
    server = start()
    until(lambda: len(list(inbox.done.glob("*.receipt.json"))) == 4)
    assert list(inbox.path.glob("*.csv")) == []
    assert waiting(inbox) == ()
    ledger, leads, undated = stored(
        server,
        lambda store: (standing(store), store.leads(), store.undated(Stage.MARKETING_QUALIFIED)),
    )
    assert sorted(name for name, _, _ in ledger) == [f"leads {n}.csv" for n in range(4)]
    assert (leads, undated) == (8004, 0)
