"""How long a browser waits for the number, against the smallest page Streamlit can serve.

The other page is one `st.metric` under stock Streamlit. Runs alternate, each in a fresh
browser profile, so that what slows one slows the other. The page's own clock is read, from the
start of the navigation to the frame in which the number is painted; until then nothing else is
asked of the page, which would have to answer in between.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.server import APP, STOCK_READY, Server, start_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIME_CEILING = 1.15
QUIET_MS = 4000
"""After this all is loaded and painted, and looking does no harm."""
WATCH = """
(() => {
  const frame = () => {
    const found = document.querySelector(SELECTOR);
    if (!found || !/[0-9]/.test(found.textContent)) { requestAnimationFrame(frame); return; }
    const after = new MessageChannel();   // told once this frame is painted
    after.port1.onmessage = () => { window.paintedAt = performance.now(); };
    after.port2.postMessage(null);
  };
  requestAnimationFrame(frame);
})();
"""
MINIMAL = 'import streamlit as st\nst.metric("MQL", "42")\n'


@dataclass(frozen=True)
class View:
    """One first view: seconds to the number, bytes and requests until all was quiet."""

    seconds: float
    transferred: int
    requests: int


def look(browser: Browser, url: str, selector: str) -> View:
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.add_init_script(WATCH.replace("SELECTOR", json.dumps(selector)))
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[int] = []

    def arrived(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    devtools.on("Network.loadingFinished", arrived)
    page.goto(url, wait_until="commit")
    page.wait_for_timeout(QUIET_MS)
    page.wait_for_function("() => window.paintedAt", timeout=60_000)
    seconds = float(page.evaluate("() => window.paintedAt")) / 1000
    context.close()
    return View(seconds, sum(sizes), len(sizes))


def start_minimal(folder: Path) -> Server:
    """One `st.metric` under stock Streamlit: the folder holds no configuration."""
    minimal = folder / "minimal.py"
    minimal.write_text(MINIMAL)
    return start_server(folder, app=minimal, cwd=folder, ready=STOCK_READY)


def wait_until_warm(url: str) -> None:
    """Until the board answers as it will for the rest of its life, copies and all."""
    accepting = urllib.request.Request(f"{url}/", headers={"Accept-Encoding": "br"})
    for _ in range(600):
        if urllib.request.urlopen(accepting).headers["content-encoding"] == "br":
            time.sleep(5)
            return
        time.sleep(0.1)
    raise TimeoutError("The board has made no copies of its static files within a minute.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--app", type=Path, default=APP)
    parser.add_argument("--selector", default="[data-testid=stMetricValue], .kb-value")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--small", action="store_true", help="one view of each")
    options = parser.parse_args()
    if options.small:
        options.runs = 1
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with (
            start_minimal(folder) as minimal,
            start_server(folder, app=options.app, KPI_DEMO="1") as board,
        ):
            wait_until_warm(board.url)
            browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
            compare(browser, [minimal.url, board.url], options.selector, options.runs)
            browser.close()


def compare(browser: Browser, urls: list[str], selector: str, runs: int) -> None:
    for url in urls:  # the first view of each warms browser and server
        look(browser, url, selector)
    views: dict[str, list[View]] = {url: [] for url in urls}
    for _ in range(runs):
        for url, seen in views.items():
            seen.append(look(browser, url, selector))
    medians = []
    for title, seen in zip(("one st.metric, stock", "the board"), views.values(), strict=True):
        seconds = statistics.median(view.seconds for view in seen)
        transferred = statistics.median(view.transferred for view in seen)
        medians.append((seconds, transferred))
        print(
            f"{title:22} {seconds:.2f} s ({min(v.seconds for v in seen):.2f}"
            f"-{max(v.seconds for v in seen):.2f}), {transferred / 1000:.0f} kB,"
            f" {seen[-1].requests} requests"
        )
    (stock_seconds, stock_bytes), (our_seconds, our_bytes) = medians
    print(
        f"time {our_seconds / stock_seconds:.2f}x (at most {TIME_CEILING}),"
        f" bytes {our_bytes / stock_bytes:.2f}x (less than 1)"
    )


if __name__ == "__main__":
    main()
