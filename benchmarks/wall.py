"""How soon the wall shows its number, and how soon two hundred walls show a changed one.

    python -m benchmarks.wall [--walls 200] [--commits 20] [--runs 9] [--small]

Goals: the first number within a tenth of the time that one `st.metric` under stock Streamlit needs
in the same run, and at most 60 kB; a changed number on the walls 0.2 s after the commit (median),
0.5 s (95th percentile), with under 300 MB more memory than one wall needs. Each wall has a display
link of its own. For comparison a board page of Streamlit's is open as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.first_number import FLAGS, View, look, start_minimal, wait_until_warm
from benchmarks.live_boards import APP, open_board
from kpi_core.demo.load import PLAN
from kpi_core.facts.store import open_store
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from tests.server import start_server

SHARE_CEILING = 0.1
BYTES_CEILING = 60_000
MEDIAN_CEILING, LATE_CEILING = 0.2, 0.5
MEMORY_CEILING_MB = 300


@dataclass
class Wall:
    """One open wall: the moment at which it was last told another face."""

    line: ClientConnection
    shown: str = ""
    told_at: float = 0.0
    told: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Take messages in until the line closes. They are not taken apart: the others wait."""
        async for text in self.line:
            now = time.time()
            faces, comma, _ = str(text).partition(', "least"')
            if comma and faces != self.shown:
                self.shown, self.told_at = faces, now
                self.told.set()


def make_keys(data: Path, count: int) -> list[str]:
    """Display links, and a plan whose wall never sleeps, in a store that no server has open yet."""
    store, now = open_store(data), datetime.now(UTC).replace(tzinfo=None)
    text = f"{starters()[PLAN]}\n[wall]\nsleeps = false\n"
    plan = load_plan(store, text, who="bench", why="", effective_from=None, now=now)
    assert isinstance(plan, Plan), plan
    keys = [store.records.add_display(f"wall {n}", who="bench", now=now)[1] for n in range(count)]
    store.close()
    return keys


async def open_wall(port: int, key: str) -> Wall:
    wall = Wall(await connect(f"ws://127.0.0.1:{port}/wall/_live?key={key}", max_size=None))
    wall.listening = asyncio.create_task(wall.listen())
    await asyncio.wait_for(wall.told.wait(), 30)
    return wall


def memory_mb(pid: int) -> float:
    """What the process has in memory now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def commit(port: int) -> float:
    """Commit a lead; when it was committed."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/bench/commit", method="POST")
    return float(json.load(urllib.request.urlopen(request))["at"])


async def push(port: int, pid: int, keys: list[str], commits: int) -> None:
    walls = [await open_wall(port, keys[0])]
    board = await open_board(port)
    await asyncio.sleep(2)
    alone = memory_mb(pid)
    walls += [await open_wall(port, key) for key in keys[1:]]
    await asyncio.sleep(2)
    waits, boards = [], []
    for _ in range(commits):
        for wall in walls:
            wall.told.clear()
        board.changed.clear()
        at = await asyncio.to_thread(commit, port)
        await asyncio.wait_for(asyncio.gather(*(wall.told.wait() for wall in walls)), 30)
        waits += [wall.told_at - at for wall in walls]
        await asyncio.wait_for(board.changed.wait(), 30)
        boards.append(time.time() - at - (time.perf_counter() - board.finished_at))
        await asyncio.sleep(0.5)
    waits.sort()
    middle, late = statistics.median(waits), waits[int(len(waits) * 0.95)]
    more = memory_mb(pid) - alone
    print(
        f"{len(walls)} walls, {commits} commits: changed after {middle:.3f} s (median),"
        f" {late:.3f} s (95th), {waits[-1]:.3f} s at worst; {middle / MEDIAN_CEILING:.2f} and"
        f" {late / LATE_CEILING:.2f} of the goals"
    )
    print(f"a Streamlit board beside them: {statistics.median(boards):.3f} s")
    print(f"memory: {more:.0f} MB more than with one wall ({more / MEMORY_CEILING_MB:.2f})")
    for wall in walls:
        await wall.line.close()
    await board.connection.close()


def first_paint(chromium: str, minimal: str, ours: str, runs: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        pages = {
            "one st.metric, stock": (f"{minimal}/", "[data-testid=stMetricValue]"),
            "the wall": (f"{ours}/wall", ".value"),
        }
        for url, selector in pages.values():  # the first view of each warms browser and server
            look(browser, url, selector)
        views: dict[str, list[View]] = {title: [] for title in pages}
        for _ in range(runs):
            for title, (url, selector) in pages.items():
                views[title].append(look(browser, url, selector))
        browser.close()
    medians = {}
    for title, seen in views.items():
        medians[title] = statistics.median(view.seconds for view in seen)
        size = statistics.median(view.transferred for view in seen)
        print(
            f"{title:22} {medians[title]:.3f} s, {size / 1000:.1f} kB, {seen[-1].requests} requests"
        )
    stock, wall = medians.values()
    size = statistics.median(view.transferred for view in views["the wall"])
    print(
        f"first number {wall / stock:.3f}x (at most {SHARE_CEILING}),"
        f" {size / BYTES_CEILING:.2f} of the bytes allowed"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walls", type=int, default=200)
    parser.add_argument("--commits", type=int, default=20)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--small", action="store_true", help="five walls, for a quick look")
    options = parser.parse_args()
    if options.small:
        options.walls, options.commits, options.runs = 5, 3, 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = make_keys(folder / "data", options.walls)
        with (
            start_minimal(folder) as minimal,
            start_server(folder, app=APP, KPI_DEMO="1") as ours,
        ):
            wait_until_warm(ours.url)
            first_paint(options.chromium, minimal.url, ours.url, options.runs)
            asyncio.run(push(ours.port, ours.process.pid, keys, options.commits))


if __name__ == "__main__":
    main()
