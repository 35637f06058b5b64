"""A page on the wall outlives its server."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from kpi_core.demo.load import load_demo
from kpi_core.facts.store import open_store
from tests.server import start_server

NUMBER = ".kb-value"


def test_a_page_that_lost_its_server_comes_back_by_itself(
    tmp_path: Path, page: Page, console_errors: list[str]
) -> None:
    with start_server(tmp_path) as first:
        page.goto(f"{first.url}/?lang=en")
        expect(page.get_by_role("heading").first).to_be_visible()
        assert page.locator(NUMBER).count() == 0
    store = open_store(first.data)
    load_demo(store, now=datetime.now(UTC))
    store.close()
    with start_server(tmp_path, port=first.port):
        expect(page.locator(NUMBER).first).to_be_visible(timeout=60_000)
        assert page.url.endswith("?lang=en")
        page.close()
    console_errors.clear()  # the browser complains while there is no server
