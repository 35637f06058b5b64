"""What the wall's script does with what it is told, and when it is told nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words
from kpi_core.web.wall.document import document, notice
from kpi_core.web.wall.screen import Screen
from kpi_core.web.wall.view import View
from tests.browser.conftest import OpenPage
from tests.browser.wall_shown import NUMBER, SECONDS, number
from tests.browser.wall_still import Still, page_of

NOON = datetime.fromisoformat("2026-11-20 12:00")
WORDS = Words(Language.EN)
OFF = WORDS("wall.off")
SIGN_IN = "<!doctype html><title>Sign in</title><p>Sign in"


def shown(value: str, heard: str = "", plan: str = "a") -> View:
    """A face with a number."""
    html = (
        f'<article class="face s-on_plan" data-plan="{plan}" data-heard="{heard}">'
        f'<header><h1>Enquiries</h1></header><p class="value">{value}</p></article>'
    )
    return View(plan, Status.ON_PLAN, f"● {value} – Enquiries", html, heard)


def party(title: str, *, record: bool = False) -> dict[str, object]:
    html = f'<h2>{title}</h2><p class="big">4</p><p>Thank you</p>'
    return {"html": html, "seconds": 30, "record": record}


@pytest.fixture
def wall(page: Page) -> Still:
    """A screen on which time goes on when it is told to."""
    page.clock.install(time=NOON - timedelta(minutes=1))
    page.clock.pause_at(NOON)
    return Still(page)


def begin(wall: Still, *faces: View, lang: str = "en") -> None:
    wall.send(page_of(*faces, lang=lang))
    wall.page.goto("http://wall.test/wall")
    wall.page.clock.run_for(SECONDS)
    assert is_old(wall)


def is_old(wall: Still) -> bool:
    """Whether it is still the page that was opened.

    Counted here: a page that is just being replaced answers nothing.
    """
    return wall.loads == 1


def let_time_pass(wall: Still, happens: Callable[[], bool]) -> None:
    """Half a minute at a time; between them answers arrive, which know nothing of the clock."""
    for _ in range(100):
        if happens():
            return
        wall.page.clock.run_for(31 * SECONDS)
        wall.page.wait_for_timeout(100)
    raise AssertionError("It does not happen.")


# --- what is celebrated ---


def test_two_celebrations_follow_one_another(wall: Still) -> None:
    begin(wall, shown("4"))
    wall.tell(party=party("first"))
    wall.tell(party=party("second"))
    heading = wall.page.locator("#party h2")
    expect(heading).to_have_text("first")
    wall.page.clock.fast_forward(30 * SECONDS)
    expect(heading).to_have_text("second")
    wall.page.clock.fast_forward(30 * SECONDS)
    expect(heading).to_have_count(0)


def test_a_record_is_a_bigger_moment(wall: Still) -> None:
    begin(wall, shown("4"))

    def look(*, record: bool) -> tuple[float, str]:
        wall.tell(party=party("reached", record=record))
        size, ground = wall.page.locator("#party").evaluate(
            """party => [parseFloat(getComputedStyle(party.querySelector(".big")).fontSize),
                         getComputedStyle(party).backgroundColor]"""
        )
        wall.page.clock.fast_forward(30 * SECONDS)
        return size, ground

    (size, ground), (larger, gold) = look(record=False), look(record=True)
    assert larger > 1.25 * size
    assert gold != ground


# --- a screen that is switched off ---


def test_a_screen_switched_off_in_the_middle_of_a_celebration_says_nothing_else(
    wall: Still, console_errors: list[str]
) -> None:
    begin(wall, shown("4"))
    wall.tell(party=party("first"))
    wall.tell(party=party("second"))
    wall.send(notice(WORDS, OFF), status=403)
    wall.tell(off=OFF)
    for _ in range(2):
        wall.page.clock.fast_forward(30 * SECONDS)
    expect(wall.page.locator("body")).to_have_text(OFF)
    expect(wall.page).to_have_title(OFF)
    assert not [each for each in console_errors if "403" not in each]
    console_errors.clear()


def test_what_is_said_all_year_moves_too_and_can_be_read(
    wall: Still, console_errors: list[str]
) -> None:
    begin(wall, shown("4"))
    wall.send(notice(WORDS, OFF), status=403)
    wall.tell(off=OFF)
    wall.page.clock.run_for(91 * SECONDS)
    told = wall.page.locator(".off")
    assert "translate" in told.evaluate("each => each.style.transform")
    least = 720 * 3.65 / 100
    assert told.evaluate("each => parseFloat(getComputedStyle(each).fontSize)") > least
    console_errors.clear()


def test_a_page_that_only_says_something_comes_back_by_itself(
    wall: Still, console_errors: list[str]
) -> None:
    wall.send(notice(WORDS, OFF), status=403)
    wall.page.goto("http://wall.test/wall")
    wall.page.clock.run_for(91 * SECONDS)
    told = wall.page.locator(".off")
    assert "translate" in told.evaluate("each => each.style.transform")
    wall.send(page_of(shown("4")))
    let_time_pass(wall, lambda: wall.page.locator(NUMBER).count() == 1)
    number(wall.page, "4")
    console_errors.clear()


def test_a_page_that_only_says_something_comes_back_without_a_script(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    html, _ = notice(WORDS, OFF)
    wall = Still(page)
    wall.send((re.sub(r'(?<=content=")\d+(?=")', "1", html), None))
    page.goto("http://wall.test/wall")
    wall.send(page_of(shown("4")))
    number(page, "4")


# --- loading anew ---


@pytest.mark.parametrize(
    ("html", "status"),
    [("Not found", 404), (SIGN_IN, 200), ("Bad gateway", 502)],
    ids=["404", "sign-in", "502"],
)
def test_a_wall_is_replaced_by_a_page_of_ours_alone(
    wall: Still, console_errors: list[str], html: str, status: int
) -> None:
    begin(wall, shown("4"))
    wall.send((html, None), status=status)
    wall.tell(build="another")
    let_time_pass(wall, lambda: wall.asked > 4)
    assert is_old(wall)
    # Meanwhile it goes on showing what is true.
    wall.show(shown("5"))
    number(wall.page, "5")
    wall.send(page_of(shown("6")))
    let_time_pass(wall, lambda: not is_old(wall))
    number(wall.page, "6")
    console_errors.clear()


def test_a_wall_that_hangs_elsewhere_now_is_loaded_with_its_sizes(wall: Still) -> None:
    begin(wall, shown("4"))
    wall.tell(least=3.65)
    wall.page.clock.run_for(31 * SECONDS)
    assert is_old(wall)
    wall.send(page_of(shown("4"), least=5.84))
    wall.tell(least=5.84)
    let_time_pass(wall, lambda: not is_old(wall))
    expect(wall.page.locator("html")).to_have_attribute("data-least", "5.84")


# --- what it says of itself ---


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", "No connection since Nov 20 12:00"), ("ja", "11/20 12:00 から接続が切れています")],
)
def test_a_long_silence_is_dated_as_the_board_writes_dates(
    wall: Still, lang: str, told: str
) -> None:
    begin(wall, shown("4"), lang=lang)
    wall.page.evaluate("() => window.lines[0].onclose()")
    wall.page.clock.fast_forward("13:00:00")
    expect(wall.page.locator("#said")).to_have_text(told)


def test_after_a_quarter_of_an_hour_without_a_connection_the_number_is_grey(wall: Still) -> None:
    begin(wall, shown("4"))
    wall.page.evaluate("() => window.lines[0].onclose()")
    wall.page.clock.fast_forward("14:00")
    html = wall.page.locator("html")
    expect(html).to_have_class(re.compile(r"\blost\b"))
    expect(html).not_to_have_class(re.compile("long-lost"))
    wall.page.clock.fast_forward("02:00")
    expect(html).to_have_class(re.compile("long-lost"))
    opacity = wall.page.locator(".value").evaluate("each => getComputedStyle(each).opacity")
    assert float(opacity) < 0.6
    # Found again, it is as it was.
    lines = int(wall.page.evaluate("() => window.lines.length"))
    let_time_pass(wall, lambda: wall.page.evaluate("() => window.lines.length") > lines)
    wall.tell(asleep=False)
    expect(html).not_to_have_class(re.compile("lost"))


def test_what_is_heard_is_the_takeaway_and_nothing_else(wall: Still) -> None:
    begin(wall, shown("4", "Enquiries: 4."))
    live = wall.page.locator("[aria-live]")
    expect(live).to_have_count(1)
    expect(live).to_have_text("Enquiries: 4.")
    wall.show(shown("5", "Enquiries: 5."))
    expect(live).to_have_text("Enquiries: 5.")
    wall.tell(asleep=True)
    heard = wall.page.locator("#heard")
    assert "Enquiries: 5." in heard.aria_snapshot()
    box = heard.bounding_box()
    assert box is not None
    assert box["width"] < 1


def test_faces_that_take_turns_are_not_read_out_one_after_another(wall: Still) -> None:
    begin(wall, shown("4", "A: 4."), shown("7", "B: 7.", plan="b"))
    heard = wall.page.locator("#heard")
    expect(heard).to_have_attribute("aria-live", "off")
    expect(heard).to_have_text("A: 4.")
    wall.page.clock.run_for(20 * SECONDS)
    expect(heard).to_have_text("B: 7.")
    expect(wall.page.locator(NUMBER)).to_have_text("7")


def test_a_sound_is_made_where_it_was_asked_for(wall: Still) -> None:
    screen = Screen((), Language.EN, light=False, every=20, sound=True)
    wall.page.add_init_script(
        """window.notes = 0;
        window.AudioContext = function () {
          const node = () => ({
            connect() {}, start() { window.notes += 1; }, stop() {}, frequency: {},
            gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} },
          });
          const close = () => { window.silent = true; };
          return { currentTime: 0, createOscillator: node, createGain: node, close };
        };"""
    )
    sent = document(screen, (shown("4"),), WORDS, live="/wall/_live", least=3.65, asleep=False)
    wall.send(sent)
    wall.page.goto("http://wall.test/wall")
    wall.page.clock.run_for(SECONDS)
    wall.tell(party=party("first"))
    assert wall.page.evaluate("() => window.notes") == 4
    wall.page.clock.run_for(5 * SECONDS)
    assert wall.page.evaluate("() => window.silent")
