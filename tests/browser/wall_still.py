"""A wall without a server: the document as it is sent, and a line on which a test speaks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, Route

from kpi_core.demo.load import load_demo
from kpi_core.facts.store import Store, open_store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.reports.board import board_report
from kpi_core.web.wall.document import document
from kpi_core.web.wall.screen import Screen, least_vmin
from kpi_core.web.wall.view import View, wall_view
from tests.browser.wall_server import FRIDAY

URL = "http://wall.test/wall"
LINE = """
window.lines = [];
window.WebSocket = function (url) {
  this.readyState = 1;
  this.close = function () {};
  window.lines.push(this);
};
"""
Sent = tuple[str, str | None]
"""A page and its policy."""


def page_of(*faces: View, lang: str = "en", least: float = least_vmin(5, 55)) -> Sent:
    """The document of these faces, as the server sends it."""
    screen = Screen((), Language(lang), light=False, every=20, sound=False)
    words = Words(screen.language)
    return document(
        screen, faces, words, live="/wall/_live", least=least, asleep=False, host="wall.test"
    )


@dataclass
class Still:
    """A screen. What it is answered from now on is put into `html`, `policy` and `status`."""

    page: Page
    html: str = ""
    policy: str | None = None
    status: int = 200
    asked: int = 0
    loads: int = 0
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(LINE)
        self.page.on("load", self._loaded)
        self.page.route(URL + "**", self._answer)

    def send(self, sent: Sent, *, status: int = 200) -> None:
        """Answer with this page from now on."""
        (self.html, self.policy), self.status = sent, status

    def open(self, sent: Sent, *, status: int = 200) -> None:
        """Open the page, and wait until its script has called the server."""
        self.send(sent, status=status)
        self.page.goto(URL)
        if status == 200:
            self.page.wait_for_function("() => window.lines.length")

    def tell(self, **message: object) -> None:
        """Say a word on the newest line."""
        self.page.evaluate(
            "text => window.lines[window.lines.length - 1].onmessage({ data: text })",
            json.dumps(message),
        )

    def show(self, *faces: View) -> None:
        """Send faces, as after an import."""
        self.tell(faces=[{"html": each.html, "title": each.title} for each in faces])

    def _loaded(self, _: Page) -> None:
        self.loads += 1

    def _answer(self, route: Route) -> None:
        self.asked += 1
        headers = {"content-type": "text/html; charset=utf-8"}
        if self.policy is not None:
            headers["content-security-policy"] = self.policy
        route.fulfill(status=self.status, body=self.html, headers=headers)


@contextmanager
def demo_store(folder: Path) -> Iterator[Store]:
    """A store with the demo, on a Friday."""
    store = open_store(folder / "data")
    load_demo(store, now=datetime.fromisoformat(FRIDAY))
    yield store
    store.close()


def face_of(store: Store, plan: str, lang: str) -> View:
    """A plan's face on that Friday."""
    board = board_report(store, plan, now=datetime.fromisoformat(FRIDAY))
    return wall_view(board, Words(Language(lang)))
