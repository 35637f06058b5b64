"""The wall as it hangs: it follows the data, the server and the calendar, and nobody touches it.

All tests share one office. Each has a plan of its own, which counts what came by the channel of
that name, so that none sees the leads of another.
"""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from kpi_core.facts.store import Store, open_store
from kpi_core.records.tokens import TokenScope
from tests.batches import Event, batch
from tests.browser.conftest import OpenPage
from tests.browser.wall_server import BEFORE, FRIDAY, WHO, Office, network_to, put
from tests.browser.wall_shown import PATIENCE, PROBE, SECONDS, connected, number, stand_still
from tests.server import Server

CHECKED, LOST = re.compile(r"Checked \d\d:\d\d"), re.compile(r"No connection since \d\d:\d\d")
OFF = "This display was switched off"
PLAN = """
id = "{id}"
name = "{id}"
csf = "c"
stale_after_working_days = 0
kgi = {{ name = "Orders", target = 36, deadline = 2027-03-31 }}
calendar = {{ country = "JP", zone = "Asia/Tokyo" }}
[kpi]
id = "mql"
name = "Enquiries"
owner = "Marketing"
kind = "count"
stage = "{stage}"
where = [{{ attribute = "channel", in = ["{id}"] }}]
targets.default = 4
"""
STAGES = {"aging": "won", "complete": "churned"}
"""How far the data reach is known of each stage: a plan that is about that has its own."""
PLANS = (
    "touch", "outlives", "cut", "silent", "offline", "upgrade", "night",
    "aging", "complete", "hall", "party", "morning",
)  # fmt: skip


@pytest.fixture(scope="module")
def shared_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    store = open_store(office.data)
    for name in PLANS:
        put(store, PLAN.format(id=name, stage=STAGES.get(name, "marketing_qualified")))
    know_all_of_the_year(store)
    _, office.token = store.records.add_token("crm", TokenScope.IMPORTS, who=WHO, now=BEFORE)
    store.close()
    yield office
    office.end()


@pytest.fixture
def office(shared_office: Office) -> Office:
    """An office on a Friday afternoon."""
    shared_office.clock(FRIDAY)
    shared_office.start()
    return shared_office


def know_all_of_the_year(store: Store) -> None:
    """Two leads of November for the plan "complete", from a source that has said its last word."""
    at = datetime.fromisoformat("2026-11-19 10:00")
    events = (Event(lead, "churned", at, "complete") for lead in "ab")
    said = batch(*events, source="year", name="year.csv", mapping_name="year")
    told = store.commit(said, who=WHO, now=datetime.fromisoformat("2026-11-20 14:00")).import_id
    assert told is not None
    store.set_data_through(told, datetime.fromisoformat("2026-12-31 00:00"), who=WHO, now=BEFORE)


# --- the data ---


def test_an_import_shows_without_a_touch(office: Office, page: Page) -> None:
    page.goto(f"{office.url}/wall/touch")
    office.send("touch", "a", "b", at="2026-11-19 10:00")
    number(page, "2")
    office.send("touch", "c", at="2026-11-20 09:00")
    number(page, "3")
    expect(page.locator("#said")).to_have_text(CHECKED)


def test_every_time_on_a_wall_is_on_the_clock_of_its_plan(
    office: Office, open_page: OpenPage
) -> None:
    london = open_page(locale="en-GB", timezone_id="Europe/London")
    london.clock.install(time=datetime.fromisoformat("2026-11-20T05:02:00+00:00"))
    london.goto(f"{office.url}/wall/touch?lang=en")
    connected(london)
    expect(london.locator("#said")).to_contain_text("Checked 14:0")  # 9 hours ahead of London


# --- the server and the network ---


