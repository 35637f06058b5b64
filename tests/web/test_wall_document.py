"""The wall's document by itself: its sizes and colours, its policy, and when it is another."""

import re

import pytest

from kpi_core.charts.palette import WALLS
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Language, Words, entries
from kpi_core.web.wall import document as made
from kpi_core.web.wall.document import build, document, notice, policy, script, sizes, style
from kpi_core.web.wall.screen import Screen
from kpi_core.web.wall.view import View

WORDS = Words(Language.EN)
FACE = View("a", Status.ON_PLAN, "● 4 – A", '<article class="face">4</article>', "A: <4>.")


def page(*faces: View, least: float = 3.65, host: str = "") -> tuple[str, str]:
    screen = Screen((), Language.EN, light=False, every=20, sound=False)
    return document(screen, faces, WORDS, live="/wall/_live", least=least, asleep=False, host=host)


# --- sizes and colours ---


@pytest.mark.parametrize("least", [0.5, 3.65, 6.27, 30.0])
def test_no_text_is_smaller_than_can_be_read(least: float) -> None:
    told = {
        name: float(size) for name, size in re.findall(r"--([\w-]+):([\d.]+)vmin", sizes(least))
    }
    assert told["least"] == least
    assert min(told.values()) == least
    assert told["title"] == max(4.4, least)
    # Every size that the style sheet asks for is there.
    assert set(re.findall(r"font-size: var\(--([\w-]+)\)", style())) <= told.keys()


def test_the_smallest_text_is_told_so_that_the_screen_hears_of_another() -> None:
    assert 'data-least="5.84"' in page(FACE, least=5.8412)[0]


def test_the_colours_are_those_of_the_palette() -> None:
    sheet = style()
    for theme, html, within in (("dark", "html", ""), ("light", "html.light", ".light ")):
        palette = WALLS[theme]
        assert f"\n{html} {{ --ground: {palette.ground}; --ink: {palette.ink};" in sheet
        for status in Status:
            fill, text = palette.badge(status)
            told = f"--tone: {palette.tone(status)}; --badge: {fill}; --on-badge: {text};"
            assert f"\n{within}.s-{status.value} {{ {told} }}" in sheet
    assert f"\nhtml.light.asleep {{ --ground: {WALLS['dark'].ground};" in sheet
    colours = re.findall(r"#[0-9a-f]{3,8}\b", made._text("wall.css"))
    assert colours == []  # the sheet itself has none


# --- what old televisions can do ---


def test_the_sheet_asks_for_nothing_that_chromium_76_has_not_without_another_way() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", style(), flags=re.DOTALL)
    assert re.findall(r"(?<![\w-])(?:max|min|clamp)\(", sheet) == []
    assert re.findall(r"(?<![\w-])(?:gap|inset|aspect-ratio):", sheet) == []
    assert re.findall(r":(?:is|where|has)\(|&", sheet) == []
    assert "overflow-wrap: break-word; overflow-wrap: anywhere" in sheet
    assert "word-break: break-word; word-break: auto-phrase" in sheet


def test_the_script_is_of_a_time_before_arrows() -> None:
    assert re.findall(r"=>|`|\?\.|\?\?|\b(?:let|const|class|async|await)\s", script()) == []


# --- its policy ---


@pytest.mark.parametrize("host", ["wall.example:8501", "192.168.3.9", "localhost:80", "a-b.c"])
def test_the_line_is_allowed_by_name(host: str) -> None:
    assert f"connect-src 'self' ws://{host} wss://{host};" in page(FACE, host=host)[1]


@pytest.mark.parametrize(
    "host", ["", "a b", "a;script-src *", "a'", "*", "*.example", "[::1]:80", "a/b", "a:1:2", "a\n"]
)
def test_a_host_that_is_none_is_not_in_the_policy(host: str) -> None:
    assert "; connect-src 'self'; " in policy("", host)


# --- what is said to those who do not see it ---


def test_one_line_is_read_out_and_no_more() -> None:
    html, _ = page(FACE)
    assert html.count("aria-live") == 1
    assert '<p id="heard" aria-live="polite">A: &lt;4&gt;.</p>' in html
    assert '<p id="heard" aria-live="off">A: &lt;4&gt;.</p>' in page(FACE, FACE)[0]


# --- a page that only says something ---


def test_a_page_that_only_says_something_asks_again() -> None:
    html, told = notice(WORDS, "This display was <off>")
    assert "This display was &lt;off&gt;" in html
    assert '<noscript><meta http-equiv="refresh" content="120"></noscript>' in html
    assert f"<script>{script()}</script>" in html
    assert f'data-build="{build()}"' in html
    assert f"script-src '{made._hash(script())}'" in told
    assert "connect-src 'self'" in told
    [sheet] = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    assert f"style-src '{made._hash(sheet)}'" in told


# --- when it is another ---


@pytest.mark.parametrize("language", Language)
def test_other_words_make_another_document(
    monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    before = build()
    assert re.fullmatch("[0-9a-f]{12}", before)
    monkeypatch.setitem(entries(language), "wall.lost", "{time} …")
    build.cache_clear()
    after = build()
    monkeypatch.undo()
    build.cache_clear()
    assert after != before
    assert build() == before


def test_another_document_around_them_makes_another_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = build()
    monkeypatch.setattr(made, "_notice", lambda *_, **__: "<html></html>")
    build.cache_clear()
    after = build()
    monkeypatch.undo()
    build.cache_clear()
    assert after != before
