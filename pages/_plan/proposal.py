"""A change of a plan that is proposed to persons by name, and in force once all have agreed."""

from __future__ import annotations

import tomllib

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.differences import Merged, differences, merged
from kpi_core.plans.editing.rewrite import rewritten
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import first_day, load_plan
from kpi_core.records.errors import StoreError
from kpi_core.records.planning.proposals import Proposal, ProposalState
from pages import _lock, _markdown, _runtime, _visitor
from pages._plan import draft, printed

MOST_NAMES = 20
LONGEST_NAME = 60


def offer(
    plan_id: str,
    text: str,
    base: int,
    since: Month | None,
    name: str,
    why: str,
    key: str,
    words: Words,
) -> bool:
    """Ask for whom it is, and propose it; True once it was proposed."""
    typed = st.text_input(
        words("plan_page.propose_to"),
        help=words("plan_page.propose_to_help"),
        max_chars=400,
        key=f"{key}_names",
    )
    if not st.button(words("plan_page.propose"), type="primary", key=f"{key}_propose"):
        return False
    _lock.demand()
    parts = str(typed).replace("、", ",").split(",")
    names = list(dict.fromkeys(part.strip()[:LONGEST_NAME] for part in parts if part.strip()))
    missing = [
        words(f"plan_page.{reason}")
        for reason, is_missing in (
            ("propose_without_names", not names),
            ("propose_without_name", not name),
            ("reason_missing", not why),
        )
        if is_missing
    ]
    for sentence in missing:
        st.error(sentence)
    if missing:
        return False
    store = _runtime.store()
    store.records.plans.propose(
        plan_id,
        text,
        base_revision=base,
        effective_from=None if since is None else first_day(since),
        agree=names[:MOST_NAMES],
        who=name,
        why=why,
        now=_runtime.app().wall_clock(),
    )
    _visitor.keep_name(name)
    store.catch_up()
    return True


def draw(plan_id: str, words: Words, *, may_change: bool) -> None:
    """Every open proposal of a plan: who proposes what and why, and who has agreed."""
    for each in _runtime.store().records.plans.open_proposals(plan_id):
        _proposal(each, words, may_change=may_change)


def line(plan_id: str, words: Words) -> str:
    """That a change is proposed, for the board; "" where none is."""
    found = _runtime.store().records.plans.open_proposals(plan_id)
    if not found:
        return ""
    newest = found[-1]
    day = Formats(words.language).day(newest.proposed_at.date())
    agreed = len(newest.agree) - len(newest.missing)
    return words(
        "plan_page.is_proposed",
        who=newest.proposed_by, day=day, agreed=agreed, total=len(newest.agree),
    )  # fmt: skip


def _proposal(each: Proposal, words: Words, *, may_change: bool) -> None:
    key = f"plan_proposal_{each.proposal_id}"
    formats = Formats(words.language)
    revisions = _runtime.store().records.revisions(each.plan_id)
    base = next(one for one in revisions if one.revision == each.base_revision)
    newest = revisions[-1]
    with st.container(border=True, key=key):
        day = formats.day(each.proposed_at.date())
        title = words("plan_page.proposed", who=each.proposed_by, day=day)
        st.markdown(f"**{_markdown.plain(title)}**")
        st.text(each.reason)
        if each.effective_from is not None:
            month = formats.month(Month.of(each.effective_from))
            st.caption(words("plan_page.from_month", month=month))
        before, mine = tomllib.loads(base.text), tomllib.loads(each.document)
        found = together(each)
        st.html(printed.changes(before, mine, differences(before, mine), words))
        if found.taken:
            st.caption(words("plan_page.others_meanwhile", revision=newest.revision))
            theirs = tomllib.loads(newest.text)
            st.html(printed.changes(before, theirs, found.taken, words))
        _agreed(each, words)
        if found.conflicts:
            _conflicts(each, found, key, words, may_change=may_change)
        elif may_change:
            _agree(each, key, words)
        if may_change:
            _withdraw(each, key, words)


