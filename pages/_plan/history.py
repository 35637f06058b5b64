"""The revisions of a plan: who saved which when and why, two side by side, and the way back."""

from __future__ import annotations

import tomllib

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.editing.differences import differences
from kpi_core.records.planning.revisions import Revision
from pages import _runtime
from pages._plan import agreement, new_revision, printed

SHOWN = 50
"""Newest revisions in the list; older ones can still be chosen."""
BACK = "plan_history_back"


def draw(plan_id: str, words: Words, *, may_change: bool) -> None:
    """The list, two of them side by side, and back to one of them as a new revision."""
    revisions = _runtime.store().records.revisions(plan_id)
    newest_first = revisions[::-1]
    heads = ("number", "saved", "by", "from", "reason")
    rows = [_row(each, words) for each in newest_first[:SHOWN]]
    st.html(printed.table([words(f"plan_page.revision_{head}") for head in heads], rows))
    if len(revisions) < 2:
        return
    by_number = {each.revision: each for each in newest_first}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        older = _choice(by_number, "older", 1, words)
        newer = _choice(by_number, "newer", 0, words)
    before, after = (tomllib.loads(by_number[number].text) for number in (older, newer))
    found = differences(before, after)
    if found:
        st.html(printed.changes(before, after, found, words))
    else:
        st.caption(words("plan_page.no_difference"))
    if may_change:
        _back(plan_id, by_number, older, words)


def _choice(known: dict[int, Revision], name: str, index: int, words: Words) -> int:
    chosen = st.selectbox(
        words(f"plan_page.compare_{name}"),
        list(known),
        index=index,
        format_func=lambda number: _label(known[number], words),
        key=f"plan_history_{name}",
        width=380,
    )
    return int(chosen)


def _label(each: Revision, words: Words) -> str:
    when = Formats(words.language).moment(each.at, _runtime.app().wall_clock())
    who = agreement.signed(each.who, words)
    return words("plan_page.revision_label", number=each.revision, when=when, who=who)


def _row(each: Revision, words: Words) -> tuple[str, ...]:
    formats = Formats(words.language)
    since = words("plan_page.from_start")
    if each.effective_from is not None:
        since = formats.month(Month.of(each.effective_from))
    when = formats.moment(each.at, _runtime.app().wall_clock())
    return str(each.revision), when, agreement.signed(each.who, words), since, each.why


def _back(plan_id: str, known: dict[int, Revision], number: int, words: Words) -> None:
    """Back to the older of the two, as a new revision."""
    asked = st.session_state.get(BACK)
    if asked != (plan_id, number):
        if number == max(known):
            return
        st.button(
            words("plan_page.back_to", number=number),
            icon=":material/history:",
            key=f"{BACK}_ask",
            on_click=_ask,
            args=(plan_id, number),
        )
        return
    with st.container(border=True, key="plan_history_return"):
        st.markdown(f"**{words('plan_page.back_title', number=number)}**")
        reason = words("plan_page.back_reason", number=number)
        key = f"plan_history_back_{number}"
        text = known[number].text
        is_saved = new_revision.draw(plan_id, text, key, words, reason=reason)
        st.button(words("plan_page.cancel"), key=f"{BACK}_cancel", on_click=_ask, args=("", 0))
        if is_saved:
            st.session_state.pop(BACK, None)
            st.toast(words("plan_page.saved"))
            st.rerun()


def _ask(plan_id: str, number: int) -> None:
    st.session_state[BACK] = (plan_id, number)
