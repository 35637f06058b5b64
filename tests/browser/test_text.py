"""Somebody's text in every kind of element that reads Markdown: shown as it is, leading nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.server import STOCK_READY, Server, start_server

LEADS = "img[src*='evil'], a[href*='evil'], a[href^='mailto']"
MARKUP = (
    f"{LEADS}, .katex, em, del, s, code, b, strong, ul, ol, table, blockquote,"
    " [data-testid=stMarkdownContainer] [role=img]"
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    app = Path(__file__).with_name("text_app.py")
    with start_server(tmp_path_factory.mktemp("text"), app=app, ready=STOCK_READY) as server:
        yield server


def drawn(page: Page, url: str, asked: list[str]) -> None:
    page.on("request", lambda request: asked.append(request.url))
    page.route("http://evil.example/**", lambda route: route.abort())
    page.goto(url)
    expect(page.get_by_text("all is drawn")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1500)


def test_the_text_is_shown_as_it_is_in_every_element(page: Page, app: Server) -> None:
    asked: list[str] = []
    drawn(page, app.url, asked)
    main = page.get_by_test_id("stApp")
    found = main.locator(MARKUP)
    assert [each.evaluate("e => e.outerHTML.slice(0, 200)") for each in found.all()] == []
    text = main.inner_text().replace("\u2060", "")
    assert "![x](http://evil.example/x.png)" in text
    assert ":material/thumb_up: :red[b] :tada: $e$" in text
    assert not [each for each in asked if "evil" in each]


def test_without_the_door_it_would_be_read(
    open_page: OpenPage, app: Server, console_errors: list[str]
) -> None:
    """Else the test above would prove nothing."""
    page, asked = open_page(locale="en-US"), list[str]()
    drawn(page, f"{app.url}/?raw=1", asked)
    main = page.get_by_test_id("stApp")
    assert main.locator(LEADS).count() > 20
    assert [each for each in asked if "evil" in each]
    page.wait_for_timeout(500)
    page.close()
    console_errors.clear()  # the browser complains of pictures that did not come
