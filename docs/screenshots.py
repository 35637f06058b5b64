"""Take the pictures of docs/ again: a board with demo data on a Friday within a month."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESKTOP, PHONE = (1920, 1080), (390, 844)
WALLS = {
    "wall-ja-dark": ("lang=ja", DESKTOP),
    "wall-en-light": ("lang=en&theme=light", DESKTOP),
    "wall-ja-dark-portrait": ("lang=ja", (1080, 1920)),
    "wall-en-dark-4k": ("lang=en", (3840, 2160)),
    "wall-en-dark-720": ("lang=en", (1280, 720)),
}


def main() -> None:
    """Start a board on a store of its own, and look at it in every way."""
    sys.path.insert(0, str(DOCS.parent))  # it is run by its file's name
    from tests.browser.wall_server import APP, FRIDAY
    from tests.server import start_server

    chromium = subprocess.run(
        ["sh", ".ci/chromium"], cwd=DOCS.parent, capture_output=True, text=True, check=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clock = Path(folder) / "clock"
        clock.write_text(FRIDAY)
        with start_server(Path(folder), app=APP, KPI_DEMO="1", KPI_TEST_CLOCK=str(clock)) as board:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for language in ("en", "ja"):
                for scheme in SCHEMES:
                    name = f"board-{language}-{scheme}"
                    _take(browser, board.url, name, language, scheme, DESKTOP)
                    _take(browser, board.url, f"{name}-phone", language, scheme, PHONE)
                _take_plan(browser, board.url, language)
                _take_guide(browser, board.url, language)
            for name, (query, size) in WALLS.items():
                _take_wall(browser, board.url, name, query, size)
            browser.close()


def _take(
    browser: Browser, url: str, name: str, language: str, scheme: Scheme, size: tuple[int, int]
) -> None:
    is_phone = size == PHONE
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        color_scheme=scheme,
        device_scale_factor=2 if is_phone else 1,
    )
    page.goto(url)
    page.wait_for_selector(".kb-value")
    page.wait_for_selector(
        "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas"
    )
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"{name}.png")
    page.close()


def _take_plan(browser: Browser, url: str, language: str) -> None:
    """The Plan page, as far as it is read at once."""
    page = browser.new_page(viewport={"width": 1440, "height": 1500}, locale=language)
    page.goto(f"{url}/plan")
    page.wait_for_selector(".kv >> nth=6")
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"plan-{language}.png")
    page.close()


def _take_guide(browser: Browser, url: str, language: str) -> None:
    """The guide to a plan at its second and third question, with an example's answers."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale=language)
    page.goto(f"{url}/make_plan")
    page.locator("details summary").first.click()
    page.locator(".st-key-make_plan_open_saas button").click()
    page.wait_for_selector(".kb-small .kb-value")
    for name in ("number", "targets"):
        page.locator(".st-key-mp_next button").click()
        page.wait_for_timeout(2500)
        page.screenshot(path=DOCS / f"guide-{name}-{language}.png")
    page.close()


def _take_wall(browser: Browser, url: str, name: str, query: str, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{url}/wall?{query}")
    page.wait_for_function("() => document.getElementById('said').textContent")
    page.wait_for_timeout(1000)
    # Taken on whatever day it is: at night and on days off the wall sleeps.
    page.evaluate("() => document.documentElement.classList.remove('asleep')")
    page.wait_for_timeout(2500)
    page.screenshot(path=DOCS / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
