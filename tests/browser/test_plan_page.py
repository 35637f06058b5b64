"""The Plan page in browsers: a change in the running month, the way back, undo, and two at once."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, OpenPage
from tests.server import Server, start_server

NAME = "とても長い計画の名前" * 12


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A board with the demo on it, to be changed."""
    with start_server(tmp_path, KPI_DEMO="1") as board:
        yield board


def open_plan(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/plan?lang=en")
    expect(page.locator(".kv").nth(6)).to_be_visible()


def edit(page: Page, section: str) -> None:
    page.locator(f".st-key-plan_pencil_{section} button").click()
    expect(page.locator(".st-key-plan_editor")).to_be_visible()


def type_into(page: Page, label: str, text: str) -> None:
    field = page.locator(".st-key-plan_editor").get_by_label(label, exact=True).first
    field.fill(text)
    field.press("Tab")


def save(page: Page, reason: str, name: str = "Sato") -> None:
    panel = page.locator(".st-key-plan_save")
    for key, text in (("plan_edit_name", name), ("plan_edit_reason", reason)):
        field = panel.locator(f".st-key-{key} input")
        field.fill(text)
        field.press("Tab")
    panel.locator(".st-key-plan_edit_save button").click()


def at_rest(page: Page) -> None:
    """Wait until the page shows the newest data: what is behind is drawn again within a second."""
    drawn = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(drawn).to_be_visible()
    page.wait_for_timeout(2_000)
    expect(drawn).to_be_visible()


def saved(page: Page, server: Server) -> dict[str, Any]:
    """The plan as its file says, downloaded from the page."""
    at_rest(page)
    with page.expect_download() as waiting:
        page.locator(".st-key-plan_toml button").click()
    return tomllib.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))


def title(page: Page, name: str) -> Locator:
    return page.locator(".st-key-plan_title").get_by_role("heading", name=name, exact=True)


def number_of_revision(page: Page, number: int) -> None:
    line = page.locator(".st-key-plan_title").get_by_text(f"Revision {number},")
    expect(line).to_be_visible()


def test_a_target_is_changed_in_the_running_month_and_taken_back(
    server: Server, page: Page
) -> None:
    open_plan(page, server)
    edit(page, "targets")
    type_into(page, "Target for every month", "60")
    expect(page.get_by_text("Changed, not saved yet.")).to_be_visible()
    # It outlives a reload: the draft is this browser's.
    page.reload()
    expect(page.get_by_text("Changed, not saved yet.")).to_be_visible()
    expect(page.locator(".kv-total")).to_contain_text("720")
    page.get_by_role("link", name="Review and save").first.click()
    expect(page.locator(".st-key-plan_save")).to_be_in_viewport()
    save(page, "sales asked for it")
    number_of_revision(page, 2)
    expect(page.get_by_text("Changed, not saved yet.")).to_have_count(0)
    assert saved(page, server)["kpi"]["targets"]["default"] == 60
    # The way back, from the history.
    page.get_by_text("History", exact=True).click()
    expect(page.locator(".st-key-plan_bottom")).to_contain_text("sales asked for it")
    page.locator(".st-key-plan_history_back_ask button").click()
    page.locator(".st-key-plan_history_back_1_save button").click()
    number_of_revision(page, 3)
    assert saved(page, server)["kpi"]["targets"]["default"] == 50
    expect(page.locator(".kv-total")).to_contain_text("600")


def test_a_definition_is_changed_counted_under_both_and_taken_back(
    server: Server, page: Page
) -> None:
    open_plan(page, server)
    edit(page, "definition")
    type_into(page, "In words", "Whoever asks from a company of any size")
    page.locator('[class*="_where_kpi_1_remove"] button').click()
    expect(page.locator(".st-key-plan_editor")).to_contain_text("Under the old and the new")
    expect(page.locator(".st-key-plan_editor")).to_contain_text("Version 2")
    save(page, "small companies buy, too")
    number_of_revision(page, 2)
    changed = saved(page, server)
    assert [each["attribute"] for each in changed["kpi"]["where"]] == ["role", "industry"]
    assert changed["kpi"]["definition"]["version"] == 2
    assert "agreed_by" not in changed["kpi"]["definition"]
    page.get_by_text("History", exact=True).click()
    page.locator(".st-key-plan_history_back_ask button").click()
    page.locator(".st-key-plan_history_back_1_save button").click()
    number_of_revision(page, 3)
    back = saved(page, server)["kpi"]
    assert [each["attribute"] for each in back["where"]] == ["role", "employees", "industry"]


def test_a_plan_is_deleted_and_comes_back(server: Server, page: Page, open_page: OpenPage) -> None:
    open_plan(page, server)
    page.get_by_text("All plans", exact=True).click()
    page.locator(".st-key-plan_list_saas_copy button").click()
    expect(page.locator(".st-key-plan_list_saas-2")).to_be_visible()
    wall = open_page(locale="en-US")
    wall.goto(f"{server.url}/wall/saas?lang=en")
    expect(wall.locator("article h1")).to_have_text("MQLs")
    page.locator(".st-key-plan_list_saas_delete button").click()
    expect(title(page, "New SaaS orders (copy)")).to_be_visible()
    expect(wall.locator("body")).not_to_contain_text("MQLs")
    page.locator(".st-key-plan_undo_button button").click()
    expect(page.locator(".st-key-plan_list_saas")).to_be_visible()
    expect(title(page, "New SaaS orders")).to_be_visible()
    expect(wall.locator("article h1")).to_have_text("MQLs")


def test_the_second_of_two_in_the_same_second_sees_what_the_first_changed(
    server: Server, page: Page, open_page: OpenPage
) -> None:
    other = open_page(locale="en-US")
    for each in (page, other):
        open_plan(each, server)
    edit(page, "targets")
    type_into(page, "Target for every month", "60")
    edit(other, "goal")
    type_into(other, "Number to reach", "40")
    for each in (page, other):
        expect(each.get_by_text("Changed, not saved yet.")).to_be_visible()
    save(page, "more")
    number_of_revision(page, 2)
    # The other one is shown it by itself, and has lost nothing.
    panel = other.locator(".st-key-plan_save")
    expect(panel).to_contain_text("every month")
    expect(panel).to_contain_text("60")
    other.locator(".st-key-plan_edit_go_on button").click()
    save(other, "and this", name="Suzuki")
    number_of_revision(other, 3)
    document = saved(other, server)
    assert document["kpi"]["targets"]["default"] == 60
    assert document["kgi"]["target"] == 40


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_long_names_stay_on_the_page(
    server: Server, open_page: OpenPage, size: tuple[int, int]
) -> None:
    page = open_page(locale="ja-JP", viewport={"width": size[0], "height": size[1]})
    page.goto(f"{server.url}/plan?lang=en")
    expect(page.locator(".kv").nth(6)).to_be_visible()
    edit(page, "goal")
    for label in ("The goal", "Unit"):
        field = page.locator(".st-key-plan_editor").get_by_label(label, exact=True)
        field.first.fill(NAME)
        field.first.press("Tab")
    expect(page.get_by_text("Changed, not saved yet.")).to_be_visible()
    page.locator(".st-key-plan_done button").click()
    expect(page.locator(".kv-name").first).to_have_text(NAME)
    width = page.evaluate("document.documentElement.scrollWidth")
    inner = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert max(width, inner) <= size[0]
