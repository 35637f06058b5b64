"""What many small files in the inbox cost: 1,000 of one row each, found there at once.

    python -m benchmarks.inbox [--small] [--folder /tmp]

First the floor: each file is read with `csv` and appended to a table of SQLite, in a transaction
of its own that the disk has to confirm. Then the inbox takes files of the same kind into a fresh
store: with the times of the systems that wrote them, and as a copy of a month that is all of now,
of which each file has to be compared with those before it.
"""

from __future__ import annotations

import argparse
import csv
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks._alone import Goal, alone, cpu_seconds, say
from kpi_core.facts.store import open_store
from kpi_core.ingest.inbox.inbox_folder import Inbox
from kpi_core.ingest.inbox.process_file import Taking
from kpi_core.ingest.inbox.watcher import Keeper
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.reports.as_json import as_json
from kpi_core.tabular.file_cache import opened_files

FILES, FEW_FILES = 1_000, 100
MOST_SECONDS_A_FILE = 0.06
"""A thousand files in a minute."""
DAYS = 28
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


def write_files(folder: Path, files: int, *, times: bool) -> None:
    """Files of one lead each, day after day; where not `times`, all were written now."""
    folder.mkdir(parents=True)
    for number in range(files):
        written = NOW - timedelta(days=DAYS) + timedelta(days=DAYS) * number / files
        path = folder / f"leads-{number:05}.csv"
        path.write_text(f"lead_id,lead_date\nL{number},{written:%Y-%m-%d}\n", encoding="utf-8")
        mtime = (written if times else NOW).timestamp()
        os.utime(path, (mtime, mtime))


def floor(folder: str, files: str) -> dict[str, Any]:
    """Each file read and appended to a table, the disk asked each time."""
    inbox = Path(folder) / "floor"
    write_files(inbox, int(files), times=True)
    with closing(sqlite3.connect(Path(folder) / "floor.db")) as table:
        table.execute("pragma synchronous = full")
        table.execute("create table leads (lead text primary key, at text)")

        def append() -> None:
            for path in sorted(inbox.iterdir()):
                with path.open(encoding="utf-8", newline="") as file, table:
                    table.executemany("insert into leads values (?, ?)", [*csv.reader(file)][1:])

        return _took(append)


def sweep(folder: str, files: str, name: str) -> dict[str, Any]:
    """The inbox looked into once, when all the files are there."""
    home = Path(folder) / name
    write_files(home / "inbox", int(files), times=name == "written")
    inbox = Inbox(home / "inbox")
    opened_files(home / "data")
    with closing(open_store(home / "data")) as store:
        keeper = Keeper(
            Taking(store, inbox, RawFiles(home / "raw", 0), as_json),
            now=lambda: NOW,
            local=lambda moment: moment.replace(tzinfo=None),
            home=lambda _: "UTC",
        )
        keeper.look(0.0)
        took = _took(lambda: keeper.look(60.0))
        assert store.leads() == int(files), store.leads()
        assert sum(each.new for each in store.imports()) == int(files)
    opened_files().close()
    return took


def _took(work: Callable[[], None]) -> dict[str, Any]:
    """Seconds by the clock, and of the processor with that of readers."""
    used, began = cpu_seconds(os.getpid()), time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - began, "cpu": cpu_seconds(os.getpid()) - used}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer files")
    parser.add_argument("--folder", type=Path, default=None, help="where the files are put")
    given = parser.parse_args()
    files = FEW_FILES if given.small else FILES
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        _say(f"floor: {files:,} files of a row, csv and SQLite", alone(floor, folder, files), files)
        goal = Goal(0.0, MOST_SECONDS_A_FILE * files, "s")
        for name, what in (("written", "with their times"), ("copied", "copied now")):
            took = alone(sweep, folder, files, name)
            _say(f"inbox: {files:,} files of a row, {what}", took, files, goal)


def _say(what: str, took: Any, files: int, goal: Goal | None = None) -> None:
    figure = f"{1000 * took['seconds'] / files:.1f} ms"
    goals = [] if goal is None else [Goal(took["seconds"], goal.most, goal.unit)]
    cpu = f"{1000 * took['cpu'] / files:.1f} ms CPU a file"
    say(f"{what}, {cpu}", figure, *goals)


if __name__ == "__main__":
    main()
