"""The one number that leads to the goal: picked from what the store can count."""

from __future__ import annotations

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.plans.document import Plan
from kpi_core.plans.editing import declared
from kpi_core.reports.countable import Countable
from pages import _live, _markdown, _reports
from pages._plan import definition, fields, goal, html, indicator
from pages._plan.draft import FIELD, Draft

QUESTIONS = ("measurable", "ours", "trackable")
"""What every KPI must pass: can we measure it, move it, keep tracking it?"""
ANSWERS = "number_questions"
"""In a draft's progress: the answers, True and False by question."""


def draw(draft: Draft, words: Words) -> None:
    """The numbers with their months, the one picked, and the three questions."""
    found = _reports.countables(_live.follow())
    outcomes = [each for each in found if not each.is_work]
    work = [each for each in found if each.is_work]
    if not found:
        st.info(words("plan_edit.nothing_to_count"))
    kpi = draft.get("kpi") or {}
    chosen = declared.what_it_counts(kpi) if isinstance(kpi, dict) else {}
    for each in outcomes:
        _row(draft, words, each, is_chosen=dict(each.indicator) == chosen)
    if work:
        st.markdown(f"**{words('plan_edit.work_title')}**")
        st.caption(words("plan_edit.work_text"))
        for each in work:
            _work(draft, words, each, found)
    if not chosen.get("kind"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields.text(draft, words, ("kpi", "name"), words("plan_edit.kpi_name"), width=280)
    fields.text(
        draft,
        words,
        ("csf",),
        words("plan_edit.csf"),
        placeholder=words("plan_edit.csf_example"),
        help=words("plan_edit.csf_help"),
    )
    with st.expander(words("plan_edit.how_counted")):
        indicator.details(draft, words, ("kpi",))
    if draft.is_new:
        with st.expander(words("plan_edit.which_count")):
            definition.draw(draft, words)
    _questions(draft, words)
    fields.text(draft, words, ("kpi", "why"), words("plan_edit.why"))
    fields.text(draft, words, ("kpi", "decision"), words("plan_edit.decision"))


def missing(draft: Draft, words: Words) -> list[str]:
    """Why the number cannot be left as it is, in sentences."""
    if not draft.get("kpi", "kind"):
        return [words("plan_edit.number_missing")]
    if not draft.text_at(("kpi", "name"), words):
        return [words("plan_edit.number_without_name")]
    return []


def kpi_countable(draft: Draft) -> Countable | None:
    """The KPI with its months; None where it is worked out of others, or not declared yet."""
    kpi = draft.get("kpi")
    counted = declared.what_it_counts(kpi) if isinstance(kpi, dict) else {}
    version = _live.follow()
    found = _reports.countables(version)
    same = next((each for each in found if dict(each.indicator) == counted), None)
    if same is not None:
        return same
    plan = draft.read()
    return _reports.kpi_countable(version, draft.text) if isinstance(plan, Plan) else None


def _row(draft: Draft, words: Words, each: Countable, *, is_chosen: bool) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"plan_number_{hash(each.key)}"
    ):
        st.html(html.countable(each, words, is_chosen=is_chosen), width="stretch")
        st.button(
            words("plan_edit.chosen" if is_chosen else "plan_edit.choose"),
            key=f"{FIELD}pick_{each.key}",
            disabled=is_chosen,
            on_click=_pick,
            args=(draft, each, words),
        )


def _pick(draft: Draft, each: Countable, words: Words) -> None:
    document = declared.with_kpi(draft.document, each.name, each.unit, each.indicator)
    if draft.progress.get(goal.ADDED) == document["kpi"].get("id"):
        draft.progress.pop(goal.ADDED)
    if not document.get("csf"):
        document["csf"] = each.name
    draft.progress.pop(ANSWERS, None)
    draft.replace(document)


def _work(draft: Draft, words: Words, each: Countable, found: tuple[Countable, ...]) -> None:
    """A number of work done: an action, and the outcome to use instead."""
    outcome = next((other for other in found if other.key == each.instead), None)
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"plan_number_{hash(each.key)}"
    ):
        st.html(html.countable(each, words), width="stretch")
        measure = str(each.indicator.get("measure", ""))
        taken = {action.get("measure") for action in draft.get("actions") or []}
        if measure:
            st.button(
                words("plan_edit.action_taken" if measure in taken else "plan_edit.as_action"),
                key=f"{FIELD}work_{each.key}",
                disabled=measure in taken,
                on_click=add_action,
                args=(draft, each),
            )
        if outcome is not None:
            name = _markdown.plain(words.localize(outcome.name))
            st.button(
                words("plan_edit.outcome_instead", name=name),
                key=f"{FIELD}instead_{each.key}",
                on_click=_pick,
                args=(draft, outcome, words),
            )


def add_action(draft: Draft, each: Countable, minimum: float = 1, per: str = "week") -> None:
    """Have a number of work done be an action with a minimum."""
    actions = list(draft.get("actions") or [])
    english = each.name if isinstance(each.name, str) else each.name.get("en", "")
    taken = [*(str(action.get("id")) for action in actions), str(draft.get("kpi", "id"))]
    taken += [str(other.get("id")) for other in draft.get("indicators") or []]
    action = {
        "id": declared.new_id(english, taken),
        "name": each.name,
        "measure": each.indicator["measure"],
        "minimum": minimum,
        "per": per,
    }
    draft.replace({**draft.document, "actions": [*actions, action]})


def _questions(draft: Draft, words: Words) -> None:
    """Measurable, ours to move, trackable: a "no" offers what may stand for the number."""
    st.markdown(f"**{words('plan_edit.questions')}**")
    answers: dict[str, bool] = draft.progress.setdefault(ANSWERS, {})
    for question in QUESTIONS:
        key = fields.key_of(draft, (ANSWERS, question))
        st.session_state.setdefault(key, answers.get(question))
        given = st.segmented_control(
            words(f"plan_edit.question_{question}"),
            [True, False],
            format_func=lambda yes: words("plan_edit.yes" if yes else "plan_edit.no"),
            key=key,
        )
        if given is not None and given != answers.get(question):
            answers[question] = given
            draft.set_progress(ANSWERS, answers)
    if False in answers.values():
        st.warning(words("plan_edit.proxies"))
