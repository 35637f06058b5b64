"""How long a browser waits for the number, against the smallest page Streamlit can serve.

The other page is one `st.metric` under stock Streamlit. Runs alternate, each in a fresh
browser profile, so that what slows one slows the other.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIME_CEILING = 1.15
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
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[int] = []

    def arrived(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    devtools.on("Network.loadingFinished", arrived)
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(
        "selector => /[0-9]/.test(document.querySelector(selector)?.innerText ?? '')",
        arg=selector,
        polling=10,
        timeout=60_000,
    )
    seconds = time.perf_counter() - began
    page.wait_for_timeout(1500)
    context.close()
    return View(seconds, sum(sizes), len(sizes))


def start(script: Path, port: int, folder: Path, *flags: str) -> subprocess.Popen[bytes]:
    """A Streamlit server. Stock settings where `folder` holds no configuration."""
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    for _ in range(600):
        assert server.poll() is None, "The server ended; its output is above."
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").read()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise TimeoutError("The server did not become ready within a minute.")


def wait_until_warm(port: int) -> None:
    """Until the board answers as it will for the rest of its life, copies and all."""
    accepting = {"Accept-Encoding": "br"}
    for _ in range(600):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers=accepting)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
            if urllib.request.urlopen(request).headers["content-encoding"] == "br":
                time.sleep(5)
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("The board did not become ready within a minute.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--port", type=int, default=8693)
    parser.add_argument("--app", type=Path, default=ROOT / "app.py")
    parser.add_argument("--selector", default="[data-testid=stMetricValue], .kb-value")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        minimal = folder / "minimal.py"
        minimal.write_text(MINIMAL)
        os.environ |= {"KPI_DATABASE": f"{folder}/kpi.duckdb", "KPI_DEMO": "1"}
        servers = [
            start(minimal, options.port, folder, "--browser.gatherUsageStats", "false"),
            start(options.app, options.port + 1, ROOT),
        ]
        try:
            wait_until_warm(options.port + 1)
            browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
            compare(browser, options.port, options.selector, options.runs)
            browser.close()
        finally:
            for server in servers:
                server.terminate()
                server.wait(timeout=20)


def compare(browser: Browser, port: int, selector: str, runs: int) -> None:
    for each in (port, port + 1):  # the first view of each warms browser and server
        look(browser, f"http://127.0.0.1:{each}/", selector)
    views: dict[int, list[View]] = {port: [], port + 1: []}
    for _ in range(runs):
        for each, seen in views.items():
            seen.append(look(browser, f"http://127.0.0.1:{each}/", selector))
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
