"""Before a plan is saved: what changes on the board, from when it counts, why, and who says so."""

from __future__ import annotations

import tomllib

import streamlit as st

from kpi_core.demo.load import WHO as DEMO
from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.differences import Difference, differences, merged, with_value
from kpi_core.plans.revisions import load_plan
from kpi_core.records.errors import StoreError
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports import plan_text
from kpi_core.reports.plan_changes import board_changes
from kpi_core.reports.plans import forget_unused_tallies, plans_in_use
from pages import _lock, _markdown, _reports, _runtime, _visitor
from pages._plan import html
from pages._plan.draft import FIELD, HELD, Draft, discard, forget_fields, keep, rebased, tried

SAVED = "plan_saved"
"""Set for the run after a plan was saved."""
LONGEST_REASON = 400
THIS, NEXT = "this", "next"


def draw(draft: Draft, words: Words) -> bool:
    """The panel that saves a draft; True in the run in which it was saved."""
    newest = _newest(draft)
    if newest is not None and newest.revision != draft.base_revision:
        _meanwhile(draft, newest, words)
        return False
    plan = draft.read()
    if not isinstance(plan, Plan):
        for problem in plan:
            st.error(_markdown.plain(plan_text.mistake(problem, draft.document, words)))
        return False
    since = _since(draft, plan, words)
    if not draft.is_new:
        _what_changes(draft, since, words)
    with st.container(horizontal=True, vertical_alignment="top"):
        name = _visitor.ask_name(words, f"{FIELD}name")
        reason = st.text_input(
            words("plan_edit.reason"),
            max_chars=LONGEST_REASON,
            placeholder=words("plan_edit.reason_example"),
            key=f"{FIELD}reason",
        ).strip()
    label = words("plan_edit.save_new" if draft.is_new else "plan_edit.save")
    if not st.button(label, type="primary", key=f"{FIELD}save"):
        return False
    if not draft.is_new and not reason:
        st.error(_markdown.plain(words("plan_edit.reason_missing")))
        return False
    return _save(draft, plan, since, name, reason, words)


def _save(
    draft: Draft, plan: Plan, since: Month | None, name: str, reason: str, words: Words
) -> bool:
    _lock.demand()
    try:
        load_plan(
            _runtime.store(),
            draft.text,
            who=name or _runtime.BY_PAGE,
            why=reason,
            effective_from=since,
            now=plan.work_calendar.local(_runtime.now()),
            expected=draft.base_revision,
        )
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return False
    _visitor.keep_name(name)
    if draft.is_new:
        _put_first(plan.id, name)
    forget_unused_tallies(_runtime.store())
    discard(draft.plan_id)
    st.session_state[SAVED] = plan.id
    return True


def _put_first(plan_id: str, name: str) -> None:
    """The first plan of the company's own stands before that of the demo."""
    store = _runtime.store()
    others = [each for each in plans_in_use(store) if each != plan_id]
    came = {each: store.records.revisions(each)[0].who for each in others}
    if others and all(who == DEMO for who in came.values()):
        now = _runtime.app().wall_clock()
        who = name or _runtime.BY_PAGE
        store.records.plans.arrange([plan_id, *others], who=who, now=now)


def _newest(draft: Draft) -> Revision | None:
    if draft.is_new:
        return None
    saved = _runtime.store().records.revisions(draft.plan_id)
    return saved[-1] if saved else None


def _since(draft: Draft, plan: Plan, words: Words) -> Month | None:
    """From which month on it counts; None is for ever, for a new plan."""
    if draft.is_new:
        return None
    formats = Formats(words.language)
    running = plan.work_calendar.month_of(plan.work_calendar.local(_runtime.now()).date())
    months = {THIS: running, NEXT: running.plus(1)}
    chosen = st.radio(
        words("plan_edit.since"),
        list(months),
        format_func=lambda each: words(
            f"plan_edit.since_{each}", month=formats.month(months[each])
        ),
        horizontal=True,
        key=f"{FIELD}since",
    )
    return months[chosen or THIS]


def _what_changes(draft: Draft, since: Month | None, words: Words) -> None:
    """In words what was changed, then what of it the board shows today."""
    base = tomllib.loads(draft.base)
    found = differences(base, draft.document)
    st.markdown(f"**{words('plan_edit.changed', count=len(found))}**")
    st.html(html.changes(_worded(found, base, draft.document, words), _heads(words)))
    before = _reports.board(_runtime.store().data_version(), draft.plan_id, None)
    after = tried(draft, since)
    if after is None:
        return
    rows = board_changes(before, after, words)
    if rows:
        st.markdown(f"**{words('plan_edit.board_changes')}**")
        st.html(html.changes(rows, _heads(words)))
    else:
        st.caption(words("plan_edit.board_same"))


def _heads(words: Words) -> tuple[str, str, str]:
    return "", words("plan_edit.before"), words("plan_edit.after")


def _worded(
    found: tuple[Difference, ...], before: dict[str, object], after: dict[str, object], words: Words
) -> list[tuple[str, str, str]]:
    lines = (plan_text.changed(each, before, after, words) for each in found)
    return [(line.place, line.before or "–", line.after or "–") for line in lines]


def _meanwhile(draft: Draft, newest: Revision, words: Words) -> None:
    """Another user saved a revision: what they changed, and what both did, to be settled."""
    base, theirs = tomllib.loads(draft.base), tomllib.loads(newest.text)
    found = merged(base, draft.document, theirs)
    who = words("imports.by_page") if newest.who == _runtime.BY_PAGE else newest.who
    when = Formats(words.language).moment(newest.at, _runtime.app().wall_clock())
    text = words("plan_edit.meanwhile", who=_markdown.plain(who), when=when)
    st.warning(text)
    if found.taken:
        st.markdown(f"**{words('plan_edit.theirs')}**")
        st.html(html.changes(_worded(found.taken, base, theirs, words), _heads(words)))
    document = found.document
    for each in found.conflicts:
        line = plan_text.changed(each, draft.document, theirs, words)
        mine = words("plan_edit.keep_mine", value=line.before or "–")
        other = words("plan_edit.take_theirs", value=line.after or "–")
        chosen = st.radio(
            _markdown.plain(line.place),
            [_markdown.plain(mine), _markdown.plain(other)],
            index=0,
            key=f"{FIELD}conflict_{'.'.join(each.path)}",
        )
        if chosen == _markdown.plain(other):
            document = with_value(document, each.path, each.after)
    if st.button(words("plan_edit.go_on"), type="primary", key=f"{FIELD}go_on"):
        together = rebased(draft, newest, document)
        st.session_state[HELD][draft.plan_id] = together
        keep(together)
        forget_fields()
        st.rerun()
