"""Pages in a browser: under their own policy, with hostile text in them, and locked."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from kpi_core.i18n.catalog import Language, Words
from tests.browser.conftest import OpenPage
from tests.server import ROOT, Server, start_server

words = Words(Language.EN)
TEXT = "correct horse"
EVIL = "![x](http://evil.example/x.png) :material/thumb_up: :red[b] :tada: $e$ www.evil.example"
FILES = "input[type=file]"
LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation",
    (e) => window.refused.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("board"), KPI_DEMO="1") as board:
        yield board


@pytest.fixture
def asked(page: Page) -> Iterator[list[str]]:
    """The hosts that the page asked anything of; with what its policy refused, on any page."""
    hosts: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(("http", "ws")):
            hosts.append(urlsplit(request.url).hostname or "")

    page.on("request", note)
    page.add_init_script(LISTEN)
    yield hosts
    assert set(hosts) <= {"127.0.0.1"}


def refused(page: Page) -> list[str]:
    """What the policy of the page that is open has refused."""
    found: list[str] = page.evaluate("window.refused")
    return found


def drop(page: Page, board: Server, content: str, name: str) -> None:
    page.goto(f"{board.url}/imports")
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    page.set_input_files(FILES, {"name": name, "mimeType": "text/csv", "buffer": content.encode()})


def test_no_page_that_frames_the_board_may_steer_it(page: Page, board: Server) -> None:
    told = page.request.get(f"{board.url}/_stcore/host-config").json()
    assert (told["allowedOrigins"], told["useExternalAuthToken"]) == ([], False)


def test_every_page_runs_under_its_policy(page: Page, board: Server, asked: list[str]) -> None:
    page.goto(board.url)
    expect(page.locator(".kb-value")).to_be_visible()
    expect(page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first).to_be_visible()
    page.get_by_test_id("stExpander").last.click()  # the trends of the management indicators
    expect(page.locator(".stVegaLiteChart").nth(2)).to_be_visible()
    page.get_by_role("button", name=words("screen.button")).click()
    page.get_by_label(words("screen.name")).fill("hall")
    page.get_by_role("button", name=words("screen.make")).click()
    expect(page.get_by_test_id("stImage").locator("img")).to_be_visible()
    expect(page.get_by_text("KPI_HOST=0.0.0.0 make run")).to_be_visible()
    assert refused(page) == []
    page.goto(f"{board.url}/settings")
    page.get_by_role("button", name=words("settings_page.make"), exact=True).click()
    expect(page.get_by_role("textbox", name=words("settings_page.name"))).to_be_visible()
    assert refused(page) == []
    for path in ("wall", "unlock"):
        page.goto(f"{board.url}/{path}")
        expect(page.locator("h1").first).to_be_visible()
        assert refused(page) == []
    assert asked


def test_a_script_put_into_a_page_does_not_run(
    page: Page, board: Server, console_errors: list[str]
) -> None:
    page.add_init_script(LISTEN)
    page.goto(board.url)
    expect(page.locator(".kb-value")).to_be_visible()
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.src = "http://evil.example/x.png";
            document.body.append(image);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert {each.split()[0] for each in refused(page)} == {"script-src-elem", "img-src"}
    assert len(console_errors) == 2
    console_errors.clear()


def test_a_file_is_shown_and_taken_in_as_text_alone(
    page: Page, board: Server, asked: list[str]
) -> None:
    """Escaping is looked for apart from the policy, which would hold back what it let through."""
    rows = "".join(f'L{n},0{n}/04/2026,"{EVIL}",{n % 3}\n' for n in range(1, 9))
    name = f"{EVIL.replace('/', '_')}.csv"
    drop(page, board, f'id,"{EVIL}","2 {EVIL}",n\n{rows}', name)
    card = page.locator("[class*='st-key-imports_card_']")
    asked_of = card.locator("[class*='st-key-imports_asked_']")
    expect(asked_of).to_be_visible()
    expect(asked_of).to_contain_text("![x](http:")
    page.wait_for_timeout(1500)
    for _ in range(2):  # what is asked, and what was concluded
        looked_at = page.get_by_test_id("stMain")
        assert looked_at.locator("img").count() == 0
        assert looked_at.locator("a[href*='evil']").count() == 0
        assert looked_at.locator(".katex").count() == 0
        text = looked_at.inner_text().replace("\u2060", "")
        assert ":material/thumb_up:" in text
        assert ":tada:" in text
        assert ":red[b]" in text
        fold = card.get_by_test_id("stExpander")
        if fold.count():
            fold.first.click()
            page.wait_for_timeout(1500)
    assert refused(page) == []
    assert "evil.example" not in asked


def test_what_stands_in_a_table_is_downloaded_with_its_marks_alone(
    page: Page, board: Server, asked: list[str]
) -> None:
    """The browser would write a CSV of its own, in which a spreadsheet runs what it finds."""
    drop(page, board, "lead_id,lead_date\nA,=1+1\nB,2026-05-01\n", "odd.csv")
    table = page.get_by_test_id("stDataFrame").last
    expect(table).to_be_visible()
    table.hover()
    page.wait_for_timeout(500)
    for button in page.get_by_label("Download as CSV").all():
        expect(button).to_be_hidden()
    assert refused(page) == []


def test_the_office_password_opens_the_way_on(
    open_page: OpenPage, board: Server, console_errors: list[str]
) -> None:
    set_password(board)
    for language, locale in ((Language.EN, "en-US"), (Language.JA, "ja-JP")):
        told = Words(language)
        page = open_page(locale=locale, viewport={"width": 390, "height": 844})
        page.goto(f"{board.url}/imports")
        link = page.get_by_role("link", name=told("unlock.link"))
        expect(link).to_be_visible()
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_have_count(0)
        link.click()
        page.get_by_label(told("unlock.password")).fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(told("unlock.wrong"))
        console_errors.clear()  # the browser complains of the 403
        page.get_by_label(told("unlock.password")).fill(TEXT)
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
        assert urlsplit(page.url).path == "/imports"
        (cookie,) = [each for each in page.context.cookies() if each["name"] == "kpi_unlocked"]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    # What is changed locks pages that are open.
    set_password(board)
    expect(page.get_by_role("link", name=told("unlock.link")).first).to_be_visible()


def set_password(board: Server) -> None:
    subprocess.run(
        [sys.executable, "-m", "kpi_core", "password", "set", "--stdin"],
        cwd=ROOT,
        env={"KPI_DATA": str(board.data), "PATH": str(Path(sys.executable).parent)},
        input=f"{TEXT}\n".encode(),
        capture_output=True,
        check=True,
    )