def test_a_wall_outlives_its_server_and_celebrates_nothing_twice(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    page.clock.install()
    page.goto(f"{office.url}/wall/outlives?lang=en")
    connected(page)
    office.send("outlives", "a", "b", "c", "d", at="2026-11-19 10:00")
    expect(page.locator("#party")).to_have_count(1)
    page.clock.fast_forward(31 * SECONDS)
    expect(page.locator("#party")).to_have_count(0)
    office.end(Server.kill)
    expect(page.locator("#said")).to_have_text(LOST)
    number(page, "4")
    office.start()
    page.clock.fast_forward(31 * SECONDS)  # it tries again, more and more seldom
    expect(page.locator("#said")).to_have_text(CHECKED, timeout=PATIENCE)
    for name, shown in (("e", "5"), ("f", "6")):
        office.send("outlives", name, at="2026-11-19 11:00")
        number(page, shown)
        # The word before this number was the last number: there was no party in between.
        expect(page.locator("#party")).to_have_count(0)
    console_errors.clear()  # the browser complains while there is no server


def test_a_wall_outlives_a_cut_network(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    with network_to(office) as network:
        page.goto(f"{network.url}/wall/cut?lang=en")
        office.send("cut", "a", at="2026-11-19 10:00")
        number(page, "1")
        network.cut()
        expect(page.locator("#said")).to_have_text(LOST)
        office.send("cut", "b", at="2026-11-19 11:00")
        page.wait_for_timeout(SECONDS)
        number(page, "1")
        network.mend()
        number(page, "2")
        expect(page.locator("#said")).to_have_text(CHECKED)
        page.close()
    console_errors.clear()


def test_a_network_that_falls_silent_is_noticed(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    """No connection ends: nothing comes through any more, as behind a proxy that forgot us."""
    page.clock.install()
    with network_to(office) as network:
        page.goto(f"{network.url}/wall/silent?lang=en")
        office.send("silent", "a", at="2026-11-19 10:00")
        number(page, "1")
        network.fall_silent()
        office.send("silent", "b", at="2026-11-19 11:00")
        page.clock.fast_forward(10 * SECONDS)
        expect(page.locator("#said")).to_have_text(CHECKED)
        page.clock.fast_forward(40 * SECONDS)
        expect(page.locator("#said")).to_have_text(LOST)
        number(page, "1")
        network.mend()
        page.clock.fast_forward(20 * SECONDS)
        number(page, "2")
        expect(page.locator("#said")).to_have_text(CHECKED)
        page.close()
    console_errors.clear()


def test_a_browser_without_a_network_keeps_the_number_and_comes_back(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    page.goto(f"{office.url}/wall/offline?lang=en")
    office.send("offline", "a", at="2026-11-19 10:00")
    number(page, "1")
    page.context.set_offline(True)
    office.send("offline", "b", at="2026-11-19 11:00")
    page.wait_for_timeout(SECONDS)
    number(page, "1")
    page.context.set_offline(False)
    number(page, "2")
    console_errors.clear()


def test_after_an_upgrade_of_the_server_the_wall_loads_itself_anew(
    office: Office, page: Page
) -> None:
    page.goto(f"{office.url}/wall/upgrade?lang=en")
    connected(page)
    page.evaluate("() => { document.documentElement.dataset.build = 'old'; window.old = true; }")
    office.send("upgrade", "a", at="2026-11-19 10:00")
    page.wait_for_function("() => !window.old", timeout=PATIENCE)
    number(page, "1")


# --- the calendar ---


def test_a_wall_loads_itself_anew_in_the_night(office: Office, page: Page) -> None:
    page.clock.install(time=datetime.fromisoformat("2026-11-20 01:00"))
    page.goto(f"{office.url}/wall/night?lang=en")
    office.send("night", "a", at="2026-11-19 10:00")
    number(page, "1")
    page.evaluate("() => { window.old = true; }")
    page.clock.fast_forward("02:29:00")
    page.wait_for_timeout(SECONDS)
    assert page.evaluate("() => window.old")
    page.clock.fast_forward("02:00")
    page.wait_for_function("() => !window.old", timeout=PATIENCE)
    number(page, "1")


def test_midnight_makes_old_data_old_and_the_next_month_begins(office: Office, page: Page) -> None:
    """Nobody imports anything: only the clock goes on."""
    office.clock("2026-11-19 23:50 +09:00")
    office.send("aging", "a", "b", at="2026-11-19 10:00", stage="won")
    page.goto(f"{office.url}/wall/aging?lang=en")
    number(page, "2")
    face = page.locator(".face")
    expect(face).not_to_have_class(re.compile("s-stale"))
    # The day after tomorrow, a working day has passed without data.
    office.clock("2026-11-20 23:59:59 +09:00")
    expect(face).to_have_class(re.compile("s-stale"), timeout=PATIENCE)
    number(page, "2")  # the last value stays
    expect(page.locator(".month-name")).to_have_text("November 2026")
    office.clock("2026-12-01 00:00:05 +09:00")
    office.send("aging", "c", at="2026-12-01 00:00:01", stage="won")
    expect(page.locator(".month-name")).to_have_text("December 2026", timeout=PATIENCE)
    number(page, "1")


def test_a_month_whose_data_are_complete_ends_at_midnight(office: Office, page: Page) -> None:
    office.clock("2026-11-30 23:50 +09:00")
    page.goto(f"{office.url}/wall/complete?lang=en")
    number(page, "2")
    expect(page.locator(".month-name")).to_have_text("November 2026")
    office.clock("2026-11-30 23:59:59 +09:00")
    expect(page.locator(".month-name")).to_have_text("December 2026", timeout=PATIENCE)
    number(page, "0")


# --- who may see it ---


def test_a_screen_that_is_switched_off_shows_nothing_else(
    office: Office, open_page: OpenPage, console_errors: list[str]
) -> None:
    """From its link to its end; who else is refused, tests/web/test_wall_keys.py says."""
    board = open_page(locale="en-US")
    board.goto(f"{office.url}/?plan=hall")
    board.get_by_role("button", name="Show on a display").click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_label("Where is the display?").fill("3F entrance")
    dialog.get_by_role("button", name="Create the link").click()
    link = dialog.get_by_text(re.compile(r"^http\S+/wall/hall\?key=")).first
    expect(link).to_be_visible(timeout=PATIENCE)
    expect(dialog.get_by_role("img").first).to_be_visible()
    screen = open_page(locale="en-US")
    screen.goto(f"{link.inner_text().strip()}&theme=light")
    # The key is out of the address, and the browser has it.
    assert screen.url == f"{office.url}/wall/hall?lang=en&theme=light"
    office.send("hall", "a", at="2026-11-19 10:00")
    number(screen, "1")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    board.goto(f"{office.url}/settings")
    expect(board.get_by_text("from 127.0.0.1")).to_be_visible(timeout=PATIENCE)
    board.get_by_role("button", name="Switch off").click()
    board.get_by_role("dialog").get_by_role("button", name="Switch off this display").click()
    expect(screen.locator("body")).to_have_text(OFF, timeout=PATIENCE)
    screen.reload()
    expect(screen.locator("body")).to_have_text(OFF)
    # The browser reports an answer that is no page of ours: 403.
    [refused] = console_errors
    assert "403" in refused
    console_errors.clear()


# --- the target is reached ---


def test_a_target_is_celebrated_exactly_once(office: Office, open_page: OpenPage) -> None:
    wall = open_page(locale="en-US")
    other = open_page(locale="ja-JP", viewport={"width": 1080, "height": 1920})
    stand_still(wall)
    for each in (wall, other):
        each.goto(f"{office.url}/wall/party")
    wall.clock.run_for(SECONDS)
    connected(wall)
    connected(other)
    office.send("party", "a", "b", "c", at="2026-11-19 10:00")
    for each in (wall, other):
        number(each, "3")
        expect(each.locator("#party")).to_have_count(0)
    office.send("party", "d", at="2026-11-20 09:00")
    expect(wall.locator("#party h2")).to_have_text("★ November 2026: target reached")
    expect(wall.locator("#party .big")).to_have_text("4")
    expect(wall.locator("#party")).to_contain_text("Most came from party 100%")
    expect(wall.locator("#party")).to_contain_text("Marketing")
    expect(other.locator("#party h2")).to_have_text("★ 2026年11月 目標達成")
    for each in (wall, other):
        assert each.evaluate(PROBE) == []
    # It ends by itself, after half a minute.
    wall.clock.fast_forward(29 * SECONDS)
    expect(wall.locator("#party")).to_have_count(1)
    wall.clock.fast_forward(SECONDS)
    expect(wall.locator("#party")).to_have_count(0)
    # Not after a reload, and the small mark is there for the rest of the month.
    other.reload()
    number(other, "4")
    expect(other.locator(".mark")).to_have_text("11/20 達成")
    # Not for the next import, either.
    for name, shown in (("e", "5"), ("f", "6")):
        office.send("party", name, at="2026-11-20 10:00")
        for each in (wall, other):
            number(each, shown)
            expect(each.locator("#party")).to_have_count(0)


def test_a_target_reached_in_the_night_is_celebrated_in_the_morning(
    office: Office, page: Page
) -> None:
    office.clock("2026-11-19 23:10 +09:00")
    page.goto(f"{office.url}/wall/morning?lang=en")
    office.send("morning", "a", "b", "c", "d", at="2026-11-19 23:00")
    number(page, "4")
    expect(page.locator("html")).to_have_class(re.compile("asleep"))
    expect(page.locator("#party")).to_have_count(0)
    office.clock("2026-11-20 06:59:59 +09:00")
    expect(page.locator("#party .big")).to_have_text("4", timeout=PATIENCE)
    expect(page.locator("html")).not_to_have_class(re.compile("asleep"))
