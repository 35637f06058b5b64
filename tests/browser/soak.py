"""A wall in a browser for half an hour, with data that change every second: `make soak`.

    python -m tests.browser.soak --minutes 30

Prints the browser's heap (after a collection) and the server's memory every minute, and at the end
how the last third compares with the first. Ends with 1 where either grew beyond noise.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from benchmarks.first_number import FLAGS, wait_until_warm
from benchmarks.live_boards import APP
from benchmarks.wall import commit, memory_mb
from tests.server import Server, start_server

NOISE = {"heap": 1.0, "server": 40.0}
"""MB by which the last third may lie above the first. A store that has taken 1,200 imports more
is larger in memory, too."""


def heap_mb(devtools: CDPSession) -> float:
    """What the page holds once everything that is garbage has been collected."""
    devtools.send("HeapProfiler.collectGarbage")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    used = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")
    return float(used) / 1e6


def watch(server: Server, minutes: float, chromium: str) -> list[tuple[float, float]]:
    """Heap and server memory, sampled every minute while a lead is committed every second."""
    samples = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{server.url}/wall")
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        ends, due, commits = time.monotonic() + minutes * 60, time.monotonic() + 60, 0
        while time.monotonic() < ends:
            begun = time.monotonic()
            commit(server.port)
            commits += 1
            page.wait_for_timeout(max(0.0, 1 - (time.monotonic() - begun)) * 1000)
            if time.monotonic() >= due:
                due += 60
                samples.append((heap_mb(devtools), memory_mb(server.process.pid)))
                number = page.inner_text(".value")
                print(
                    f"{len(samples):3} min: heap {samples[-1][0]:.2f} MB, server"
                    f" {samples[-1][1]:.0f} MB, {commits} commits, the wall shows {number}",
                    flush=True,
                )
        browser.close()
    return samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server(Path(folder), app=APP, KPI_DEMO="1") as server,
    ):
        wait_until_warm(server.url)
        samples = watch(server, options.minutes, options.chromium)
    third = max(len(samples) // 3, 1)
    grew = False
    for place, what in enumerate(NOISE):
        first = statistics.median(sample[place] for sample in samples[:third])
        last = statistics.median(sample[place] for sample in samples[-third:])
        grew |= last - first > NOISE[what]
        print(f"{what}: {first:.2f} MB at first, {last:.2f} MB at last, {last - first:+.2f} MB")
    return int(grew)


if __name__ == "__main__":
    sys.exit(main())
