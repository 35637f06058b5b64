"""A plan is made on its page, one question at a time, by a visitor who has only their data."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import GoalPer, Plan
from kpi_core.plans.parse import read_plan
from pages import _runtime, _visitor
from tests.batches import Event, at, batch
from tests.pages.conftest import opened

EN = Words(Language.EN)
NOW = datetime(2026, 11, 10, 3, tzinfo=UTC)


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A year of data up to 9 November: every month 10 MQLs and 4 orders of them."""
    monkeypatch.setattr(_runtime, "now", lambda: NOW)
    monkeypatch.setattr(_runtime.app(), "now", lambda: NOW)
    events = []
    for number in range(13):
        year, month = (2025, 10 + number) if number < 3 else (2026, number - 2)
        for lead in range(10):
            day = f"{year}-{month:02d}-{lead % 9 + 1:02d}"
            events.append(Event(f"{number}-{lead}", "marketing_qualified", at(day)))
            if lead < 4:
                events.append(Event(f"{number}-{lead}", "won", at(day)))
    events.append(Event("now", "marketing_qualified", at("2026-11-02")))
    said = batch(*events, data_through=at("2026-11-10"))
    store.commit(said, who="t", now=at("2026-11-10 09:00"))
    return store


def guide(locale: str = "en-US") -> AppTest:
    return opened(locale, at="make_plan.py")


def field(page: AppTest, label: str) -> Any:
    kinds = (page.text_input, page.number_input, page.selectbox, page.date_input, page.text_area)
    return next(each for kind in kinds for each in kind if each.label == label)


def press(page: AppTest, label: str, nth: int = 0) -> AppTest:
    return [each for each in page.button if each.label == label][nth].click().run()


def step_to_targets(page: AppTest) -> AppTest:
    field(page, EN("plan_edit.goal_name")).set_value("New orders").run()
    page.selectbox[0].select("stage:won").run()
    field(page, EN("plan_edit.deadline")).set_value(date(2027, 3, 31)).run()
    press(page, "+20% on last year: 5")
    press(page, EN("make_plan.next"))
    press(page, EN("plan_edit.choose"))
    return press(page, EN("make_plan.next"))


def test_a_goal_without_number_or_deadline_cannot_be_left_and_says_why(filled: Store) -> None:
    page = press(guide(), EN("make_plan.next"))
    assert [each.value for each in page.error] == [
        EN("plan_edit.goal_without_name"),
        EN("plan_edit.goal_without_number"),
        EN("plan_edit.goal_without_deadline"),
    ]
    assert page.subheader[0].value == EN("make_plan.ask_goal")


def test_a_deadline_in_the_past_is_refused(filled: Store) -> None:
    page = guide()
    field(page, EN("plan_edit.deadline")).set_value(date(2026, 11, 9)).run()
    press(page, EN("make_plan.next"))
    assert EN("plan_edit.deadline_over", day="Nov 9, 2026") in [each.value for each in page.error]


def test_growth_and_the_kpi_are_worked_out_of_the_months_known(filled: Store) -> None:
    page = step_to_targets(guide())
    # 48 orders in twelve months, 4 a month; a fifth more is 4.8, so 5. Of 10 MQLs come 4 orders:
    # 5 orders need 12.5, so 13; no month had as many.
    assert page.text[0].value == (
        "5 orders a month need 13 MQLs a month, at the rates of your last 6 months. "
        "You reached 13 in 0 of 13 months."
    )


def test_three_answers_make_a_board(filled: Store) -> None:
    page = step_to_targets(guide())
    press(page, EN("plan_edit.use_target", target="13"))
    field(page, EN("visitor.name")).set_value("Aya Ito").run()
    press(page, EN("plan_edit.save_new"))
    assert not page.exception
    (plan_id,) = filled.records.plan_ids()
    (revision,) = filled.records.revisions(plan_id)
    plan = read_plan(revision.text)
    assert isinstance(plan, Plan)
    assert (revision.who, revision.effective_from) == ("Aya Ito", None)
    assert (plan.kgi.target, plan.kgi.per, plan.kgi.indicator) == (5, GoalPer.MONTH, "won_deals")
    assert (plan.kpi[0].id, plan.kpi[0].targets) == ("mqls", {"default": 13})
    assert [each.id for each in plan.indicators] == ["won_deals"]
    agreed = [rule.when.value for rule in plan.rules]
    assert agreed[:3] == ["week_1", "week_2", "week_3"]
    assert len(agreed) == 7


def test_what_was_answered_outlives_a_reload(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_visitor, "browser", lambda: "a browser of a test")
    step_to_targets(guide())
    page = guide()
    assert page.subheader[0].value == EN("make_plan.ask_targets")
    press(page, EN("make_plan.back"))
    press(page, EN("make_plan.back"))
    assert field(page, EN("plan_edit.goal_name")).value == "New orders"


