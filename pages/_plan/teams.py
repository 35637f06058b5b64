"""The month's target divided among teams, and whether the parts add up to it."""

from __future__ import annotations

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.targets import TeamKey
from pages import _markdown
from pages._plan import fields
from pages._plan.draft import FIELD, Draft

PATH = ("kpi", "teams")
LONGEST = 100


def draw(draft: Draft, words: Words) -> None:
    """By channel or owner: a part for each, and what is left or too much."""
    if draft.get("kpi", "kind") not in ("count", "sum", "active"):
        return
    with st.expander(words("plan_edit.teams")):
        st.caption(words("plan_edit.teams_text"))
        by = str(draft.get(*PATH, "by") or TeamKey.CHANNEL)
        st.segmented_control(
            words("plan_edit.teams_by"),
            [each.value for each in TeamKey],
            default=by,
            format_func=lambda each: words(f"plan_edit.teams_by_{each}"),
            key=f"{FIELD}teams_by",
            required=True,
            on_change=_divide_by,
            args=(draft,),
        )
        parts = dict(draft.get(*PATH, "targets") or {})
        with st.container(horizontal=True):
            for name in parts:
                part = (*PATH, "targets", name)
                if (
                    fields.number(draft, (*part, "default"), _markdown.plain(name), width=160)
                    is None
                ):
                    draft.set(part if len(parts) > 1 else PATH, None)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                words(f"plan_edit.teams_new_{by}"), max_chars=LONGEST, key=f"{FIELD}team", width=240
            )
            st.button(
                words("plan_edit.add"), key=f"{FIELD}team_add", on_click=_add, args=(draft, by)
            )
        _difference(draft, words)


def _difference(draft: Draft, words: Words) -> None:
    """Whether the parts add up to the target that holds for all months."""
    formats = Formats(words.language)
    parts = draft.get(*PATH, "targets") or {}
    target = draft.get("kpi", "targets", "default")
    if not parts or not isinstance(target, int | float):
        return
    total = sum(float(each.get("default") or 0) for each in parts.values())
    gap = float(target) - total
    if abs(gap) < 1e-9:
        st.caption(words("plan_edit.teams_add_up", target=formats.number(float(target))))
    else:
        key = "plan_edit.teams_missing" if gap > 0 else "plan_edit.teams_too_much"
        st.warning(
            words(
                key,
                total=formats.number(total),
                target=formats.number(float(target)),
                gap=formats.number(abs(gap)),
            )
        )


def _divide_by(draft: Draft) -> None:
    by = st.session_state[f"{FIELD}teams_by"]
    if draft.get(*PATH):
        draft.set((*PATH, "by"), by)
    else:
        draft.set_progress("teams_by", by)


def _add(draft: Draft, by: str) -> None:
    name = str(st.session_state[f"{FIELD}team"]).strip()
    if not name:
        return
    by = draft.progress.get("teams_by", by)
    parts = dict(draft.get(*PATH, "targets") or {})
    parts.setdefault(name, {"default": 0})
    draft.set(PATH, {"by": by, "targets": parts})
    st.session_state[f"{FIELD}team"] = ""
