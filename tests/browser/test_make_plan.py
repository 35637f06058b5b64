"""From data to a board of one's own, in a browser: clicked through, and left in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kpi_core.facts.store import open_store
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from tests.browser.conftest import PATIENCE_MS, OpenPage
from tests.server import start_server

WORDS = {
    "en": {
        "goal": "The goal",
        "next": "Next",
        "won": "Won deals",
        "year": "+20% on last year",
        "choose": "Choose",
        "use": "Use ",
        "save": "Put it on the board",
        "targets": "How much a month?",
    },
    "ja": {
        "goal": "目標（KGI）",
        "next": "次へ",
        "won": "受注",
        "year": "前年比+20%",
        "choose": "選ぶ",
        "use": "にする",
        "save": "ボードに表示する",
        "targets": "毎月いくつを目指しますか",
    },
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


def press(page: Page, name: str, nth: int = 0) -> None:
    """Press a button once the page has been drawn: one that moves meanwhile loses the click."""
    drawn = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(drawn).to_be_visible()
    page.get_by_role("button", name=name).nth(nth).click()


def answer_goal(page: Page, url: str, language: str) -> None:
    words = WORDS[language]
    page.goto(f"{url}/make_plan?lang={language}")
    field = page.get_by_label(words["goal"], exact=True)
    field.fill("New orders")
    field.press("Tab")
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name=words["won"], exact=True).click()
    expect(page.get_by_role("button", name=words["year"])).to_be_visible()
    day = page.locator('[data-testid="stDateInput"] input').first
    day.fill("2099-03-31")
    day.press("Enter")
    press(page, words["year"])
    expect(page.locator('[data-testid="stNumberInput"] input').first).not_to_have_value("")


def answer_number(page: Page, language: str) -> None:
    words = WORDS[language]
    press(page, words["next"])
    press(page, words["choose"], nth=1)
    expect(page.locator(".kb-small .kb-value")).to_be_visible()
    press(page, words["next"])
    expect(page.get_by_text(words["targets"])).to_be_visible()


@pytest.mark.parametrize(("language", "looks"), [("en", {}), ("ja", PHONE)])
def test_three_answers_lead_to_a_board(
    tmp_path: Path, open_page: OpenPage, language: str, looks: dict[str, object]
) -> None:
    page = open_page(**looks)
    words = WORDS[language]
    with start_server(tmp_path, KPI_DEMO="1") as board:
        answer_goal(page, board.url, language)
        answer_number(page, language)
        press(page, words["use"])
        press(page, words["save"])
        expect(page.locator(".kb:not(.kb-small) .kb-value")).to_be_visible()
        assert "plan=new-orders" in page.url
        page.close()
    store = open_store(board.data)
    newest = store.records.revisions("new-orders")[-1]
    first = store.records.plan_ids()[0]
    store.close()
    plan = read_plan(newest.text)
    assert isinstance(plan, Plan)
    assert first == "new-orders"
    assert (plan.kpi[0].id, plan.kgi.indicator) == ("mqls", "won_deals")


def test_answers_outlive_a_server_that_is_restarted_between_two_questions(
    tmp_path: Path, page: Page, console_errors: list[str]
) -> None:
    with start_server(tmp_path, KPI_DEMO="1") as first:
        answer_goal(page, first.url, "en")
        answer_number(page, "en")
        first.kill()
    with start_server(tmp_path, port=first.port, KPI_DEMO="1"):
        page.reload()
        expect(page.get_by_text(WORDS["en"]["targets"])).to_be_visible()
        expect(page.locator(".kb-small .kb-value")).to_be_visible()
        page.close()
    console_errors.clear()  # the browser complains while there is no server
