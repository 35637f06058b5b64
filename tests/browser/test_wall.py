"""The wall as it hangs: nobody touches it, and it is true."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from kpi_core.demo.load import load_demo
from kpi_core.plans.document import Plan
from kpi_core.plans.revise import load_plan
from kpi_core.storage.facts import EVENT_COLUMNS, Batch
from kpi_core.storage.store import Store, open_store
from kpi_core.storage.tokens import TokenScope
from kpi_core.web.wall.document import style
from tests.browser.conftest import OpenPage
from tests.browser.wall_server import Office, network_to
from tests.server import Server

SECONDS = 1000
SOON = 10 * SECONDS
PROBE = Path(__file__).with_name("wall_probe.js").read_text(encoding="utf-8")
NUMBER = ".face:not([hidden]) .value"
SIZES = [
    (1280, 720, 1),
    (1920, 1080, 1),
    (3840, 2160, 1),
    (1920, 1080, 2),
    (1080, 1920, 1),
]
LOOKS = list(product(("dark", "light"), ("ja", "en")))
OFF = "This display was switched off"
WHO = "test"
BEFORE = datetime.fromisoformat("2026-11-01 09:00")

SMALL = """
id = "small"
name = "Enquiries"
csf = "c"
stale_after_working_days = 0
kgi = { name = "Orders", target = 36, deadline = 2027-03-31 }
calendar = { country = "JP", zone = "Asia/Tokyo" }
[kpi]
id = "mql"
name = "Enquiries"
owner = "Marketing"
kind = "count"
stage = "marketing_qualified"
targets.default = 4
"""
LONG = """
id = "long"
name = { ja = "株式会社とても長い名前の会社 エンタープライズ営業本部", en = "The Extraordinarily Long-Named Company" }
csf = "c"
stale_after_working_days = 5
kgi = { name = "Orders", target = 1000, deadline = 2027-03-31 }
calendar = { country = "JP", zone = "Asia/Tokyo" }
[kpi]
id = "amount"
name = { ja = "新規パイプライン創出金額（エンタープライズ・既存顧客のアップセルを除く、税抜・円換算）", en = "New pipeline created (enterprise only, without upsell to existing customers, net of tax, in yen)" }
kind = "sum"
stage = "marketing_qualified"
of = "amount"
unit = { ja = "円（税抜）", en = "yen (net of tax)" }
owner = { ja = "エンタープライズマーケティング本部 デマンドジェネレーション責任者", en = "Head of demand generation, enterprise marketing division" }
targets.default = 9876543210987
[[rules]]
when = "crisis"
owner = { ja = "エンタープライズマーケティング本部 デマンドジェネレーション責任者", en = "Head of demand generation, enterprise marketing division" }
do = [
    { ja = "全チャネルの流入と転換率を前月・前年同月と比較し、落ち込みの大きい順に原因と対応をまとめる", en = "Compare every channel's traffic and conversion with last month and last year, and list causes and remedies in order of size" },
    { ja = "営業責任者と当日中に打ち合わせ、追加の施策と予算を決める", en = "Meet the head of sales the same day and decide on further measures and their budget" },
    { ja = "週次の定例で進み具合を報告する", en = "Report progress in the weekly meeting" },
]
"""  # noqa: E501 - long is what they are for
LARGE = 1234567891234


def put(store: Store, text: str) -> None:
    """Put a plan to work."""
    plan = load_plan(store, text, why="", effective_from=None, who=WHO, now=BEFORE)
    assert isinstance(plan, Plan), plan


def begin(folder: Path, *texts: str) -> tuple[Office, Store]:
    """An office with these plans; its store is closed before the server starts."""
    office = Office(folder)
    store = open_store(office.database)
    for text in texts:
        put(store, text)
    _, office.token = store.add_token("crm", TokenScope.IMPORTS, who=WHO, now=BEFORE)
    return office, store


def commit_a_large_amount(store: Store) -> None:
    """As part of the demo, which would go with the first import of one's own."""
    lead = {"line": 2, "lead": "large", "stage": "marketing_qualified", "amount": LARGE}
    events = pd.DataFrame([lead | {"occurred_at": datetime.fromisoformat("2026-11-04 10:00")}])
    batch = Batch(
        "large",
        "large.csv",
        "large",
        "large",
        "",
        rows=1,
        events=events.reindex(columns=list(EVENT_COLUMNS)).astype(EVENT_COLUMNS),
        demo=True,
    )
    store.commit(batch, who=WHO, now=datetime.fromisoformat("2026-11-20 14:00"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The small plan on a Friday afternoon, nothing imported yet."""
    office, store = begin(tmp_path, SMALL)
    store.close()
    office.clock("2026-11-20 14:02 +09:00")
    office.start()
    yield office
    office.end()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demo, a plan with the longest names and the largest numbers, and one that is broken."""
    office, store = begin(tmp_path_factory.mktemp("busy"))
    load_demo(store, now=datetime.fromisoformat("2026-11-20 14:02+09:00"))
    put(store, LONG)
    commit_a_large_amount(store)
    store.save_revision(
        "broken", "id = 1", effective_from=None, why="", tallies=(), who=WHO, now=BEFORE
    )
    store.close()
    office.clock("2026-11-20 14:02 +09:00")
    office.start()
    yield office
    office.end()


def number(page: Page, text: str, timeout: int = SOON) -> None:
    """Wait until the wall shows a number."""
    expect(page.locator(NUMBER)).to_have_text(text, timeout=timeout)


# --- it follows the data, the server and the calendar ---


def test_an_import_shows_without_a_touch(office: Office, page: Page) -> None:
    page.goto(f"{office.url}/wall")
    office.send("a", "b", at="2026-11-19 10:00")
    number(page, "2")
    office.send("c", at="2026-11-20 09:00")
    number(page, "3")
    expect(page.locator("#said")).to_have_text(re.compile(r"Checked \d\d:\d\d"))


def test_a_wall_outlives_its_server(office: Office, page: Page, console_errors: list[str]) -> None:
    page.goto(f"{office.url}/wall?lang=en")
    office.send("a", at="2026-11-19 10:00")
    number(page, "1")
    office.end(Server.kill)
    expect(page.locator("#said")).to_have_text(re.compile(r"No connection since \d\d:\d\d"))
    number(page, "1")
    office.start()
    expect(page.locator("#said")).to_have_text(re.compile("Checked"), timeout=60 * SECONDS)
    office.send("b", at="2026-11-19 11:00")
    number(page, "2")
    console_errors.clear()  # the browser complains while there is no server


def test_a_wall_outlives_a_cut_network(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    with network_to(office) as network:
        page.goto(f"{network.url}/wall?lang=en")
        office.send("a", at="2026-11-19 10:00")
        number(page, "1")
        network.cut()
        expect(page.locator("#said")).to_have_text(re.compile("No connection since"))
        office.send("b", at="2026-11-19 11:00")
        page.wait_for_timeout(3 * SECONDS)
        number(page, "1")
        network.mend()
        number(page, "2", timeout=40 * SECONDS)
        expect(page.locator("#said")).to_have_text(re.compile("Checked"))
        page.close()
    console_errors.clear()


@pytest.mark.slow
def test_a_network_that_falls_silent_is_noticed(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    """No connection ends: nothing comes through any more, as behind a proxy that forgot us."""
    with network_to(office) as network:
        page.goto(f"{network.url}/wall?lang=en")
        office.send("a", at="2026-11-19 10:00")
        number(page, "1")
        network.fall_silent()
        lost = re.compile("No connection since")
        expect(page.locator("#said")).to_have_text(lost, timeout=60 * SECONDS)
        office.send("b", at="2026-11-19 11:00")
        number(page, "1")
        network.mend()
        number(page, "2", timeout=60 * SECONDS)
        page.close()
    console_errors.clear()


def test_a_browser_without_a_network_keeps_the_number_and_comes_back(
    office: Office, page: Page, console_errors: list[str]
) -> None:
    page.goto(f"{office.url}/wall?lang=en")
    office.send("a", at="2026-11-19 10:00")
    number(page, "1")
    page.context.set_offline(True)
    office.send("b", at="2026-11-19 11:00")
    page.wait_for_timeout(2 * SECONDS)
    page.context.set_offline(False)
    number(page, "2", timeout=40 * SECONDS)
    console_errors.clear()


def test_after_an_upgrade_of_the_server_the_wall_loads_itself_anew(
    office: Office, page: Page
) -> None:
    page.goto(f"{office.url}/wall?lang=en")
    expect(page.locator("#said")).to_have_text(re.compile("Checked"))
    page.evaluate("() => { document.documentElement.dataset.build = 'old'; window.old = true; }")
    office.send("a", at="2026-11-19 10:00")
    page.wait_for_function("() => !window.old", timeout=SOON)
    number(page, "1")


def test_a_wall_loads_itself_anew_in_the_night(office: Office, page: Page) -> None:
    page.clock.install(time=datetime.fromisoformat("2026-11-20 01:00"))
    page.goto(f"{office.url}/wall?lang=en")
    office.send("a", at="2026-11-19 10:00")
    number(page, "1")
    page.evaluate("() => { window.old = true; }")
    page.clock.fast_forward("02:29:00")
    page.wait_for_timeout(SECONDS)
    assert page.evaluate("() => window.old")
    page.clock.fast_forward("02:00")
    page.wait_for_function("() => !window.old", timeout=SOON)
    number(page, "1")


def test_midnight_makes_old_data_old_and_the_next_month_begins(tmp_path: Path, page: Page) -> None:
    """Nobody imports anything: only the clock goes on."""
    office, store = begin(tmp_path, SMALL)
    store.close()
    office.clock("2026-11-19 23:50 +09:00")
    office.start()
    try:
        office.send("a", "b", at="2026-11-19 10:00")
        page.goto(f"{office.url}/wall?lang=en")
        number(page, "2")
        face = page.locator(".face")
        expect(face).not_to_have_class(re.compile("s-stale"))
        # The day after tomorrow, a working day has passed without data.
        office.clock("2026-11-20 23:59:50 +09:00")
        expect(face).to_have_class(re.compile("s-stale"), timeout=60 * SECONDS)
        number(page, "2")  # the last value stays
        expect(page.locator("header p")).to_have_text("November 2026")
        office.clock("2026-12-01 00:00:05 +09:00")
        office.send("c", at="2026-12-01 00:00:01")
        expect(page.locator("header p")).to_have_text("December 2026", timeout=60 * SECONDS)
        number(page, "1")
    finally:
        page.close()
        office.end()


def test_a_month_whose_data_are_complete_ends_at_midnight(tmp_path: Path, page: Page) -> None:
    office, store = begin(tmp_path, SMALL)
    store.close()
    office.clock("2026-11-30 23:50 +09:00")
    office.start()
    office.send("a", "b", at="2026-11-19 10:00")
    office.end()
    store = open_store(office.database)
    told = store.imports()[0].import_id
    store.set_data_through(told, datetime.fromisoformat("2026-12-31 00:00"), who=WHO, now=BEFORE)
    store.close()
    office.start()
    try:
        page.goto(f"{office.url}/wall?lang=en")
        number(page, "2")
        expect(page.locator("header p")).to_have_text("November 2026")
        office.clock("2026-11-30 23:59:55 +09:00")
        expect(page.locator("header p")).to_have_text("December 2026", timeout=60 * SECONDS)
        number(page, "0")
    finally:
        page.close()
        office.end()


def test_a_screen_that_was_switched_off_shows_nothing_else(
    tmp_path: Path, open_page: OpenPage, console_errors: list[str]
) -> None:
    office, store = begin(tmp_path, SMALL)
    hall, key = store.add_display("3F entrance", who=WHO, now=BEFORE)
    gone, old_key = store.add_display("Attic", who=WHO, now=BEFORE)
    store.revoke_display(gone.display_id, who=WHO, now=BEFORE)
    _, far_key = store.add_display("Elsewhere", networks=["10.9.0.0/16"], who=WHO, now=BEFORE)
    store.close()
    office.clock("2026-11-20 14:02 +09:00")
    office.start(KPI_WALL_KEYS="1")
    try:
        screen = open_page(locale="en-US")
        screen.goto(f"{office.url}/wall/small?key={key}&theme=light")
        # The key is out of the address, and the browser has it.
        assert screen.url == f"{office.url}/wall/small?theme=light"
        office.send("a", at="2026-11-19 10:00")
        number(screen, "1")
        [cookie] = screen.context.cookies()
        assert cookie["httpOnly"]
        assert cookie["path"] == "/wall"
        # It is switched off while it hangs.
        settings = open_page(locale="en-US")
        settings.goto(f"{office.url}/settings")
        settings.get_by_text("3F entrance").wait_for(timeout=60 * SECONDS)
        row = settings.locator(f".st-key-settings_display_{hall.display_id}")
        row.get_by_role("button", name="Switch off").click()
        settings.get_by_role("dialog").get_by_role("button", name="Switch it off").click()
        expect(screen.locator("body")).to_have_text(OFF, timeout=SOON)
        screen.reload()
        expect(screen.locator("body")).to_have_text(OFF)
        # One that was switched off before, one in another network, one without a key.
        other = open_page(locale="en-US")
        other.goto(f"{office.url}/wall?key={old_key}")
        expect(other.locator("body")).to_have_text(OFF)
        far = open_page(locale="en-US")
        far.goto(f"{office.url}/wall?key={far_key}")
        expect(far.locator("body")).to_have_text(re.compile("needs its own link"))
        nobody = open_page(locale="en-US")
        nobody.goto(f"{office.url}/wall")
        expect(nobody.locator("body")).to_have_text(re.compile("needs its own link"))
        # The browser reports each answer that is no page of ours: 403.
        assert all("403" in each for each in console_errors)
        console_errors.clear()
        for each in (screen, settings, other, far, nobody):
            each.close()
    finally:
        office.end()


# --- the target is reached ---


def test_a_target_is_celebrated_exactly_once(
    office: Office, open_page: OpenPage, console_errors: list[str]
) -> None:
    wall = open_page(locale="en-US")
    other = open_page(locale="ja-JP", viewport={"width": 1080, "height": 1920})
    for each in (wall, other):
        each.goto(f"{office.url}/wall")
    office.send("a", "b", "c", at="2026-11-19 10:00")
    for each in (wall, other):
        number(each, "3")
        expect(each.locator("#party")).to_have_count(0)
    office.send("d", at="2026-11-20 09:00")
    expect(wall.locator("#party h2")).to_have_text("★ November 2026: target reached")
    expect(wall.locator("#party .big")).to_have_text("4")
    expect(wall.locator("#party")).to_contain_text("Most came by web 100%")
    expect(wall.locator("#party")).to_contain_text("Marketing")
    expect(other.locator("#party h2")).to_have_text("★ 2026年11月 目標達成")
    for each in (wall, other):
        assert each.evaluate(PROBE) == []
    # Not after a reload, and the small mark is there for the rest of the month.
    other.reload()
    number(other, "4")
    expect(other.locator(".mark")).to_have_text("★ 11/20 達成")
    other.wait_for_timeout(2 * SECONDS)
    expect(other.locator("#party")).to_have_count(0)
    # It ends by itself, after half a minute.
    expect(wall.locator("#party")).to_have_count(0, timeout=35 * SECONDS)
    # Not for the next import, nor after a restart.
    office.send("e", at="2026-11-20 10:00")
    number(wall, "5")
    wall.wait_for_timeout(2 * SECONDS)
    expect(wall.locator("#party")).to_have_count(0)
    office.end(Server.kill)
    office.start()
    expect(wall.locator("#said")).to_have_text(re.compile("Checked"), timeout=60 * SECONDS)
    office.send("f", at="2026-11-20 11:00")
    number(wall, "6")
    wall.wait_for_timeout(2 * SECONDS)
    expect(wall.locator("#party")).to_have_count(0)
    console_errors.clear()


def test_a_target_reached_in_the_night_is_celebrated_in_the_morning(
    office: Office, page: Page
) -> None:
    office.clock("2026-11-19 23:10 +09:00")
    page.goto(f"{office.url}/wall?lang=en")
    office.send("a", "b", "c", "d", at="2026-11-19 23:00")
    number(page, "4")
    expect(page.locator("html")).to_have_class(re.compile("asleep"))
    expect(page.locator("#party")).to_have_count(0)
    office.clock("2026-11-20 06:59:58 +09:00")
    expect(page.locator("#party .big")).to_have_text("4", timeout=60 * SECONDS)
    expect(page.locator("html")).not_to_have_class(re.compile("asleep"))


# --- how it looks ---


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}@{}".format(*size))
@pytest.mark.parametrize(("theme", "lang"), LOOKS)
def test_nothing_is_cut_small_or_on_top_of_another(
    busy: Office, open_page: OpenPage, size: tuple[int, int, int], theme: str, lang: str
) -> None:
    width, height, ratio = size
    page = open_page(viewport={"width": width, "height": height}, device_scale_factor=ratio)
    for plan in ("saas", "long"):
        page.goto(f"{busy.url}/wall/{plan}?theme={theme}&lang={lang}")
        expect(page.locator(NUMBER)).to_be_visible()
        expect(page.locator("#said")).not_to_be_empty()
        page.wait_for_timeout(300)
        assert page.evaluate(PROBE) == []


def test_the_document_has_the_number_without_a_script(busy: Office, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{busy.url}/wall/saas?lang=ja")
    assert re.fullmatch(r"\d+", page.inner_text(NUMBER))
    expect(page.locator(".verdict")).to_be_visible()


def test_a_wall_takes_nothing_from_elsewhere_and_says_so(
    busy: Office, page: Page, console_errors: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"{busy.url}/wall/saas")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page.wait_for_timeout(SECONDS)
    assert {url.partition("?")[0] for url in asked} == {f"{busy.url}/wall/saas"} | (
        {"data:,"} & set(asked)
    )
    assert console_errors == []
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.stranger = true";
            document.body.appendChild(script);
        }"""
    )
    assert page.evaluate("() => window.stranger") is None
    assert "Content Security Policy" in console_errors.pop()


def test_plans_take_turns_and_one_that_fails_says_so_small(busy: Office, page: Page) -> None:
    page.goto(f"{busy.url}/wall?plans=saas,broken,long&every=5&lang=en")
    shown = page.locator(".face:not([hidden])")
    expect(shown).to_have_attribute("data-plan", "saas")
    expect(shown).to_have_attribute("data-plan", "broken", timeout=SOON)
    assert page.evaluate(PROBE) in ([], ["nothing is there"])
    expect(shown.locator(".value")).to_have_count(0)
    expect(shown).to_have_attribute("data-plan", "long", timeout=SOON)
    number(page, page.inner_text(NUMBER))
    expect(shown).to_have_attribute("data-plan", "saas", timeout=SOON)


def test_a_wall_says_its_takeaway_to_those_who_do_not_see_it(busy: Office, page: Page) -> None:
    page.goto(f"{busy.url}/wall/saas?lang=en")
    expect(page.get_by_role("img", name=re.compile(r"^MQLs: .* target"))).to_be_attached()


def test_a_browser_that_asks_for_stillness_gets_it(
    tmp_path: Path, busy: Office, open_page: OpenPage
) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto(f"{busy.url}/wall/saas")
    assert page.locator("main").evaluate("e => getComputedStyle(e).transitionDuration") == "0s"


# --- how it gets onto the screen ---


def test_a_board_is_put_on_a_screen_from_the_board(busy: Office, open_page: OpenPage) -> None:
    board = open_page(locale="en-US")
    board.goto(f"{busy.url}/?plan=saas")
    board.get_by_role("button", name="Put it on a screen").click(timeout=60 * SECONDS)
    dialog = board.get_by_role("dialog")
    dialog.get_by_label("Where is the screen?").fill("3F entrance")
    dialog.get_by_role("button", name="Make the link").click()
    link = dialog.get_by_text(re.compile(r"^http\S+/wall/saas\?key=")).first
    expect(link).to_be_visible(timeout=SOON)
    expect(dialog.get_by_role("img").first).to_be_visible()
    screen = open_page(locale="en-US")
    screen.goto(link.inner_text().strip())
    expect(screen.locator(NUMBER)).to_be_visible()
    assert screen.url == f"{busy.url}/wall/saas?lang=en"
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    board.goto(f"{busy.url}/settings")
    expect(board.get_by_text("from 127.0.0.1")).to_be_visible(timeout=60 * SECONDS)


def test_a_board_can_be_embedded(busy: Office, page: Page) -> None:
    page.goto(f"{busy.url}/?embed=true&plan=saas")
    expect(page.locator(".kb-value")).to_be_visible(timeout=60 * SECONDS)


# --- its colours, from the style sheet ---


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    lit = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2]


def contrast(one: str, other: str) -> float:
    """As WCAG counts it: 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _declared(selector: str) -> dict[str, str]:
    found = re.search(rf"^{re.escape(selector)} {{(.*?)}}", style(), re.MULTILINE | re.DOTALL)
    assert found, selector
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", found[1]))


STATES = ("achieved", "on_plan", "attention", "warning", "crisis")


@pytest.mark.parametrize(("theme", "prefix"), [("html", ""), ("html.light", ".light ")])
def test_every_colour_can_be_read(theme: str, prefix: str) -> None:
    room = _declared(theme)
    assert contrast(room["ink"], room["ground"]) >= 7
    assert contrast(room["quiet"], room["ground"]) >= 4.5
    for state in STATES:
        told = _declared(f"{prefix}.s-{state}")
        assert contrast(told["tone"], room["ground"]) >= 4.5, state
        assert contrast(told["on-badge"], told["badge"]) >= 4.5, state
    assert not re.search(r"#fff(fff)?\b|: white\b", style()), "pure white wears a screen"
