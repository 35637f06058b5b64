"""Definitions, and changes that several persons agree to, on the Plan page."""

import tomllib
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.facts.store import Store
from kpi_core.plans.starter_plans import starters
from kpi_core.records.planning.proposals import ProposalState
from pages import _markdown
from pages._plan import agreement
from tests.batches import NOW
from tests.pages.conftest import html, opened, run
from tests.pages.test_plan import labels, load, page_of_plan, press, shown, unfold, words

TEXT = starters()["saas"]
SIXTY = TEXT.replace("default = 50", "default = 60", 1)


def condition(page: AppTest, at: int, part: str) -> Any:
    """A field of one of the KPI's conditions."""
    controls = (*page.multiselect, *page.number_input, *page.selectbox)
    return next(each for each in controls if f"where_kpi_{at}_{part}" in (each.key or ""))


def opened_definition() -> AppTest:
    page = page_of_plan()
    press(page, "plan_pencil_definition")
    return page


def draft_of(page: AppTest) -> dict[str, Any]:
    document: dict[str, Any] = page.session_state["plan_draft"]["saas"].document
    return document


def test_a_definition_is_built_from_what_the_data_have(demo: Store) -> None:
    page = opened_definition()
    roles = condition(page, 0, "values")
    found = demo.attribute_values("role")
    assert found is not None
    counts = dict(found.values)
    assert f"director ({counts['director']:,})" in roles.options
    assert any(option.startswith("staff (") for option in roles.options)
    roles.set_value(["executive"])
    run(page)
    kpi = draft_of(page)["kpi"]
    assert kpi["where"][0] == {"attribute": "role", "in": ["executive"]}
    # The version rises by one, and nobody has agreed to it yet.
    assert kpi["definition"]["version"] == 2
    assert "agreed_by" not in kpi["definition"]
    # What counts by the same conditions goes along.
    ratio = next(each for each in draft_of(page)["indicators"] if each["id"] == "mql_to_sql")
    assert ratio["denominator"]["where"] == kpi["where"]
    assert ratio["definition"]["version"] == 2
    assert words("plan_page.two_counts") in html(page)
    # Put back, the version is the old one, with those who agreed.
    condition(page, 0, "values").set_value(["executive", "director", "manager"])
    run(page)
    assert draft_of(page) == tomllib.loads(demo.records.revisions("saas")[0].text)
    assert words("plan_page.unsaved") not in shown(page)


def test_a_condition_that_nothing_meets_says_what_there_is(demo: Store) -> None:
    page = opened_definition()
    condition(page, 1, "number").set_value(10_000_000.0)
    run(page)
    found = demo.attribute_values("employees")
    assert found is not None
    assert f"to {found.most:,.0f}" in shown(page)
    press(page, "plan_edit_where_kpi_add")
    assert len(draft_of(page)["kpi"]["where"]) == 4
    remove = [each for each in page.button if "where_kpi_3_remove" in (each.key or "")]
    remove[0].click()
    run(page)
    assert len(draft_of(page)["kpi"]["where"]) == 3


def test_a_process_without_the_cache_says_so(demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(demo), "attributes", lambda self: None)
    monkeypatch.setattr(type(demo), "attribute_values", lambda self, name: None)
    assert words("plan_page.values_unknown") in shown(opened_definition())


def propose(store: Store, text: str, *names: str) -> int:
    return store.records.plans.propose(
        "saas", text, base_revision=1, effective_from=None, agree=names, who="Sato", why="more",
        now=NOW,
    )  # fmt: skip


def agree(page: AppTest, proposal: int, name: str) -> None:
    page.selectbox(key=f"plan_proposal_{proposal}_who").set_value(name)
    run(page)
    press(page, f"plan_proposal_{proposal}_agree")


def test_a_change_is_in_force_once_all_have_agreed(demo: Store) -> None:
    number = propose(demo, SIXTY, "Suzuki", "Tanaka")
    assert "is proposed by Sato" in shown(opened("en-US"))
    page = page_of_plan()
    assert "KPI “MQLs” · Target · every month" in html(page)
    agree(page, number, "Suzuki")
    assert len(demo.records.revisions("saas")) == 1
    assert _markdown.plain(words("plan_page.still_to_agree", names="Tanaka")) in shown(page)
    agree(page, number, "Tanaka")
    newest = demo.records.revisions("saas")[-1]
    assert (newest.revision, newest.who, newest.text) == (2, "Sato", SIXTY)
    assert newest.why == "more (agreed by Suzuki, Tanaka)"
    assert demo.records.plans.open_proposals("saas") == ()
    assert "is proposed" not in shown(opened("en-US"))


