"""A board of its own per module of tests, and a browser to look at it with."""

import contextlib
import re
from collections.abc import Callable, Iterator
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
_DEEP_LINK_PROBE = re.compile(r"/\w+/_stcore/(health|host-config)$")
"""Streamlit's client, opened at /imports, first asks whether the server lives under that path."""


OpenPage = Callable[..., Page]
PATIENCE_MS = 60_000
"""How soon something happens is for the benchmarks; a busy machine is no failure."""


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
            context.set_default_timeout(PATIENCE_MS)
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


def _keep_error(message: ConsoleMessage, errors: list[str]) -> None:
    url = message.location.get("url", "")
    if message.type == "error" and not _DEEP_LINK_PROBE.search(url):
        errors.append(f"{message.text} ({url})")


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"
