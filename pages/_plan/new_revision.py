"""A text of a plan that becomes its newest revision, or a proposal of one: by import, or back."""

from __future__ import annotations

import tomllib

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.differences import differences
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import load_plan
from kpi_core.records.errors import StoreError
from pages import _lock, _markdown, _runtime, _visitor
from pages._plan import agreement, printed, proposal

LONGEST_REASON = 400
THIS, NEXT = "this", "next"


def draw(plan_id: str, text: str, key: str, words: Words, *, reason: str = "") -> bool:
    """What differs from the newest revision, why, from when and who; True once it was saved."""
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        for problem in plan:
            st.error(_markdown.plain(problem.sentence(words)))
        return False
    newest = _runtime.store().records.revisions(plan_id)[-1]
    before, after = tomllib.loads(newest.text), tomllib.loads(text)
    found = differences(before, after)
    if not found and text == newest.text:
        st.caption(words("plan_page.same_as_newest"))
        return False
    if found:
        st.html(printed.changes(before, after, found, words))
    else:
        st.caption(words("plan_page.only_comments"))
    since = since_when(plan, key, words)
    with st.container(horizontal=True, vertical_alignment="top"):
        name = _visitor.ask_name(words, f"{key}_name")
        st.session_state.setdefault(f"{key}_reason", reason)
        why = st.text_input(
            words("plan_page.reason"), max_chars=LONGEST_REASON, key=f"{key}_reason"
        ).strip()
    if agreement.is_needed():
        return proposal.offer(
            plan_id, text, newest.revision, since, name, why, f"{key}_proposal", words
        )
    if not st.button(words("plan_page.save"), type="primary", key=f"{key}_save"):
        return False
    _lock.demand()
    if not why:
        st.error(words("plan_page.reason_missing"))
        return False
    try:
        save(plan, text, since, name, why, newest.revision)
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return False
    return True


def since_when(plan: Plan, key: str, words: Words) -> Month:
    """From which month on it counts: the running one, or the next."""
    formats = Formats(words.language)
    running = plan.work_calendar.month_of(plan.work_calendar.local(_runtime.now()).date())
    months = {THIS: running, NEXT: running.plus(1)}
    chosen = st.radio(
        words("plan_page.since"),
        list(months),
        format_func=lambda each: words(
            f"plan_page.since_{each}", month=formats.month(months[each])
        ),
        horizontal=True,
        key=f"{key}_since",
    )
    return months[chosen or THIS]


def save(plan: Plan, text: str, since: Month | None, name: str, why: str, expected: int) -> None:
    """Save a plan's text; StoreError where another user saved a revision meanwhile."""
    _lock.demand()
    load_plan(
        _runtime.store(),
        text,
        who=name or _runtime.BY_PAGE,
        why=why,
        effective_from=since,
        now=plan.work_calendar.local(_runtime.now()),
        expected=expected,
    )
    _visitor.keep_name(name)
