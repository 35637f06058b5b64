"""All plans: their order, copies, the archive, and what was deleted with the way back."""

from __future__ import annotations

import tomllib

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.declared import new_id
from kpi_core.plans.editing.rewrite import rewritten
from kpi_core.plans.revisions import load_plan, plan_for
from kpi_core.reports.plans import plans_in_use
from pages import _lock, _markdown, _runtime, _visitor

UNDO = "plan_list_undo"
"""What was archived or deleted last: how, and the plan's id."""
ARCHIVED, DELETED = "archived", "deleted"


def draw(words: Words, *, may_change: bool) -> None:
    """The plans in use in their order; archived and deleted ones below."""
    store = _runtime.store()
    entries = store.records.plans.entries()
    in_use = plans_in_use(store)
    for at, plan_id in enumerate(in_use):
        _entry(plan_id, at, in_use, words, may_change=may_change)
    gone = [each for each in entries if not each.is_in_use]
    if gone:
        st.markdown(f"**{words('plan_page.put_aside')}**")
    for each in gone:
        state = DELETED if each.deleted_at is not None else ARCHIVED
        _gone(each.plan_id, state, words, may_change=may_change)


def undo_line(words: Words, *, may_change: bool) -> None:
    """What was archived or deleted last, with Undo."""
    done, plan_id = st.session_state.get(UNDO, ("", ""))
    known = {each.plan_id: each for each in _runtime.store().records.plans.entries()}
    if plan_id not in known or known[plan_id].is_in_use or not may_change:
        st.session_state.pop(UNDO, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="plan_undo"):
        text = words(f"plan_page.was_{done}", name=name_of(plan_id, words))
        st.text(text, width="content")
        if st.button(words("plan_page.undo"), icon=":material/undo:", key="plan_undo_button"):
            _change("restore", plan_id)
            st.session_state.pop(UNDO, None)
            st.rerun()


def name_of(plan_id: str, words: Words) -> str:
    """A plan's name; its id where it cannot be read."""
    found = plan_for(_runtime.store().records.revisions(plan_id), _this_month())
    return words.localize(found.name) if isinstance(found, Plan) else plan_id


def _this_month() -> Month:
    return Month.of(_runtime.now().date())


def _entry(
    plan_id: str, at: int, in_use: tuple[str, ...], words: Words, *, may_change: bool
) -> None:
    key = f"plan_list_{plan_id}"
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key=key
    ):
        st.text(name_of(plan_id, words), width="stretch")
        if at == 0 and len(in_use) > 1:
            st.caption(words("plan_page.is_default"), width="content")
        if not may_change:
            return
        for move, icon, is_possible in (
            (-1, ":material/arrow_upward:", at > 0),
            (1, ":material/arrow_downward:", at < len(in_use) - 1),
        ):
            name = "up" if move < 0 else "down"
            if len(in_use) > 1 and st.button(
                words(f"plan_page.{name}"),
                icon=icon,
                type="tertiary",
                disabled=not is_possible,
                key=f"{key}_{name}",
            ):
                order = list(in_use)
                order[at], order[at + move] = order[at + move], order[at]
                _arrange(order)
                st.rerun()
        if st.button(words("plan_page.copy"), type="tertiary", key=f"{key}_copy"):
            _copy(plan_id, words)
            st.rerun()
        for action, done in (("archive", ARCHIVED), ("delete", DELETED)):
            if st.button(words(f"plan_page.{action}"), type="tertiary", key=f"{key}_{action}"):
                _change(action, plan_id)
                st.session_state[UNDO] = (done, plan_id)
                if st.query_params.get("plan") == plan_id:
                    del st.query_params["plan"]
                st.rerun()


def _gone(plan_id: str, state: str, words: Words, *, may_change: bool) -> None:
    key = f"plan_list_{plan_id}"
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=key):
        st.text(name_of(plan_id, words), width="stretch")
        st.caption(words(f"plan_page.is_{state}"), width="content")
        if may_change and st.button(
            words("plan_page.restore"), type="tertiary", key=f"{key}_restore"
        ):
            _change("restore", plan_id)
            st.rerun()


def _change(action: str, plan_id: str) -> None:
    _lock.demand()
    store = _runtime.store()
    plans = store.records.plans
    change = {"archive": plans.archive, "delete": plans.remove, "restore": plans.restore}[action]
    change(plan_id, who=_visitor.name() or _runtime.BY_PAGE, now=_runtime.app().wall_clock())
    store.catch_up()


def _arrange(order: list[str]) -> None:
    _lock.demand()
    store = _runtime.store()
    who, now = _visitor.name() or _runtime.BY_PAGE, _runtime.app().wall_clock()
    store.records.plans.arrange(order, who=who, now=now)
    store.catch_up()


def _copy(plan_id: str, words: Words) -> None:
    """The newest revision as a plan of its own, under another id and name."""
    _lock.demand()
    store = _runtime.store()
    text = store.records.revisions(plan_id)[-1].text
    document = tomllib.loads(text)
    taken = [each.plan_id for each in store.records.plans.entries()]
    document["id"] = new_id(plan_id, taken, sign="-", otherwise="plan")
    document["name"] = _copied(document.get("name", plan_id), words)
    found = load_plan(
        store,
        rewritten(text, document),
        who=_visitor.name() or _runtime.BY_PAGE,
        why=words("plan_page.copied_from", name=name_of(plan_id, words)),
        effective_from=None,
        now=_runtime.app().wall_clock(),
        expected=0,
    )
    if isinstance(found, Plan):
        st.toast(_markdown.plain(words("plan_page.copied", name=words.localize(found.name))))
    else:
        for problem in found:
            st.error(_markdown.plain(problem.sentence(words)))


def _copied(name: object, words: Words) -> object:
    if isinstance(name, dict):
        return {
            language: Words(Language(language))("plan_page.copy_of", name=text)
            for language, text in name.items()
        }
    return words("plan_page.copy_of", name=name)
