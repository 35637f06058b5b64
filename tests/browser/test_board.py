"""The board as a visitor sees it: from an empty store to a number that changes by itself."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from kpi_core.facts.store import open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.shipped import mappings
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from tests.browser.conftest import OpenPage
from tests.server import Server, start_server

SECONDS = 1000
ARRIVES_MS = 60 * SECONDS
"""A committed import shows on an open board by itself; how soon, benchmarks/live_boards.py says."""

DESKTOP = (1280, 720)
SIZES = [DESKTOP, (1920, 1080), (3840, 2160), (1080, 1920), (390, 844)]
Scheme = Literal["light", "dark"]
LOOKS: list[tuple[tuple[int, int], Scheme]] = [
    *((size, "dark") for size in SIZES),
    (DESKTOP, "light"),
]
"""A scheme changes colours and nothing else: of the light one, one size will do."""

DEALS = "exports/olist_funnel/olist_closed_deals_dataset.csv"
MORE = "mql_id,first_contact_date,landing_page_id,origin\nnew,2018-05-30,x,social\n"
NAME = "<img src=x onerror=alert(1)> ${7*7} **" + "とても長い指標の名前" * 8 + "**"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    """A board with nothing on it."""
    with start_server(tmp_path) as board:
        yield board


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A board that is looked at; nobody changes anything on it."""
    with start_server(tmp_path_factory.mktemp("demo"), KPI_DEMO="1") as board:
        yield board


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Server]:
    """A board on which one file was imported and others are, with a plan of an odd name."""
    folder = tmp_path_factory.mktemp("work")
    store = open_store(folder / "data")
    text = starters()["saas"].replace('{ ja = "MQL", en = "MQLs" }', f"'{NAME}'", 1)
    assert NAME in text
    now = datetime.fromisoformat("2026-11-01 09:00")
    load_plan(store, text, who="t", why="", effective_from=None, now=now)
    mapping = next(each for each in mappings() if each.name == "olist-deals")
    import_file(store, shared / DEALS, Path(DEALS).name, mapping, who="t", now=now)
    store.close()
    with start_server(folder) as board:
        yield board


def value(page: Page) -> str:
    """The one number on the board."""
    return page.locator(".kb-value").first.inner_text()


def entry(page: Page, file: str) -> Locator:
    """What the imports page tells of a file that was taken in."""
    entries = page.locator("[class*='st-key-imports_entry_']")
    return entries.filter(has=page.locator(".ki-entry b", has_text=file))


def test_from_an_empty_store_to_a_number_that_changes_by_itself(
    empty: Server, open_page: OpenPage, shared: Path
) -> None:
    # An empty store says what to do, and loads the demo.
    watching = open_page(locale="en-US")
    watching.goto(f"{empty.url}/?plan=saas")
    watching.get_by_role("button", name="Load the demo").click()
    expect(watching.locator(".kb-value")).to_be_visible(timeout=60 * SECONDS)
    expect(watching.get_by_text("Demo data").first).to_be_visible()
    assert value(watching).isdigit()

    # A file is imported on another tab.
    importing = open_page(locale="en-US")
    importing.goto(f"{empty.url}/imports")
    file = shared / "exports/olist_funnel/olist_marketing_qualified_leads_dataset.csv"
    importing.locator("input[type=file]").first.set_input_files(file)
    expect(importing.get_by_text("What the import will do")).to_be_visible(timeout=60 * SECONDS)
    importing.get_by_role("button", name="Import", exact=True).click()
    expect(importing.get_by_text("is imported")).to_be_visible(timeout=60 * SECONDS)

    # The demo went, and its plan with it; nobody touched the first tab.
    expect(watching.get_by_text("Choose a plan")).to_be_visible(timeout=ARRIVES_MS)
    expect(importing.get_by_text("8,000 rows: 8,000 new")).to_be_visible()
    # The plan made for this source is offered first.
    watching.get_by_role("button", name="Start with this plan").click()
    expect(watching.locator(".kb-value")).to_have_text("1,303", timeout=60 * SECONDS)

    # A second file changes the number of an open board by itself.
    importing.locator("input[type=file]").first.set_input_files(
        {
            "name": "more.csv",
            "mimeType": "text/csv",
            "buffer": MORE.encode(),
        }
    )
    importing.get_by_role("button", name="Import", exact=True).click(timeout=60 * SECONDS)
    expect(importing.get_by_text("is imported")).to_have_count(2, timeout=60 * SECONDS)
    expect(watching.locator(".kb-value")).to_have_text("1,304", timeout=ARRIVES_MS)
    # The receipts stay until their files are taken off the page.
    expect(importing.get_by_text("is imported")).to_have_count(2)


