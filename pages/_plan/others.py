"""The other numbers: watch, work, or not ours."""

from __future__ import annotations

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.plans.actions import Per
from kpi_core.plans.editing import declared
from kpi_core.reports.countable import Countable, uncounted
from pages import _live, _markdown, _reports
from pages._plan import fields, html, indicator, number
from pages._plan.draft import FIELD, Draft

WATCH, WORK, NOT_OURS = "watch", "work", "not_ours"


def draw(draft: Draft, words: Words) -> None:
    """Every number that the plan says nothing of yet, then what it watches and counts as work."""
    left = left_to_sort(draft)
    if left:
        st.caption(words("plan_edit.sort_text"))
    else:
        st.caption(words("plan_edit.sort_done"))
    for each in left:
        _sort(draft, words, each)
    _watched(draft, words)
    _actions(draft, words)
    _not_ours(draft, words)


def left_to_sort(draft: Draft) -> tuple[Countable, ...]:
    """The numbers of the store that the plan neither counts nor leaves aside."""
    found = _reports.countables(_live.follow())
    return uncounted(found, draft.document, draft.get("not_ours") or ())


def _sort(draft: Draft, words: Words, each: Countable) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"plan_number_{hash(each.key)}"
    ):
        st.html(html.countable(each, words), width="stretch")
        places = [WATCH, NOT_OURS] if "measure" not in each.indicator else [WATCH, WORK, NOT_OURS]
        st.segmented_control(
            _markdown.plain(words.localize(each.name)),
            places,
            format_func=lambda place: words(f"plan_edit.sort_{place}"),
            label_visibility="collapsed",
            key=f"{FIELD}sort_{each.key}",
            on_change=_put,
            args=(draft, each),
        )


def _put(draft: Draft, each: Countable) -> None:
    place = st.session_state[f"{FIELD}sort_{each.key}"]
    if place == WATCH:
        document, _ = declared.with_indicator(draft.document, each.name, each.unit, each.indicator)
        draft.replace(document)
    elif place == WORK:
        number.add_action(draft, each)
    elif place == NOT_OURS:
        left = [*(draft.get("not_ours") or []), each.key]
        draft.replace({**draft.document, "not_ours": left})


def _watched(draft: Draft, words: Words) -> None:
    """The management indicators, each with how it is counted behind a fold."""
    indicators = draft.get("indicators") or []
    st.markdown(f"**{words('plan_edit.watched')}**")
    for each in indicators:
        name = str(each.get("id", ""))
        path = ("indicators", name)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            fields.text(draft, words, (*path, "name"), words("plan_edit.name"), width=280)
            fields.text(draft, words, (*path, "owner"), words("plan_edit.rule_owner"), width=200)
            st.button(
                words("plan_edit.take_out"),
                key=f"{FIELD}out_{name}",
                on_click=_take_out,
                args=(draft, name),
            )
        with st.expander(words("plan_edit.how_counted"), key=f"{FIELD}how_{name}"):
            indicator.details(draft, words, path)
    indicator.add(draft, words)


def _take_out(draft: Draft, name: str) -> None:
    draft.replace(declared.without_indicator(draft.document, name))


def _actions(draft: Draft, words: Words) -> None:
    actions = draft.get("actions") or []
    if not actions:
        return
    st.markdown(f"**{words('plan_edit.actions')}**")
    for each in actions:
        name = str(each.get("id", ""))
        path = ("actions", name)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            fields.text(draft, words, (*path, "name"), words("plan_edit.name"), width=240)
            fields.number(draft, (*path, "minimum"), words("plan_edit.minimum"), width=120)
            fields.choice(
                draft,
                (*path, "per"),
                words("plan_edit.per"),
                [each.value for each in Per],
                Per.WEEK.value,
                lambda per: words(f"plan_edit.per_{per}"),
                width=140,
            )
            fields.text(draft, words, (*path, "unit"), words("plan_edit.unit"), width=120)
            fields.text(draft, words, (*path, "owner"), words("plan_edit.rule_owner"), width=180)
            st.button(
                words("plan_edit.take_out"),
                key=f"{FIELD}out_action_{name}",
                on_click=_no_action,
                args=(draft, name),
            )


def _no_action(draft: Draft, name: str) -> None:
    left = [each for each in draft.get("actions") or [] if each.get("id") != name]
    document = {key: each for key, each in draft.document.items() if key != "actions"}
    draft.replace({**document, "actions": left} if left else document)


def _not_ours(draft: Draft, words: Words) -> None:
    left = draft.get("not_ours") or []
    if not left:
        return
    found = {each.key: each for each in _reports.countables(_live.follow())}
    names = [words.localize(found[key].name) if key in found else key for key in left]
    shown = words("plan_edit.list_comma").join(_markdown.plain(name) for name in names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words("plan_edit.not_ours", names=shown))
        st.button(
            words("plan_edit.sort_again"), key=f"{FIELD}sort_again", on_click=_again, args=(draft,)
        )


def _again(draft: Draft) -> None:
    draft.replace({key: each for key, each in draft.document.items() if key != "not_ours"})
