"""The plan as it is read, top to bottom, each section with its pencil."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports import plan_text
from kpi_core.reports.board import BoardReport
from pages import _live, _lock, _markdown, _plan_picker, _reports, _runtime, _visitor
from pages._plan import (
    agreement,
    definition,
    history,
    new_revision,
    plan_file,
    plan_list,
    printed,
    proposal,
    save,
    trial,
)
from pages._plan.draft import FIELD, Draft, discard, fresh, open_draft, tried
from pages._plan.sections import EDITORS

OPEN = "plan_section"
"""The section whose editor is open."""
OF = "plan_section_of"
"""The plan that it is open for."""

words = _runtime.words()
formats = Formats(words.language)


def draw() -> None:
    """One plan, from its goal to its definition; below it its history and all other plans."""
    version = _live.follow()
    may_change = _lock.is_open()
    plans = _reports.plans(version)
    with st.container(horizontal=True, vertical_alignment="center", key="plan_top"):
        chosen = _plan_picker.draw(plans, words) if plans else ""
        st.space("stretch")
        _runtime.choose_language()
    plan_list.undo_line(words, may_change=may_change)
    if plans:
        _plan(chosen, version, may_change=may_change)
    else:
        _none(version)
    _below(chosen, may_change=may_change)


def _plan(plan_id: str, version: int, *, may_change: bool) -> None:
    draft = _draft(plan_id) if may_change else fresh(plan_id)
    if st.session_state.get(OF) != plan_id:
        st.session_state[OF] = plan_id
        st.session_state.pop(OPEN, None)
    revisions = _runtime.store().records.revisions(plan_id)
    title, notes = st.container(key="plan_title"), st.container(key="plan_notes")
    places = {name: st.container(key=f"plan_section_{name}") for name in EDITORS}
    opened = st.session_state.get(OPEN) if may_change else None
    # The editor first: all others then show what it has made of the draft.
    if opened in places:
        with places[opened]:
            _editor(opened, draft)
    if draft.is_changed:
        definition.raise_versions(draft)
    found = draft.read()
    plan = found if isinstance(found, Plan) else read_plan(revisions[-1].text)
    with title:
        _title(plan, revisions[-1], plan_id)
    if not isinstance(plan, Plan):
        for problem in plan:
            st.error(_markdown.plain(plan_text.mistake(problem, draft.document, words)))
        return
    board = tried(draft) if draft.is_changed else _reports.board(version, plan_id, None)
    with notes:
        _notes(plan, plan_id, draft, may_change=may_change)
        if board is not None and board.nothing_fits:
            _nothing_fits(may_change=may_change and opened != "definition")
    today = plan.work_calendar.local(_runtime.now()).date()
    for name, place in places.items():
        if name != opened:
            with place:
                _section(name, plan, board, draft, today, may_change=may_change)
    if draft.is_changed:
        st.html(printed.save_mark())
        with st.container(border=True, key="plan_save"):
            _save(draft, plan)


def _draft(plan_id: str) -> Draft:
    """This browser's draft; one without a change follows the newest revision."""
    draft = open_draft(plan_id)
    newest = _runtime.store().records.revisions(plan_id)[-1]
    if draft.base_revision != newest.revision and not draft.is_changed:
        discard(plan_id)
        draft = open_draft(plan_id)
    return draft


def _title(plan: Plan | tuple[object, ...], newest: Revision, plan_id: str) -> None:
    name = words.localize(plan.name) if isinstance(plan, Plan) else plan_id
    with st.container(horizontal=True, vertical_alignment="center", key="plan_name"):
        st.title(_markdown.plain(name), anchor=False)
        with st.container(horizontal=True, horizontal_alignment="right", key="plan_files"):
            if isinstance(plan, Plan):
                plan_file.printed(plan_id, words)
            plan_file.download(plan_id, words)
    since = words("plan_page.from_start")
    if newest.effective_from is not None:
        since = words("plan_page.from_month", month=formats.month(Month.of(newest.effective_from)))
    line = words(
        "plan_page.revision",
        number=newest.revision,
        day=formats.full_day(newest.at.date()),
        who=agreement.signed(newest.who, words),
        since=since,
    )
    st.caption(_markdown.plain(line))


def _notes(plan: Plan, plan_id: str, draft: Draft, *, may_change: bool) -> None:
    """What a reader should know before the plan: a review that is due, changes not agreed yet."""
    today = plan.work_calendar.local(_runtime.now()).date()
    if plan.review_on is not None and plan.review_on <= today:
        st.info(words("plan_page.review_due", day=formats.full_day(plan.review_on)))
    elif plan.review_on is not None:
        st.caption(words("plan_page.review_on", day=formats.full_day(plan.review_on)))
    if draft.is_changed:
        with st.container(horizontal=True, vertical_alignment="center", key="plan_unsaved"):
            st.markdown(f":material/edit: {words('plan_page.unsaved')}", width="content")
            st.html(printed.way_to_save(words), width="content")
            st.button(
                words("plan_page.discard"),
                type="tertiary",
                key="plan_discard",
                on_click=_discard,
                args=(plan_id,),
            )
    proposal.draw(plan_id, words, may_change=may_change)