def test_an_import_is_undone_after_a_question(work: Server, page: Page) -> None:
    page.goto(f"{work.url}/imports")
    taken_in = entry(page, Path(DEALS).name)
    taken_in.get_by_role("button", name="Open", exact=True).click(timeout=60 * SECONDS)
    taken_in.get_by_role("button", name="Undo", exact=True).click(timeout=60 * SECONDS)
    page.get_by_role("button", name="Undo the import").click()
    expect(taken_in.get_by_text("Undone (")).to_be_visible(timeout=60 * SECONDS)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)


def test_half_typed_text_survives_an_import_elsewhere(
    work: Server, open_page: OpenPage, shared: Path
) -> None:
    exports = shared / "exports"
    typing = open_page(locale="en-US")
    typing.goto(f"{work.url}/imports")
    asked_about = shared / "torture/made_here/dates_ambiguous.csv"
    typing.locator("input[type=file]").first.set_input_files(asked_about)
    box = typing.get_by_role("combobox").first
    expect(box).to_be_visible(timeout=60 * SECONDS)
    box.click()
    typing.keyboard.type("mav")

    importing = open_page(locale="en-US")
    importing.goto(f"{work.url}/imports")
    importing.locator("input[type=file]").first.set_input_files(
        exports / "maven_crm/sales_pipeline.csv"
    )
    importing.get_by_role("button", name="Import", exact=True).click(timeout=60 * SECONDS)
    expect(typing.get_by_text("8,800 rows: ")).to_be_visible(timeout=60 * SECONDS)
    assert box.input_value() == "mav"


def test_nothing_is_asked_of_anybody_but_our_server(demo: Server, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(demo.url)
    expect(page.locator("[data-testid=stVegaLiteChart] svg")).to_be_visible(timeout=60 * SECONDS)
    page.wait_for_timeout(SECONDS)
    own = (demo.url, demo.url.replace("http", "ws"), "data:", "blob:")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(own)] == []


def test_the_month_and_the_language_are_kept_in_the_address(demo: Server, page: Page) -> None:
    page.goto(demo.url)
    expect(page.locator(".kb-value")).to_be_visible(timeout=60 * SECONDS)
    page.get_by_text("日本語").click()
    expect(page.get_by_text("デモデータ").first).to_be_visible()
    assert "lang=ja" in page.url
    # The picker is drawn last: opened before that, it would close again.
    expect(page.get_by_role("combobox")).to_have_value(re.compile(r"\d{4}年\d+月"))
    page.get_by_role("combobox").click()
    page.get_by_role("option").nth(1).click()
    page.wait_for_url("**month=20*")
    picked = page.url
    page.goto(picked)
    expect(page.get_by_text("デモデータ").first).to_be_visible(timeout=60 * SECONDS)
    # A month that is over has all its stamps, and nothing is needed any more.
    expect(page.get_by_text("残り営業日1日あたりの必要数")).to_have_count(0)


