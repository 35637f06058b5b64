"""What a wall shows, and what is wrong with it."""

import re
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

SECONDS = 1000
PATIENCE = 60 * SECONDS
"""How soon something happens is for the benchmarks; a busy machine is no failure."""
PROBE = Path(__file__).with_name("wall_probe.js").read_text(encoding="utf-8")
NUMBER = ".face:not([hidden]) .value"
NOON = datetime.fromisoformat("2026-11-20 12:00")


def number(page: Page, text: str) -> None:
    """Wait until the wall shows a number."""
    expect(page.locator(NUMBER)).to_have_text(text, timeout=PATIENCE)


def stand_still(page: Page) -> None:
    """From here on it is noon in the browser, and time goes on when the test tells it to."""
    page.clock.install(time=NOON - timedelta(minutes=1))
    page.clock.pause_at(NOON)


def connected(page: Page) -> None:
    """Wait until the server has told the wall what to show, beyond what stands in the document."""
    shown = re.compile("<article")
    expect(page.locator("main")).to_have_attribute("data-shown", shown, timeout=PATIENCE)