def _nothing_fits(*, may_change: bool) -> None:
    """The number has nothing to count: its definition is what to look at."""
    with st.container(key="plan_nothing_fits"):
        st.warning(words("plan_page.nothing_fits"))
        if may_change:
            st.button(
                words("plan_page.change_definition"),
                icon=":material/edit:",
                key="plan_change_definition",
                on_click=_open,
                args=("definition",),
            )


def _discard(plan_id: str) -> None:
    discard(plan_id)
    st.session_state.pop(OPEN, None)


def _section(
    name: str,
    plan: Plan,
    board: BoardReport | None,
    draft: Draft,
    today: date,
    *,
    may_change: bool,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"plan_head_{name}"):
        st.subheader(words(f"plan_page.section_{name}"), anchor=False, width="stretch")
        if may_change:
            st.button(
                words("plan_page.edit"),
                icon=":material/edit:",
                type="tertiary",
                key=f"plan_pencil_{name}",
                on_click=_open,
                args=(name,),
            )
    match name:
        case "goal":
            st.html(printed.goal(plan, words))
        case "number":
            st.html(printed.number(plan, words))
        case "targets":
            st.html(printed.targets(plan, today, words))
        case "days":
            st.html(printed.days(plan, words))
        case "rules":
            st.html(printed.rules(plan, board if printed.climbs(plan) else None, words))
            trial.draw(draft.text, words)
        case "others":
            st.html(printed.others(plan, _reports.unsorted(plan), words))
        case "definition":
            st.html(printed.definition(plan, _reports.number_months(draft.plan_id), words))


def _editor(name: str, draft: Draft) -> None:
    st.subheader(words(f"plan_page.section_{name}"), anchor=False)
    with st.container(border=True, key="plan_editor"):
        EDITORS[name](draft, words)
        if name == "rules":
            trial.draw(draft.text, words)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(words("plan_page.done"), key="plan_done", on_click=_open, args=(None,))
            if draft.is_changed:
                st.html(printed.way_to_save(words), width="content")


def _open(name: str | None) -> None:
    st.session_state[OPEN] = name


def _save(draft: Draft, plan: Plan) -> None:
    """Save it, or propose it to those who have to agree."""
    if agreement.is_needed():
        st.markdown(f"**{words('plan_page.must_be_agreed')}**")
        _offer(draft, plan)
        return
    if save.draw(draft, words):
        _after(words("plan_page.saved"))
    box = st.expander(words("plan_page.propose_instead"), key="plan_propose", on_change="rerun")
    if box.open:
        with box:
            _offer(draft, plan)


def _offer(draft: Draft, plan: Plan) -> None:
    key = f"{FIELD}proposal"
    name = _visitor.ask_name(words, f"{key}_name")
    why = st.text_input(
        words("plan_page.reason"), max_chars=new_revision.LONGEST_REASON, key=f"{key}_reason"
    ).strip()
    since = new_revision.since_when(plan, key, words)
    is_proposed = proposal.offer(
        draft.plan_id, draft.text, draft.base_revision, since, name, why, key, words
    )
    if is_proposed:
        discard(draft.plan_id)
        _after(words("plan_page.was_proposed"))


def _after(text: str) -> None:
    st.session_state.pop(OPEN, None)
    st.toast(text)
    st.rerun()


def _none(version: int) -> None:
    """How to make a plan, where there is none."""
    st.title(words("plan_page.none_title"), anchor=False)
    st.write(words("plan_page.none_text"))
    if _lock.shows_notice(words, "plan"):
        return
    st.page_link("make_plan.py", label=words("plan_page.make"), icon=":material/edit_note:")
    names = _reports.starter_names(version)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words("plan_page.starter"),
            list(names),
            format_func=lambda key: words.localize(names[key]),
            key="plan_starter",
            width=360,
        )
        if st.button(words("plan_page.start"), key="plan_start") and chosen:
            _lock.demand()
            _reports.begin_with(chosen, who=_visitor.name() or _runtime.BY_PAGE)
            st.rerun()
    if chosen:
        st.caption(_markdown.plain(_reports.starter_says(version, chosen, words)))


def _below(plan_id: str, *, may_change: bool) -> None:
    with st.container(key="plan_bottom"):
        if plan_id:
            box = st.expander(words("plan_page.history"), key="plan_history", on_change="rerun")
            if box.open:
                with box:
                    history.draw(plan_id, words, may_change=may_change)
        box = st.expander(words("plan_page.plans"), key="plan_plans", on_change="rerun")
        if box.open:
            with box:
                plan_list.draw(words, may_change=may_change)
                if may_change:
                    st.page_link(
                        "make_plan.py", label=words("plan_page.make"), icon=":material/edit_note:"
                    )
                    plan_file.draw(words)
        if not may_change:
            _lock.notice(words, "plan")


draw()