def test_light_and_dark_change_at_once_while_the_page_is_open(demo: Server, page: Page) -> None:
    def looks() -> tuple[str, str]:
        number = page.locator(".kb-value").evaluate("e => getComputedStyle(e).color")
        axis = page.locator("[data-testid=stVegaLiteChart] svg text").first
        return number, axis.evaluate("e => getComputedStyle(e).fill")

    page.goto(demo.url)
    expect(page.locator("[data-testid=stVegaLiteChart] svg")).to_be_visible(timeout=60 * SECONDS)
    light = looks()
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".kb-value")).to_have_css("color", "rgb(236, 239, 243)")
    dark = looks()
    assert all(before != after for before, after in zip(light, dark, strict=True))


def test_the_browsers_language_comes_first(demo: Server, open_page: OpenPage) -> None:
    page = open_page(locale="ja-JP")
    page.goto(demo.url)
    expect(page.get_by_text("基準日").first).to_be_visible(timeout=60 * SECONDS)


def test_the_indicators_are_drawn_only_once_they_are_opened(demo: Server, page: Page) -> None:
    page.goto(demo.url)
    expect(page.locator(".kb-value")).to_be_visible(timeout=60 * SECONDS)
    assert page.locator(".kb-card").count() == 0
    page.get_by_text("Management indicators").click()
    expect(page.locator(".kb-card").first).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator(".kb-card")).to_have_count(10)


def test_the_track_says_its_takeaway_to_those_who_do_not_see_it(demo: Server, page: Page) -> None:
    page.goto(f"{demo.url}/?lang=en")
    chart = page.locator("[aria-label^='MQLs:']")
    expect(chart.first).to_be_attached(timeout=60 * SECONDS)


def test_a_name_is_shown_as_it_was_written_however_long_and_whatever_it_holds(
    work: Server, page: Page
) -> None:
    page.goto(f"{work.url}/?plan=saas")
    title = page.locator(".kb h1")
    expect(title).to_be_visible(timeout=60 * SECONDS)
    assert title.inner_text() == NAME
    assert title.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize(
    ("size", "scheme"), LOOKS, ids=lambda each: each if isinstance(each, str) else f"{each[0]}"
)
def test_nothing_is_cut_off_at_any_size(
    demo: Server, open_page: OpenPage, size: tuple[int, int], scheme: Scheme
) -> None:
    width, height = size
    page = open_page(
        locale="ja-JP", color_scheme=scheme, viewport={"width": width, "height": height}
    )
    page.goto(demo.url)
    expect(page.locator(".kb-value")).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible(timeout=60 * SECONDS)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.stMain, .kb, .kb *')]
            .filter(e => getComputedStyle(e).display !== 'inline')
            .filter(e => e.scrollWidth > e.clientWidth + 1)
            .map(e => e.className + ': ' + e.scrollWidth + ' > ' + e.clientWidth)"""
    )
    assert wide == []
    box = page.locator(".kb-value").bounding_box()
    assert box is not None
    assert box["height"] >= height / 8


def test_what_to_do_today_stands_beside_the_number_above_the_fold(
    demo: Server, open_page: OpenPage
) -> None:
    page = open_page(locale="ja-JP", viewport={"width": 1440, "height": 900})
    page.goto(demo.url)
    rules, number = page.locator(".kb-rules > div").first, page.locator(".kb-value")
    expect(number).to_be_visible(timeout=60 * SECONDS)
    assert page.locator("h1").count() == 1
    expect(page.get_by_role("button", name=re.compile("画面に映す"))).to_be_visible()
    if rules.count():
        beside, figure = rules.bounding_box(), number.bounding_box()
        assert beside is not None
        assert figure is not None
        assert beside["x"] > figure["x"] + figure["width"]
        assert beside["y"] + beside["height"] < 900


def test_the_tracks_room_is_kept_until_it_comes(demo: Server, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    page.goto(demo.url)
    room = page.locator(".st-key-board_track_room")
    expect(room).to_be_visible(timeout=60 * SECONDS)
    before = room.bounding_box()
    expect(page.locator("[data-testid=stVegaLiteChart] svg")).to_be_visible(timeout=60 * SECONDS)
    after = room.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["height"] - before["height"]) <= 8
