"""The wall from further away, or on a smaller screen: its texts grow, and what matters stays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from kpi_core.facts.store import Store
from kpi_core.plans.starter_plans import starters
from kpi_core.plans.wall_screen import Wall
from kpi_core.web.wall.screen import least_vmin
from tests.browser.conftest import OpenPage
from tests.browser.test_wall_looks import LONG, commit_a_large_amount
from tests.browser.wall_server import put
from tests.browser.wall_shown import PROBE
from tests.browser.wall_still import Still, demo_store, face_of, page_of

WALLS = [(5, 55), (6, 55), (5, 43), (8, 55), (5, 32), (10, 65)]
LANDSCAPE, UPRIGHT = (1920, 1080), (1080, 1920)
HUNG = [*((wall, LANDSCAPE) for wall in WALLS), ((5, 55), UPRIGHT), ((5, 32), UPRIGHT)]
PARTS = {
    "name": "h1",
    "number": ".value",
    "target": ".of",
    "status": ".badge",
    "what is left": ".sentence .left",
    "track": ".track .now",
    "target's line": ".track .name.target",
    "next checkpoint": ".track .next .week",
    "as of": "footer span",
    "why": ".rule .why b",
    "rule": ".rule li",
    "rule's owner": ".rule .owner",
    "how many more rules": ".rule .more",
    "notice": ".notice",
    "look": ".look",
    "landing": ".landing dd",
    "owner": ".facts .owner dd",
}
ALWAYS = {"name", "number", "target", "status", "as of"}
RUNNING = {"what is left", "track", "target's line", "next checkpoint"}
IN_FORCE = {"why", "rule", "rule's owner"}
SHOWN = """selectors => Object.keys(selectors).filter(part => {
  const box = document.querySelector(selectors[part])?.getBoundingClientRect();
  return box && box.width > 0 && box.height > 0;
})"""
INSIDE = """() => {
  const edges = { left: 1e9, top: 1e9, right: 1e9, bottom: 1e9 };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange(), within = texts.currentNode.parentElement;
    range.selectNodeContents(texts.currentNode);
    const size = parseFloat(getComputedStyle(within).fontSize);
    for (const box of range.getClientRects()) {
      if (box.width < 1) { continue; }
      const middle = (box.top + box.bottom) / 2;
      edges.left = Math.min(edges.left, box.left);
      edges.right = Math.min(edges.right, innerWidth - box.right);
      edges.top = Math.min(edges.top, middle - size * 0.42);
      edges.bottom = Math.min(edges.bottom, innerHeight - middle - size * 0.42);
    }
  }
  return [edges.left / innerWidth, edges.right / innerWidth,
          edges.top / innerHeight, edges.bottom / innerHeight];
}"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo, the same in a crisis, a plan that nothing fits, and one with the longest names."""
    with demo_store(tmp_path_factory.mktemp("distances")) as store:
        saas, other = starters()["saas"], starters()["manufacturer"]
        crisis = saas.replace("default = 50", "default = 90")
        for text in (crisis.replace('\nid = "saas"', '\nid = "crisis"'), other, LONG):
            put(store, text)
        commit_a_large_amount(store)
        yield store


def hang(page: Page, store: Store, plan: str, lang: str, metres: float, inches: float) -> set[str]:
    """Show a plan on a wall; which of its parts are there."""
    wall = Wall(distance_m=metres, screen_inches=inches)
    least = least_vmin(wall.distance_m, wall.screen_inches)
    Still(page).open(page_of(face_of(store, plan, lang), lang=lang, least=least))
    shown: list[str] = page.evaluate(SHOWN, PARTS)
    return set(shown)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("wall", "size"), HUNG, ids=str)
def test_nothing_is_lost_that_matters(
    store: Store,
    open_page: OpenPage,
    wall: tuple[float, float],
    size: tuple[int, int],
    lang: str,
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    expected = {
        "saas": ALWAYS | RUNNING | IN_FORCE,
        "crisis": ALWAYS | RUNNING | IN_FORCE,
        "manufacturer": ALWAYS | {"notice"},
        "long": ALWAYS | RUNNING | IN_FORCE,
    }
    for plan, parts in expected.items():
        assert parts - hang(page, store, plan, lang, *wall) == set(), plan
        assert page.evaluate(PROBE) == [], plan


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("wall", WALLS[:1], ids=str)
def test_from_where_a_wall_usually_hangs_the_demo_says_all_it_has_to_say(
    store: Store, open_page: OpenPage, wall: tuple[float, float], lang: str
) -> None:
    page = open_page(viewport={"width": LANDSCAPE[0], "height": LANDSCAPE[1]})
    shown = hang(page, store, "saas", lang, *wall)
    # The owner of the number stands on the board; the rule's is here.
    assert shown >= PARTS.keys() - {"notice", "how many more rules", "owner"}


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("size", [LANDSCAPE, UPRIGHT], ids=str)
def test_one_rule_stands_with_its_owner_and_says_how_many_more(
    store: Store, open_page: OpenPage, size: tuple[int, int], lang: str
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    shown = hang(page, store, "crisis", lang, 5, 55)
    assert shown >= {*IN_FORCE, "how many more rules"}
    assert page.locator(".rule").count() == 1
    more = page.locator(".rule .more")  # week 2, crisis, last month, two months in crisis
    assert more.inner_text().endswith("3 more" if lang == "en" else "ほか3件")


@pytest.mark.parametrize("size", [(1280, 720), LANDSCAPE, UPRIGHT], ids=str)
def test_the_margin_is_a_twentieth_however_far_it_has_shifted(
    store: Store, open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    hang(page, store, "saas", "en", 5, 55)
    for x, y in ((4, 0), (-4, 0), (0, 4), (0, -4)):
        page.evaluate(
            """([x, y]) => {
                for (const each of document.querySelectorAll("main, #said")) {
                    each.style.transform = `translate(${x}px, ${y}px)`;
                }
            }""",
            [x, y],
        )
        assert min(page.evaluate(INSIDE)) >= 0.05 - 0.0005
