"""The wall as it is seen: on every screen, in both languages and themes, and by nobody else."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from kpi_core.demo.load import load_demo
from kpi_core.facts.store import Store, open_store
from kpi_core.web.wall.document import style
from tests.batches import Event, at, batch
from tests.browser.conftest import OpenPage
from tests.browser.wall_server import BEFORE, FRIDAY, WHO, Office, put
from tests.browser.wall_shown import (
    NUMBER,
    PATIENCE,
    PROBE,
    SECONDS,
    connected,
    number,
    stand_still,
)

HD = (1920, 1080, 1)
SIZES = [(1280, 720, 1), HD, (3840, 2160, 1), (1920, 1080, 2), (1080, 1920, 1)]
LOOKS = [
    *((size, "dark", lang) for lang in ("ja", "en") for size in SIZES),
    *((HD, "light", lang) for lang in ("ja", "en")),
]
"""A theme changes colours and nothing else: of the light one, one size will do."""
LARGE = 1234567891234
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


def commit_a_large_amount(store: Store) -> None:
    """As part of the demo, which would go with the first import of one's own."""
    event = Event("large", "marketing_qualified", at("2026-11-04 10:00"), amount=LARGE)
    said = batch(event, source="large", name="large.csv", demo=True)
    store.commit(said, who=WHO, now=datetime.fromisoformat("2026-11-20 14:00"))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demo, a plan with the longest names and the largest numbers, and one that is broken."""
    office = Office(tmp_path_factory.mktemp("busy"))
    store = open_store(office.data)
    load_demo(store, now=datetime.fromisoformat(FRIDAY))
    put(store, LONG)
    commit_a_large_amount(store)
    store.save_revision(
        "broken", "id = 1", effective_from=None, why="", tallies=(), who=WHO, now=BEFORE
    )
    store.close()
    office.clock(FRIDAY)
    office.start()
    yield office
    office.end()


def told(part: tuple[int, int, int] | str) -> str:
    return part if isinstance(part, str) else "{}x{}@{}".format(*part)


@pytest.mark.parametrize(("size", "theme", "lang"), LOOKS, ids=told)
def test_nothing_is_cut_small_or_on_top_of_another(
    busy: Office, open_page: OpenPage, size: tuple[int, int, int], theme: str, lang: str
) -> None:
    width, height, ratio = size
    page = open_page(viewport={"width": width, "height": height}, device_scale_factor=ratio)
    for plan in ("saas", "long"):
        page.goto(f"{busy.url}/wall/{plan}?theme={theme}&lang={lang}")
        connected(page)
        expect(page.locator(NUMBER)).to_be_visible()
        expect(page.locator("#said")).not_to_be_empty()
        assert page.evaluate(PROBE) == []


def test_the_document_has_the_number_without_a_script(busy: Office, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{busy.url}/wall/saas?lang=ja")
    assert re.fullmatch(r"\d+", page.inner_text(NUMBER))
    expect(page.locator(".badge")).to_be_visible()


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
    connected(page)
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
    stand_still(page)
    page.goto(f"{busy.url}/wall?plans=saas,broken,long&every=5&lang=en")
    page.clock.run_for(SECONDS)
    connected(page)
    shown = page.locator(".face:not([hidden])")
    expect(shown).to_have_attribute("data-plan", "saas")
    of_the_demo = page.inner_text(NUMBER)
    assert of_the_demo.isdigit()
    page.clock.fast_forward(3 * SECONDS)
    expect(shown).to_have_attribute("data-plan", "saas")
    page.clock.fast_forward(5 * SECONDS)
    expect(shown).to_have_attribute("data-plan", "broken")
    assert page.evaluate(PROBE) in ([], ["nothing is there"])
    expect(shown.locator(".value")).to_have_count(0)
    page.clock.fast_forward(5 * SECONDS)
    expect(shown).to_have_attribute("data-plan", "long")
    number(page, "1.23T")
    page.clock.fast_forward(5 * SECONDS)
    expect(shown).to_have_attribute("data-plan", "saas")
    number(page, of_the_demo)


def test_a_wall_says_its_takeaway_to_those_who_do_not_see_it(busy: Office, page: Page) -> None:
    page.goto(f"{busy.url}/wall/saas?lang=en")
    expect(page.get_by_role("img", name=re.compile(r"^MQLs: .* target"))).to_be_attached()


def test_a_browser_that_asks_for_stillness_gets_it(busy: Office, open_page: OpenPage) -> None:
    def fading(motion: str) -> str:
        page = open_page(reduced_motion=motion)
        page.goto(f"{busy.url}/wall/saas")
        told: str = page.locator("main").evaluate("e => getComputedStyle(e).transitionDuration")
        return told

    assert fading("no-preference") == "2s"
    assert fading("reduce") == "0s"


def test_a_board_can_be_embedded(busy: Office, page: Page) -> None:
    page.goto(f"{busy.url}/?embed=true&plan=saas")
    expect(page.locator(".kb-value")).to_be_visible(timeout=PATIENCE)


# --- its colours, from the style sheet ---


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    lit = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2]


def contrast(one: str, other: str) -> float:
    """As WCAG counts it: 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """One colour with a share of opacity over the other."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _declared(selector: str) -> dict[str, str]:
    found = re.search(rf"^{re.escape(selector)} {{(.*?)}}", style(), re.MULTILINE | re.DOTALL)
    assert found, selector
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", found[1]))


STRIP = 0.2
"""How much of the status's tone a rule's strip has."""
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
        # On a rule's strip: why it is in force, and all the rest of it in ink.
        strip = mixed(told["tone"], room["ground"], STRIP)
        why = room["ink"] if prefix else told["tone"]
        assert min(contrast(why, strip), contrast(room["ink"], strip)) >= 4.5, state
    assert not re.search(r"#fff(fff)?\b|: white\b", style()), "pure white wears a screen"
