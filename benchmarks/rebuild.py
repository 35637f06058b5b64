"""How long the cache takes to be made anew from 10 million events and 5 million said again.

    python -m benchmarks.rebuild [--small] [--folder /tmp]

At most 20 s and 1.5 GiB; the store tells meanwhile how far it is.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks._alone import Goal, alone, say
from benchmarks._facts import MANY, SMALL_MANY, filled
from kpi_core.facts.store import open_store

MOST_SECONDS, MOST_GIB = 20, 1.5
LAST_DAY = date(2026, 6, 30)


def rebuild(folder: str) -> dict[str, Any]:
    """Seconds until a store without a cache shows its data, and how often it reported progress."""
    began = time.perf_counter()
    store = open_store(Path(folder), wait=False)
    work = Thread(target=store.catch_up)
    work.start()
    reported: list[int] = []
    while work.is_alive():
        progress = store.rebuilding
        if progress is not None and progress.percent not in reported:
            reported.append(progress.percent)
            sys.stderr.write(f"  rebuilding: {progress.percent} %\n")
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    leads = store.leads()
    store.close()
    return {"seconds": seconds, "reports": len(reported), "leads": leads}


def main() -> None:
    """Print the line of a rebuild."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="200 thousand for 10 million")
    arguments.add_argument("--folder", type=Path, default=None)
    chosen = arguments.parse_args()
    events = SMALL_MANY if chosen.small else MANY
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name) / "data"
        filled(folder, events, LAST_DAY, again=events // 2)
        for path in folder.glob("cache.duckdb*"):
            path.unlink()
        took = alone(rebuild, folder)
        assert took["leads"] > 0, took
        say(
            f"rebuild from {events:,} events and {events // 2:,} again",
            "",
            Goal(took["seconds"], MOST_SECONDS, "s"),
            Goal(took.gib, MOST_GIB, "GiB"),
        )
        say("  progress reports", str(took["reports"]))


if __name__ == "__main__":
    main()
