"""A board of its own per module of tests, and a browser to look at it with."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60
_DEEP_LINK_PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")
"""Streamlit's client, opened at /imports, first asks whether the server lives under that path."""


@dataclass(frozen=True)
class Server:
    """A board that runs: `streamlit run app.py` on a loopback port of its own."""

    url: str
    database: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Ask it to end; after ten seconds, make it."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


StartServer = Callable[..., Server]
OpenPage = Callable[..., Page]

_running: list[Server] = []


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start a board: `server()`, or with settings: `server(KPI_DEMO="1")`.

    Its store is a new one unless KPI_DATABASE is given. It ends with the module.
    """
    with contextlib.ExitStack() as stack:

        def start(**environ: str) -> Server:
            started = _start(root, tmp_path_factory.mktemp("board"), environ)
            _running.append(started)
            stack.callback(_running.remove, started)
            stack.callback(started.stop)
            _wait_until_healthy(started)
            return started

        yield start


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def console_errors() -> list[str]:
    """What pages have complained about so far. A test that expects a complaint clears it."""
    return []


@pytest.fixture
def open_page(browser: Browser, console_errors: list[str]) -> Iterator[OpenPage]:
    """Open a page as a visitor of its own: `open_page(locale="ja-JP", color_scheme="dark")`.

    Takes what Playwright's `new_context` takes. A complaint in any page's console fails the test.
    """
    with contextlib.ExitStack() as stack:

        def open_one(**options: Any) -> Page:
            context = browser.new_context(**options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("console", lambda message: _keep_error(message, console_errors))
            page.on("pageerror", lambda error: console_errors.append(_text(error)))
            return page

        yield open_one
    assert not console_errors


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page of 1280 × 720, in English and light."""
    return open_page(locale="en-US", color_scheme="light")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print what the running boards have logged under a test that failed."""
    report = yield
    if report.failed:
        for number, running in enumerate(_running):
            log = running.log.read_text(errors="replace")[-10_000:]
            report.sections.append((f"log of board {number}, {running.url}", log))
    return report


def _start(root: Path, folder: Path, environ: dict[str, str]) -> Server:
    port = _free_port()
    database = Path(environ.get("KPI_DATABASE") or folder / "kpi.duckdb")
    log = folder / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=os.environ | {"KPI_DEMO": "0"} | environ | {"KPI_DATABASE": str(database)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Server(f"http://127.0.0.1:{port}", database, log, process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(server: Server) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if server.process.poll() is not None:
            pytest.fail(f"The board ended while starting, code {server.process.returncode}.")
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"The board did not answer within {START_SECONDS} seconds.")


def _keep_error(message: ConsoleMessage, errors: list[str]) -> None:
    url = message.location.get("url", "")
    if message.type == "error" and not _DEEP_LINK_PROBE.search(url):
        errors.append(f"{message.text} ({url})")


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"
