"""The imports page as a visitor uses it: files dropped, questions answered, imports begun."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from kpi_core.i18n.catalog import Language, Words
from tests.browser.conftest import OpenPage
from tests.server import start_server

FILES = "input[type=file]"
MAVEN = "exports/maven_crm/sales_pipeline.csv"
OLIST = "exports/olist_funnel/olist_marketing_qualified_leads_dataset.csv"
AMBIGUOUS = "torture/made_here/dates_ambiguous.csv"
LATIN = "id,created,company\n1,2026-05-01,Müller\n2,2026-05-02,Besançon\n".encode("latin-1")
LIMIT_MB = 100
MANY = 3_000_000
"""Rows that take longer to import than a click on Cancel."""
MOST_QUESTIONS = 10

PLACE = {Language.EN: "en-US", Language.JA: "ja-JP"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("board")
    with start_server(folder, KPI_UPLOAD_LIMIT_MB=str(LIMIT_MB)) as board:
        yield board.url


@pytest.fixture(params=Language)
def words(request: pytest.FixtureRequest) -> Words:
    """The words of each language in turn."""
    return Words(request.param)


def visit(open_page: OpenPage, url: str, words: Words) -> Page:
    """The imports page in a language."""
    page = open_page(locale=PLACE[words.language], viewport={"width": 1280, "height": 1600})
    page.goto(f"{url}/imports")
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible(timeout=30_000)
    return page


def drop(page: Page, files: Iterable[Path]) -> None:
    page.set_input_files(FILES, [str(file) for file in files])


def card(page: Page, name: str) -> Locator:
    """The card of a file."""
    cards = page.locator("[class*='st-key-imports_card_']")
    return cards.filter(has=page.locator(".ki-file b", has_text=re.compile(f"^{re.escape(name)}$")))


def badge(where: Page | Locator) -> Locator:
    """How far a file has come, in words, on its card; none while something is under way."""
    return where.locator("[class*='st-key-imports_calm_']")


def busy(where: Page | Locator) -> Locator:
    """What is under way on a card; none while it waits for its visitor."""
    return where.locator("[class*='st-key-imports_busy_']")


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def with_a_row_of_its_own(file: Path, folder: Path, mark: str) -> Path:
    """A copy whose last row comes once more, with another id and under another name."""
    content = file.read_text(encoding="utf-8")
    last = content.rstrip("\n").rpartition("\n")[2].partition(",")[2]
    copy = folder / f"{mark} {file.name}"
    copy.write_text(f"{content}{mark},{last}\n", encoding="utf-8")
    return copy


def test_two_real_files_go_in_together(
    open_page: OpenPage, url: str, words: Words, shared: Path, tmp_path: Path
) -> None:
    page = visit(open_page, url, words)
    # What the other language's visitor has brought in is known: one row of each file is new.
    files = [
        with_a_row_of_its_own(shared / name, tmp_path, words.language) for name in (MAVEN, OLIST)
    ]
    drop(page, files)
    ready = re.compile(words("imports.state_ready"))
    expect(badge(page)).to_have_text([ready, ready], timeout=60_000)
    press(page, words("imports.confirm_all", count=2))
    done = re.compile(words("imports.state_imported"))
    expect(badge(page)).to_have_text([done, done], timeout=60_000)
    ledger = page.locator(".ki-entry b")
    for file in files:
        expect(ledger.filter(has_text=file.name)).to_have_count(1, timeout=10_000)


def test_a_date_order_is_asked_answered_and_imported(
    open_page: OpenPage, url: str, words: Words, shared: Path, tmp_path: Path
) -> None:
    page = visit(open_page, url, words)
    content = (shared / AMBIGUOUS).read_bytes()
    file = tmp_path / f"dates {words.language}.csv"
    # A column of its own: what the other language's visitor answered is kept for the same shape.
    subject = f"created {words.language}"
    file.write_bytes(content.replace(b"created", subject.encode()))
    drop(page, [file])
    one = card(page, file.name)
    order = one.get_by_role("radiogroup", name=words("questions.order", subject=subject))
    expect(order).to_be_visible(timeout=30_000)
    expect(order).to_contain_text("2026-04-03")
    expect(order).to_contain_text("2026-03-04")
    first = words("questions.order_day-month")
    answer(one, order.get_by_text(first, exact=True).click)
    answer_the_rest(one, words)
    press(one, words("imports.confirm"))
    expect(badge(one)).to_contain_text(words("imports.state_imported"), timeout=30_000)


def answer(one: Locator, choose: Callable[[], None]) -> None:
    """Give an answer, and wait until the card has taken it: it then asks something else."""
    told = badge(one).inner_text()
    choose()
    expect(badge(one)).not_to_have_text(told, timeout=30_000)
    expect(one.page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=30_000
    )
    expect(busy(one)).to_have_count(0, timeout=30_000)


def answer_the_rest(one: Locator, words: Words) -> None:
    """Take the first answer to every other question, until the file can be imported."""
    page = one.page
    asked = one.locator("[class*='st-key-imports_q_']")
    lists = asked.filter(has=page.locator("input[role=combobox][value='']"))
    choices = asked.filter(has=page.get_by_role("radio"), has_not=page.locator("input:checked"))
    ready = badge(one).filter(has_text=words("imports.state_ready"))

    def take_one_of_a_list() -> None:
        lists.first.get_by_role("combobox").click()
        page.get_by_role("option").first.click()

    for _ in range(MOST_QUESTIONS):
        expect(ready.or_(choices).or_(lists).first).to_be_visible(timeout=30_000)
        if ready.count():
            return
        if choices.count():
            labels = choices.first.locator("label").filter(has=page.get_by_role("radio"))
            answer(one, labels.first.click)
        else:
            answer(one, take_one_of_a_list)
    raise AssertionError("There is no end of questions.")


def test_an_encoding_is_chosen_by_how_the_cells_read(
    open_page: OpenPage, url: str, words: Words, tmp_path: Path
) -> None:
    page = visit(open_page, url, words)
    file = tmp_path / f"latin {words.language}.csv"
    file.write_bytes(LATIN)
    drop(page, [file])
    one = card(page, file.name)
    question = one.get_by_role("radiogroup", name=words("questions.encoding"))
    expect(question).to_contain_text("Besançon", timeout=30_000)
    question.get_by_text("Windows-1252").click()
    expect(one.locator(".ki-file span")).to_contain_text("CP1252")
    expect(one.get_by_text(words("questions.grain"))).to_be_visible(timeout=30_000)


def test_a_running_import_is_cancelled_and_leaves_nothing(
    open_page: OpenPage, words: Words, tmp_path: Path
) -> None:
    # So many rows that the click comes before the import is committed: then it has no effect.
    with start_server(tmp_path, KPI_UPLOAD_LIMIT_MB="400") as board:
        _cancel_an_import(visit(open_page, board.url, words), words, tmp_path)


def _cancel_an_import(page: Page, words: Words, tmp_path: Path) -> None:
    file = tmp_path / f"many {words.language}.csv"
    with file.open("w") as out:
        out.write("lead_id,lead_date,mql_date,sql_date,won_date\n")
        for row in range(MANY):
            day = f"2025-{row % 12 + 1:02d}-{row % 28 + 1:02d}"
            out.write(f"{words.language}{row},{day},{day},{day},{day}\n")
    drop(page, [file])
    one = card(page, file.name)
    expect(badge(one)).to_contain_text(words("imports.state_ready"), timeout=90_000)
    press(one, words("imports.confirm"))
    press(one, words("imports.cancel"))
    expect(one.get_by_text(words("imports.cancelled"))).to_be_visible(timeout=30_000)
    expect(one.get_by_role("button", name=words("imports.confirm"), exact=True)).to_be_enabled()
    expect(page.locator(".ki-entry b", has_text=file.name)).to_have_count(0)
    page.close()


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    open_page: OpenPage, url: str, words: Words, tmp_path: Path
) -> None:
    page = visit(open_page, url, words)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    large = tmp_path / "large.csv"
    with large.open("wb") as out:
        out.truncate((LIMIT_MB + 1) * 1024 * 1024)
    drop(page, [large])
    chip = page.get_by_test_id("stFileChip")
    expect(chip).to_be_visible()
    told = chip.evaluate("chip => getComputedStyle(chip, '::after').content")
    assert words("imports.too_large", limit=LIMIT_MB) in told
    assert not any("upload_file" in each for each in sent)
    expect(page.locator("[class*='st-key-imports_card_']")).to_have_count(0)
