"""Take the pictures of docs/ anew: a board with demo data, as it is today."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent
PORT = 8590
URL = f"http://127.0.0.1:{PORT}"
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
    chromium = subprocess.run(
        ["sh", ".ci/chromium"], cwd=DOCS.parent, capture_output=True, text=True, check=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environ = os.environ | {"KPI_DEMO": "1", "KPI_DATABASE": f"{folder}/kpi.duckdb"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(PORT), "--server.address", "127.0.0.1"]
        server = subprocess.Popen(command, cwd=DOCS.parent, env=environ)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            _wait()
            for language in ("en", "ja"):
                for scheme in ("light", "dark"):
                    _take(browser, f"board-{language}-{scheme}", language, scheme, DESKTOP)
                    _take(browser, f"board-{language}-{scheme}-phone", language, scheme, PHONE)
            for name, (query, size) in WALLS.items():
                _take_wall(browser, name, query, size)
        finally:
            browser.close()
            server.terminate()
            server.wait()


def _wait() -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"{URL}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"{URL}: the board did not start within a minute.")


def _take(browser: Browser, name: str, language: str, scheme: str, size: tuple[int, int]) -> None:
    is_phone = size == PHONE
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        color_scheme=scheme,  # type: ignore[arg-type]  # one of Playwright's two words
        device_scale_factor=2 if is_phone else 1,
    )
    page.goto(URL)
    page.wait_for_selector(".kb-value")
    page.wait_for_selector(
        "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas"
    )
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"{name}.png")
    page.close()


def _take_wall(browser: Browser, name: str, query: str, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{URL}/wall?{query}")
    page.wait_for_function("() => document.getElementById('said').textContent")
    page.wait_for_timeout(1000)
    # Taken on whatever day it is: at night and on days off the wall sleeps.
    page.evaluate("() => document.documentElement.classList.remove('asleep')")
    page.wait_for_timeout(2500)
    page.screenshot(path=DOCS / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
