"""A page on the wall outlives its server, and what is typed outlives a change of the data."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from kpi_core.demo.load import load_demo
from kpi_core.storage.store import open_store
from tests.server import StartServer

NUMBER = ".kb-value"


def test_a_page_that_lost_its_server_comes_back_by_itself(
    root: Path, server: StartServer, page: Page, console_errors: list[str]
) -> None:
    first = server(KPI_DEMO="0")
    page.goto(f"{first.url}/?lang=en")
    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.locator(NUMBER).count() == 0
    first.stop()
    store = open_store(first.database)
    load_demo(store, now=datetime.now(UTC))
    store.close()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", first.url.rpartition(":")[2]]
    second = subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | {"KPI_DATABASE": str(first.database), "KPI_DEMO": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        expect(page.locator(NUMBER).first).to_be_visible(timeout=60_000)
        assert page.url.endswith("?lang=en")
    finally:
        page.close()
        second.terminate()
        second.wait(timeout=20)
        console_errors.clear()  # the browser complains while there is no server


def test_nothing_is_asked_of_anybody_but_our_server(server: StartServer, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    board = server(KPI_DEMO="1")
    page.goto(board.url)
    expect(page.locator(NUMBER).first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1000)
    own = (board.url, board.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