def _agreed(each: Proposal, words: Words) -> None:
    formats = Formats(words.language)
    for one in each.agreements:
        day = formats.moment(one.at, _runtime.app().wall_clock())
        st.caption(
            _markdown.plain(words("plan_page.has_agreed", name=one.name, day=day)),
        )
    if each.missing:
        names = words("plan_text.and").join(each.missing)
        st.caption(_markdown.plain(words("plan_page.still_to_agree", names=names)))


def _agree(each: Proposal, key: str, words: Words) -> None:
    """One of the persons named agrees under their name; the last one puts it in force."""
    if not each.missing:
        if st.button(words("plan_page.put_in_force"), type="primary", key=f"{key}_force"):
            _lock.demand()
            _put_in_force(each, words)
        return
    mine = _visitor.name()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            words("plan_page.you_are"),
            each.missing,
            index=each.missing.index(mine) if mine in each.missing else None,
            placeholder=words("plan_page.choose_name"),
            key=f"{key}_who",
            width=260,
        )
        if not st.button(
            words("plan_page.agree"), type="primary", disabled=name is None, key=f"{key}_agree"
        ):
            return
    _lock.demand()
    if name is None:
        return
    try:
        now = _runtime.app().wall_clock()
        changed = _runtime.store().records.plans.agree(each.proposal_id, who=name, now=now)
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return
    _visitor.keep_name(name)
    if changed.missing:
        _runtime.store().catch_up()
        st.rerun()
    _put_in_force(changed, words)


def together(each: Proposal) -> Merged:
    """The proposal with what was saved since it was made; what both changed is a conflict."""
    revisions = _runtime.store().records.revisions(each.plan_id)
    base = next(one for one in revisions if one.revision == each.base_revision)
    texts = (base.text, each.document, revisions[-1].text)
    return merged(*(tomllib.loads(text) for text in texts))


def _put_in_force(each: Proposal, words: Words) -> None:
    """Save it as a revision by its proposer, and close the proposal."""
    _lock.demand()
    store = _runtime.store()
    newest = store.records.revisions(each.plan_id)[-1]
    found = together(each)
    if found.conflicts:  # another user saved in this moment; the next run shows what
        st.rerun()
    text = each.document
    if newest.revision != each.base_revision:
        text = rewritten(newest.text, found.document)
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        for problem in plan:
            st.error(_markdown.plain(problem.sentence(words)))
        return
    by = words("plan_text.and").join(each.agree)
    since = None if each.effective_from is None else Month.of(each.effective_from)
    try:
        load_plan(
            store,
            text,
            who=each.proposed_by,
            why=words("plan_page.agreed_reason", reason=each.reason, by=by),
            effective_from=since,
            now=plan.work_calendar.local(_runtime.now()),
            expected=newest.revision,
        )
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return
    _close(each, ProposalState.IN_FORCE, each.proposed_by)
    st.toast(words("plan_page.now_in_force"))
    st.rerun()


def _conflicts(each: Proposal, found: Merged, key: str, words: Words, *, may_change: bool) -> None:
    """What the proposal and a newer revision both changed, and how to go on without loss."""
    newest = _runtime.store().records.revisions(each.plan_id)[-1]
    st.warning(words("plan_page.conflicts", revision=newest.revision))
    mine, theirs = tomllib.loads(each.document), tomllib.loads(newest.text)
    st.html(printed.changes(mine, theirs, found.conflicts, words))
    if may_change and st.button(words("plan_page.take_up"), key=f"{key}_take_up"):
        _lock.demand()
        opened = draft.open_draft(each.plan_id)
        if opened.is_changed:
            st.error(words("plan_page.draft_in_the_way"))
            return
        draft.discard(each.plan_id)
        draft.open_draft(each.plan_id).replace(found.document)
        st.rerun()


def _withdraw(each: Proposal, key: str, words: Words) -> None:
    if st.button(words("plan_page.withdraw"), type="tertiary", key=f"{key}_withdraw"):
        _lock.demand()
        _close(each, ProposalState.WITHDRAWN, _visitor.name() or _runtime.BY_PAGE)
        st.rerun()


def _close(each: Proposal, state: ProposalState, who: str) -> None:
    store = _runtime.store()
    now = _runtime.app().wall_clock()
    store.records.plans.close_proposal(each.proposal_id, state, who=who, now=now)
    store.catch_up()
