"""The Plan page: read by all, changed by those who may."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.reports.plans import plans_in_use
from pages import _lock
from pages._plan import plan_file
from tests.batches import NOW
from tests.pages.conftest import html, opened, run

words = Words(Language.EN)
SECTIONS = ("goal", "number", "targets", "days", "rules", "others", "definition")


def page_of_plan(locale: str = "en-US", **query: str) -> AppTest:
    return opened(locale, at="plan.py", **query)


def unfold(page: AppTest, *keys: str) -> None:
    for key in keys:
        page.session_state[key] = True
    run(page)


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click()
    run(page)


def load(store: Store, text: str, *, since: str | None = None) -> None:
    month = Month.parse(since) if since else None
    found = load_plan(store, text, who="t", why="", effective_from=month, now=NOW)
    assert isinstance(found, Plan), found


def labels(page: AppTest) -> list[str]:
    return [each.label for each in page.button]


def shown(page: AppTest) -> str:
    """All that is written in captions, texts and Markdown."""
    parts = (*page.caption, *page.text, *page.markdown, *page.info, *page.warning, *page.error)
    return "\n".join(str(each.value) for each in parts) + html(page)


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_it_reads_from_the_goal_to_the_definition(demo: Store, locale: str) -> None:
    page = page_of_plan(locale)
    told = Words(Language.of(locale))
    titles = [each.value for each in page.subheader]
    assert titles == [told(f"plan_page.section_{name}") for name in SECTIONS]
    assert labels(page).count(told("plan_page.edit")) == len(SECTIONS)
    seen = html(page)
    # 50 a month are 150 a quarter and 600 a year; checkpoints ask for 10, 20 and 30.
    assert seen.count(">150<") == 4
    assert "600" in seen
    for needed in (10, 20, 30, 50):
        assert f"<b>{needed}</b>" in seen
    assert told("plan_page.not_written") in seen
    assert told("plan_page.unsorted", names=told("funnel.stage_lost")) in seen


def test_without_the_password_it_is_read_and_not_changed(
    demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_lock, "is_open", lambda: False)
    page = page_of_plan()
    assert words("plan_page.edit") not in labels(page)
    assert words("unlock.link") in html(page)
    unfold(page, "plan_history", "plan_plans")
    assert labels(page) == []
    assert not page.get("file_uploader")


def test_a_pencil_opens_one_section_and_a_change_is_not_saved_yet(demo: Store) -> None:
    page = page_of_plan()
    press(page, "plan_pencil_number")
    press(page, "plan_pencil_goal")
    assert labels(page).count(words("plan_page.done")) == 1
    field = next(each for each in page.text_input if each.value == "Orders a month, up 20%")
    field.set_value("Orders, up a fifth")
    run(page)
    assert words("plan_page.unsaved") in shown(page)
    assert words("plan_page.discard") in labels(page)
    # The draft outlives the visit and goes with Discard.
    press(page, "plan_discard")
    assert words("plan_page.unsaved") not in shown(page)
    assert "Orders, up a fifth" not in shown(page)
    assert len(demo.records.revisions("saas")) == 1


def test_a_review_that_is_due_is_said(demo: Store) -> None:
    text = starters()["saas"]
    today = datetime.now(UTC).date()
    for day, said in ((today - timedelta(days=2), "plan_page.review_due"),
                      (today + timedelta(days=9), "plan_page.review_on")):  # fmt: skip
        load(demo, f"review_on = {day}\n{text}", since="2026-01")
        found = words(said, day=f"{day:%b} {day.day}, {day.year}")
        assert found in shown(page_of_plan())


def test_without_a_plan_it_says_how_to_make_one(store: Store) -> None:
    page = page_of_plan()
    assert page.title[0].value == words("plan_page.none_title")
    press(page, "plan_start")
    assert len(plans_in_use(store)) == 1


def test_rules_are_tried_when_asked(demo: Store) -> None:
    page = page_of_plan()
    assert words("plan_page.would_have") not in html(page)
    unfold(page, "plan_trial")
    seen = html(page)
    assert words("plan_page.would_have") in seen
    assert re.search(r"In \d+ of 1\d months: ", seen)
    assert re.search(r"misses it by chance in 1 month of \d+", seen)


def test_back_to_a_revision_is_a_new_revision(demo: Store) -> None:
    text = starters()["saas"]
    load(demo, text.replace("default = 50", "default = 60", 1), since="2026-11")
    page = page_of_plan()
    unfold(page, "plan_history")
    seen = html(page)
    assert "KPI “MQLs” · Target · every month" in seen
    press(page, "plan_history_back_ask")
    page.text_input(key="plan_history_back_1_name").set_value("Sato")
    page.button(key="plan_history_back_1_save").click()
    run(page)
    saved = demo.records.revisions("saas")
    assert saved[-1].text == saved[0].text
    assert (saved[-1].revision, saved[-1].who) == (3, "Sato")
    assert saved[-1].why == words("plan_page.back_reason", number=1)


def test_plans_are_ordered_copied_archived_and_deleted_with_undo(demo: Store) -> None:
    load(demo, starters()["manufacturer"])
    page = page_of_plan()
    unfold(page, "plan_plans")
    press(page, "plan_list_manufacturer_up")
    assert plans_in_use(demo) == ("manufacturer", "saas")
    press(page, "plan_list_saas_copy")
    assert plans_in_use(demo) == ("manufacturer", "saas", "saas-2")
    copy = demo.records.revisions("saas-2")[0].text
    assert 'en = "New SaaS orders (copy)"' in copy
    assert "# A plan: one KGI" in copy
    press(page, "plan_list_manufacturer_delete")
    assert plans_in_use(demo) == ("saas", "saas-2")
    assert words("plan_page.undo") in labels(page)
    press(page, "plan_undo_button")
    assert plans_in_use(demo)[0] == "manufacturer"
    press(page, "plan_list_saas-2_archive")
    run(page)
    assert words("plan_page.is_archived") in shown(page)
    press(page, "plan_list_saas-2_restore")
    assert "saas-2" in plans_in_use(demo)


def test_a_file_is_held_to_the_rules_within_a_second() -> None:
    huge = plan_file.read(b"[" * 5_000_000)
    nested = plan_file.read(b"a = " + b"[" * 100_000)
    latin = plan_file.read("name = 'é'".encode("latin-1"))
    assert [type(each) for each in (huge, nested, latin)] == [plan_file.Wrong] * 3
    good = plan_file.read(b"\xef\xbb\xbf" + starters()["saas"].encode())
    assert isinstance(good, plan_file.PlanFile)
    assert good.plan.id == "saas"


def upload(page: AppTest, content: bytes) -> None:
    unfold(page, "plan_plans")
    page.file_uploader[0].set_value(("plan.toml", content, "application/toml"))
    run(page)


def test_a_file_with_mistakes_saves_nothing(demo: Store) -> None:
    page = page_of_plan()
    upload(page, starters()["saas"].replace("target = 12", "target = -1").encode())
    assert words("plan_page.not_imported", count=1) in shown(page)
    assert "kgi.target" in shown(page)
    assert len(demo.records.revisions("saas")) == 1


def test_a_file_of_a_known_plan_is_a_new_revision_with_its_comments(demo: Store) -> None:
    page = page_of_plan()
    changed = "# Agreed on Monday.\n" + starters()["saas"].replace("target = 12", "target = 40")
    upload(page, changed.encode())
    assert "Goal (KGI) · Target" in html(page)
    page.text_input(key="plan_file_reason").set_value("more")
    press(page, "plan_file_save")
    newest = demo.records.revisions("saas")[-1]
    assert (newest.revision, newest.text, newest.why) == (2, changed, "more")


def test_a_file_of_a_new_plan_is_saved(demo: Store) -> None:
    page = page_of_plan()
    upload(page, starters()["hr-platform"].encode())
    press(page, "plan_file_save")
    assert demo.records.revisions("hr-platform")[0].text == starters()["hr-platform"]


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_a_plan_that_nothing_fits_leads_to_its_definition(demo: Store, locale: str) -> None:
    told = Words(Language.of(locale))
    text = starters()["saas"].replace("at_least = 100 }", "at_least = 10_000_000 }")
    load(demo, text)
    assert told("board.nothing_fits") in [each.value for each in opened(locale).info]
    page = page_of_plan(locale)
    assert told("plan_page.nothing_fits") in [each.value for each in page.warning]
    press(page, "plan_change_definition")
    assert page.session_state["plan_section"] == "definition"
