"""Many files that lie in the inbox at once: what is done for all of them changes none of them."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kpi_core.facts import applying, maintainer
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.inbox import watcher
from kpi_core.ingest.inbox.held_files import waiting
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.process_file import Taking
from kpi_core.ingest.raw_archive import RawFiles
from tests.ingest.inbox.test_process_file import NOW, keeper_of, look, names

HEADER = "lead_id,lead_date,won_date"
SWEEP = {
    "a.csv": "A1,2026-11-20,\nA2,2026-11-20,2026-11-21\n",
    "b.csv": "B1,2026-11-21,\n",
    "c.csv": "C1,2026-11-21,\n",
    "again.csv": "B1,2026-11-21,\n",
    "known.csv": "A1,2026-11-19,2026-11-21\n",
    "earlier.csv": "D1,2026-11-21,2026-11-18\n",
    "blank.csv": "A2,,2026-11-21\n",
    "odd.csv": "E1,someday,\nE2,2026-11-21,\n",
    "f.csv": "F1,2026-11-22,\n",
    "all.csv": "A1,2026-11-19,\nB1,2026-11-21,\nC1,2026-11-21,\nD1,2026-11-21,\nE2,2026-11-21,\n",
}
"""In their order: new leads, the same bytes, a known lead, a flag, a blank, a bad row, a list."""


def swept(folder: Path, *, together: bool) -> tuple[object, ...]:
    """All that the files become: in one sweep, or in one each."""
    folder.mkdir()
    inbox = Inbox(folder / "inbox")
    inbox.make()
    with closing(open_store(folder / "data")) as store:
        keeper = keeper_of(inbox, store, RawFiles(folder / "raw", 1))
        for place, name in enumerate(SWEEP):
            put(inbox, name, place)
            if not together:
                look(keeper, 60.0 * place)
        look(keeper, 6000.0)
        assert waiting(inbox) == ()
        records = store.imports()
        return (
            records,
            [store.receipt(each.import_id) for each in records],
            {name: (inbox.done / name).read_bytes() for name in names(inbox.done)},
            names(folder / "raw"),
            names(store.data / "archive"),
            store.leads(),
        )


def put(inbox: Inbox, name: str, place: int) -> None:
    path = inbox.path / name
    path.write_text(f"{HEADER}\n{SWEEP[name]}", encoding="utf-8")
    mtime = NOW.timestamp() - 3600 + place
    os.utime(path, (mtime, mtime))


def test_a_sweep_says_of_each_file_what_it_says_of_it_alone(tmp_path: Path) -> None:
    alone, together = (
        swept(tmp_path / "alone", together=False),
        swept(tmp_path / "together", together=True),
    )
    assert together == alone


def test_files_of_a_sweep_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, runs = applying.apply, []

    def noted(*arguments: Any) -> Any:
        runs.append(len(arguments[1]))
        return apply(*arguments)

    monkeypatch.setattr(maintainer, "apply", noted)
    inbox = Inbox(tmp_path / "inbox")
    inbox.make()
    with closing(open_store(tmp_path / "data")) as store:
        for number in range(6):
            write(inbox, number)
        look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0)))
        assert [each.new for each in store.imports()] == [1] * 6
    assert runs == [6, 3, 1, 2, 3]  # the first of its source is applied alone


def test_a_file_is_asked_about_against_those_before_it_in_its_sweep(
    tmp_path: Path, store: Store
) -> None:
    inbox = Inbox(tmp_path / "inbox")
    inbox.make()
    files = (("newer.csv", "A1,2026-11-21,2026-11-22"), ("older.csv", "A1,2026-11-02,"))
    for place, (name, row) in enumerate(files):
        path = inbox.path / name
        path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
        os.utime(path, (NOW.timestamp() - 60 + place,) * 2)
    look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0)))
    assert [each.name for each in waiting(inbox)] == ["older.csv"]
    assert [each.file_name for each in store.imports()] == ["newer.csv"]


class Crash(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("method", "nth"), [("take", 4), ("count", 1), ("finish", 1), ("finish", 3), ("count", 2)]
)
def test_a_sweep_that_is_cut_off_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, nth: int
) -> None:
    monkeypatch.setattr(watcher, "TOGETHER", 4)
    inbox = Inbox(tmp_path / "inbox")
    inbox.make()
    for number in range(7):
        write(inbox, number)
    function, calls = getattr(Taking, method), 0

    def crashing(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise Crash
        return function(*arguments, **named)

    with monkeypatch.context() as patched, closing(open_store(tmp_path / "data")) as store:
        patched.setattr(Taking, method, crashing)
        with pytest.raises(Crash):
            look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0)))
    with closing(open_store(tmp_path / "data")) as store:
        look(keeper_of(inbox, store, RawFiles(tmp_path / "raw", 0)))
        records = store.imports()
        assert sorted(each.file_name for each in records) == [f"{n}.csv" for n in range(7)]
        assert [(each.new, each.is_current, each.is_applied) for each in records] == [
            (1, True, True)
        ] * 7
        assert store.leads() == 7
    assert names(inbox.path) == []
    receipts = [json.loads(each.read_text()) for each in inbox.done.glob("*.receipt.json")]
    assert len(receipts) == 7


def write(inbox: Inbox, number: int) -> None:
    """A file of one lead, which no other has."""
    path = inbox.path / f"{number}.csv"
    path.write_text(f"{HEADER}\nL{number},2026-11-22,\n", encoding="utf-8")
    os.utime(path, (NOW.timestamp() - 600 + number,) * 2)