def test_a_proposal_comes_together_with_what_was_saved_meanwhile(demo: Store) -> None:
    number = propose(demo, SIXTY, "Suzuki")
    load(demo, TEXT.replace("target = 12", "target = 40"))
    page = page_of_plan()
    assert words("plan_page.others_meanwhile", revision=2) in shown(page)
    agree(page, number, "Suzuki")
    saved = tomllib.loads(demo.records.revisions("saas")[-1].text)
    assert (saved["kgi"]["target"], saved["kpi"]["targets"]["default"]) == (40, 60)


def test_a_conflict_is_shown_and_nothing_is_lost(demo: Store) -> None:
    number = propose(demo, SIXTY, "Suzuki")
    load(demo, TEXT.replace("default = 50", "default = 70", 1))
    page = page_of_plan()
    assert words("plan_page.conflicts", revision=2) in shown(page)
    assert words("plan_page.agree") not in labels(page)
    press(page, f"plan_proposal_{number}_take_up")
    assert draft_of(page)["kpi"]["targets"]["default"] == 60
    press(page, f"plan_proposal_{number}_withdraw")
    assert demo.records.plans.open_proposals("saas") == ()
    assert draft_of(page)["kpi"]["targets"]["default"] == 60


def test_two_proposals_stand_beside_each_other(demo: Store) -> None:
    first = propose(demo, SIXTY, "Suzuki")
    second = propose(demo, TEXT.replace("target = 12", "target = 40"), "Suzuki")
    page = page_of_plan()
    agree(page, second, "Suzuki")
    agree(page, first, "Suzuki")
    saved = tomllib.loads(demo.records.revisions("saas")[-1].text)
    assert (saved["kgi"]["target"], saved["kpi"]["targets"]["default"]) == (40, 60)


def test_one_that_all_agreed_to_is_put_in_force_later(demo: Store) -> None:
    """The server ended between the last agreement and the revision."""
    number = propose(demo, SIXTY, "Suzuki")
    demo.records.plans.agree(number, who="Suzuki", now=NOW)
    page = page_of_plan()
    press(page, f"plan_proposal_{number}_force")
    assert len(demo.records.revisions("saas")) == 2
    assert demo.records.plans.open_proposals("saas") == ()


def test_where_changes_must_be_agreed_they_are_proposed(demo: Store) -> None:
    settings = opened("en-US", at="settings.py")
    settings.radio(key="settings_agreement").set_value(agreement.AGREED)
    run(settings)
    assert demo.records.plans.preference(agreement.PREFERENCE) == agreement.AGREED
    page = page_of_plan()
    press(page, "plan_pencil_goal")
    next(each for each in page.text_input if each.value == "Orders a month, up 20%").set_value("X")
    run(page)
    assert words("plan_page.must_be_agreed") in shown(page)
    assert words("plan_edit.save") not in labels(page)
    press(page, "plan_edit_proposal_propose")
    for sentence in ("propose_without_names", "propose_without_name", "reason_missing"):
        assert words(f"plan_page.{sentence}") in shown(page)
    page.text_input(key="plan_edit_proposal_name").set_value("Sato")
    page.text_input(key="plan_edit_proposal_reason").set_value("clearer")
    page.text_input(key="plan_edit_proposal_names").set_value("Suzuki、 Tanaka, Suzuki")
    press(page, "plan_edit_proposal_propose")
    (proposal,) = demo.records.plans.open_proposals("saas")
    assert (proposal.agree, proposal.proposed_by, proposal.reason) == (
        ("Suzuki", "Tanaka"), "Sato", "clearer",
    )  # fmt: skip
    assert proposal.state is ProposalState.OPEN
    assert len(demo.records.revisions("saas")) == 1
    # A file of a known plan and a way back are proposed, too.
    load(demo, SIXTY)
    page = page_of_plan()
    unfold(page, "plan_history")
    press(page, "plan_history_back_ask")
    assert words("plan_page.propose") in labels(page)
    assert words("plan_page.save") not in labels(page)
