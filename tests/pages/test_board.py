"""The board's page: one report, drawn from top to bottom. Colours and sizes: tests/browser."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_core.demo.load import demo_files, load_demo
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.reports.board import board_report
from pages import _runtime
from tests.batches import Event as Fact
from tests.batches import at, batch
from tests.pages.conftest import html, opened


def test_an_empty_store_offers_the_demo_and_the_way_in(data_folder: Path) -> None:
    page = opened("en-US")
    assert page.title[0].value == "Import your first data"
    page.button[0].click().run()
    assert not page.exception
    assert "kb-value" in html(page)


def test_facts_without_a_plan_are_offered_those_that_ship(data_folder: Path) -> None:
    store = open_store(data_folder)
    for name, content, mapping in demo_files(date(2026, 11, 22)):
        now = datetime.fromisoformat("2026-11-22 09:00")
        import_file(store, content, name, mapping, who="t", now=now)
    store.close()
    page = opened("en-US")
    assert page.title[0].value == "Choose a plan"
    assert page.selectbox[0].options[0] == "New SaaS orders"
    captions = [each.value for each in page.caption]
    assert any(each.startswith("MQLs") and "55 in October 2026" in each for each in captions)
    page.selectbox(key="board_starter").set_value("hr-platform").run()
    captions = [each.value for each in page.caption]
    assert any("In your data nothing meets this definition" in each for each in captions)
    page.selectbox(key="board_starter").set_value("saas").run()
    page.button[0].click().run()
    assert not page.exception
    assert "kb-value" in html(page)


def test_the_demos_plan_goes_with_the_demo(demo: Store) -> None:
    assert "kb-value" in html(opened("en-US"))
    for name, content, mapping in demo_files(date(2026, 11, 22)):
        now = datetime.fromisoformat("2026-11-22 09:00")
        import_file(demo, content, name, mapping, who="t", now=now)
    page = opened("en-US")
    assert page.title[0].value == "Choose a plan"
    # The same plan, chosen now, is the user's own and stays.
    page.button[0].click().run()
    assert "kb-value" in html(opened("en-US"))


def test_the_page_shows_the_reports_number_and_no_other(demo: Store) -> None:
    report = board_report(demo, "saas", now=datetime.now(UTC))
    assert f'<span class="kb-value">{report.kpi.value:.0f}</span>' in html(opened("en-US"))


@pytest.mark.parametrize(("locale", "word"), [("ja-JP", "基準日"), ("en-US", "As of")])
def test_the_browsers_language_comes_first(demo: Store, locale: str, word: str) -> None:
    assert word in html(opened(locale))


def test_the_address_chooses_language_and_month(demo: Store) -> None:
    month = datetime.now(UTC).replace(day=1)
    before = f"{month.year - (month.month == 1)}-{(month.month - 2) % 12 + 1:02d}"
    page = html(opened("en-US", lang="ja", month=before))
    assert "基準日" in page
    assert "着地見込み" not in page


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "x"},
        {"plan": "none"},
        {"month": "2001-01"},  # before the first lead
        {"month": "2199-01"},
    ],
)
def test_an_address_that_makes_no_sense_shows_the_board_of_today(
    demo: Store, query: dict[str, str]
) -> None:
    assert html(opened("en-US", **query)) == html(opened("en-US"))


def test_the_indicators_are_not_computed_while_they_are_folded_away(
    demo: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("computed though nothing shows it")

    monkeypatch.setattr("pages._reports.management", fail)
    page = opened("en-US")
    assert page.expander[0].label.startswith(r"Management indicators\: 1 of 10 needs")
    assert '<section class="kb-card"' not in html(page)


@pytest.mark.parametrize(("month", "told"), [("2001-01", "January 2001"), ("2199-01", "2199")])
def test_a_month_without_numbers_is_said_to_have_none(demo: Store, month: str, told: str) -> None:
    assert any(told in info.value for info in opened("en-US", month=month).info)
    assert not any("no numbers" in info.value for info in opened("en-US", month="2026-13").info)


@pytest.mark.parametrize(
    ("locale", "told"),
    [("en-US", "Opportunity, Won, through end of"), ("ja-JP", "商談、受注（2017年3月1日終了")],
)
def test_where_a_plan_has_no_data_the_board_says_what_there_is(
    store: Store, locale: str, told: str
) -> None:
    facts = [Fact("1", "won", at("2017-03-01")), Fact("1", "opportunity", at("2017-02-01"))]
    store.commit(batch(*facts), who="t", now=at("2026-07-01 09:00"))
    page = opened(locale)
    assert told in " ".join(markdown.value for markdown in page.markdown)
    page.button[0].click().run()
    assert "kb-value" in html(page)
    assert told in " ".join(markdown.value for markdown in page.markdown)


def test_the_plan_for_which_there_are_data_is_offered_first(store: Store) -> None:
    facts = [Fact(lead, activity="login", occurred_at=at("2026-05-01")) for lead in "12"]
    store.commit(batch(*facts), who="t", now=at("2026-07-01 09:00"))
    assert opened("en-US").selectbox[0].options[0] == "Paid contracts of an HR platform"


def test_plans_of_one_name_are_told_apart(store: Store) -> None:
    store.commit(batch(Fact("1", "won", at("2026-06-01"))), who="t", now=at("2026-07-01 09:00"))
    for plan in ("north", "south"):
        text = re.sub(r"(?m)^id = .*$", f'id = "{plan}"', starters()["saas"], count=1)
        load_plan(store, text, who="t", why="", effective_from=None, now=at("2026-07-01 09:00"))
    offered = opened("en-US", plan="south").selectbox[0]
    assert offered.value == "south"
    assert len(set(offered.options)) == 2


@pytest.mark.parametrize(
    ("locale", "why", "left"), [("en-US", "Why ", "so far, "), ("ja-JP", "なぜ", "残り")]
)
def test_the_forecast_can_be_asked_why(
    store: Store, monkeypatch: pytest.MonkeyPatch, locale: str, why: str, left: str
) -> None:
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    load_demo(store, now=now)
    monkeypatch.setattr(_runtime, "now", lambda: now)
    page = opened(locale)
    (box,) = [each for each in page.expander if each.label.startswith(why)]
    assert not box.markdown
    page.session_state["board_why"] = True
    page.run()
    assert not page.exception
    (box,) = [each for each in page.expander if each.label.startswith(why)]
    assert left in box.markdown[0].value
    assert len(box.slider) == 1
    assert len(box.table) == 1
    box.slider[0].set_value(box.slider[0].max).run()
    assert not page.exception