def test_a_text_is_not_lost_where_a_choice_follows_before_the_page_has_read_it(
    filled: Store,
) -> None:
    """Both come in one run, and the choice is taken before the text."""
    page = guide()
    field(page, EN("plan_edit.goal_name")).set_value("New orders")
    page.selectbox[0].select("stage:won").run()
    assert field(page, EN("plan_edit.goal_name")).value == "New orders"
    page.run()
    assert field(page, EN("plan_edit.goal_name")).value == "New orders"


def test_a_year_follows_last_years_season(filled: Store) -> None:
    page = step_to_targets(guide())
    next(
        each for each in page.segmented_control if each.label == EN("plan_edit.target_mode")
    ).set_value("season").run()
    total = field(page, EN("plan_edit.season_total"))
    total.set_value(125).run()
    press(page, EN("plan_edit.spread"))
    months = [each.value for each in page.number_input if "202" in each.label]
    # November 2026 to October 2027 as November 2025 to October 2026: ten each, so 125 / 12 each,
    # 10 and a remainder: the first five months get one more.
    assert months == [11, 11, 11, 11, 11, *[10] * 7]


def test_an_example_is_opened_filled_in_and_nobody_has_agreed_to_it(filled: Store) -> None:
    page = guide()
    opens = [each for each in page.button if each.label == EN("make_plan.open")]
    assert len(opens) == 4
    next(each for each in opens if each.key == "make_plan_open_saas").click().run()
    assert field(page, EN("plan_edit.goal_target")).value == 12
    page.segmented_control(key="make_plan_step").set_value("rules").run()
    assert not page.exception
    press(page, EN("plan_edit.save_new"))
    (plan_id,) = filled.records.plan_ids()
    plan = read_plan(filled.records.revisions(plan_id)[0].text)
    assert isinstance(plan, Plan)
    assert (len(plan.indicators), len(plan.rules)) == (10, 8)
    assert plan.kpi[0].definition.agreed_by == ()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_step_is_drawn_in_both_languages(filled: Store, language: str) -> None:
    words = Words(Language(language))
    page = guide("ja-JP" if language == "ja" else "en-US")
    next(each for each in page.button if each.key == "make_plan_open_manufacturer").click().run()
    for step in ("goal", "number", "targets", "days", "rules", "others"):
        page.segmented_control(key="make_plan_step").set_value(step).run()
        assert not page.exception
        assert page.subheader[0].value == words(f"make_plan.ask_{step}")


def test_without_data_the_page_says_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    page = guide()
    field(page, EN("plan_edit.goal_name")).set_value("New orders").run()
    field(page, EN("plan_edit.goal_target")).set_value(5).run()
    field(page, EN("plan_edit.deadline")).set_value(date(2999, 3, 31)).run()
    press(page, EN("make_plan.next"))
    assert page.info[0].value == EN("plan_edit.nothing_to_count")


def test_data_that_come_in_between_two_questions_lose_no_answer(filled: Store) -> None:
    page = step_to_targets(guide())
    more = batch(
        Event("more", "marketing_qualified", at("2026-10-02")),
        content_hash="more",
        data_through=at("2026-11-10 09:00"),
    )
    filled.commit(more, who="t", now=at("2026-11-10 10:00"))
    page.run()
    assert not page.exception
    assert page.subheader[0].value == EN("make_plan.ask_targets")
    # 24 orders of 61 MQLs in the last six months: 5 orders need 12.7, so 13 as before
    assert page.text[0].value.startswith("5 orders a month need 13 MQLs a month")
    press(page, EN("plan_edit.use_target", target="13"))
    press(page, EN("plan_edit.save_new"))
    assert len(filled.records.plan_ids()) == 1


@pytest.mark.parametrize(
    ("formula", "finding"),
    [
        ("cost per mql", "“Cost per MQL” · Formula: "),
        ("cost_per_mql / mql", "depends on its own result"),
        ("cost / nothing", "no indicator has the id nothing"),
    ],
)
def test_a_formula_that_cannot_be_is_said_with_its_place_and_nothing_is_saved(
    filled: Store, formula: str, finding: str
) -> None:
    page = guide()
    next(each for each in page.button if each.key == "make_plan_open_saas").click().run()
    page.segmented_control(key="make_plan_step").set_value("others").run()
    key = "plan_edit_new.indicators.cost_per_mql.formula"
    page.text_input(key=key).set_value(formula).run()
    assert not page.exception
    assert finding in "\n".join(each.value for each in page.error).replace("\\", "")
    assert EN("plan_edit.save_new") not in [each.label for each in page.button]
    assert page.text_input(key=key).value == formula
    assert filled.records.plan_ids() == ()
