"""Make your plan: from data to a board of one's own, one question at a time."""

import tomllib

import streamlit as st

from kpi_core.plans.document import Plan
from kpi_core.plans.editing import declared
from kpi_core.plans.parse import read_plan
from kpi_core.plans.starter_plans import starters
from pages import _live, _lock, _markdown, _reports, _runtime
from pages._board import html as board_html
from pages._plan import days, goal, number, others, rules, save, targets
from pages._plan.draft import NEW, Draft, discard, open_draft, tried

STEPS = {
    "goal": goal,
    "number": number,
    "targets": targets,
    "days": days,
    "rules": rules,
    "others": others,
}
NEEDED = ("goal", "number", "targets")
"""These three make a board; the others are filled in and can be skipped."""
STEP = "step"
TRIED = "tried_to_leave"
RULES_GIVEN = "rules_given"

words = _runtime.words()


def draw() -> None:
    """The question on the left, the board that it makes on the right."""
    version = _live.follow()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words("make_plan.title"), width="content")
        st.space("stretch")
        _runtime.choose_language()
    if _lock.shows_notice(words, "make_plan"):
        return
    if saved := st.session_state.pop(save.SAVED, None):
        st.switch_page("board.py", query_params={"plan": saved})
    draft = open_draft(NEW)
    step = _step(draft)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _question(draft, step, version)
    with right:
        _board(draft)


def _step(draft: Draft) -> str:
    """The steps; one that the answers do not lead to yet leads to the first that is missing."""
    reached = _reached(draft)
    key = "make_plan_step"
    current = str(draft.progress.get(STEP, "goal"))
    current = current if current in reached else reached[-1]
    st.session_state[key] = current
    st.segmented_control(
        words("make_plan.steps"),
        list(STEPS),
        format_func=lambda step: words(
            "make_plan.step", number=list(STEPS).index(step) + 1, name=words(f"make_plan.{step}")
        ),
        key=key,
        label_visibility="collapsed",
        required=True,
        on_change=lambda: _go(draft, st.session_state[key]),
    )
    return current


def _reached(draft: Draft) -> list[str]:
    """A step is open once all needed before it are answered."""
    reached = []
    for step in STEPS:
        reached.append(step)
        if step in NEEDED and STEPS[step].missing(draft, words):
            break
    return reached


def _go(draft: Draft, step: str) -> None:
    reached = _reached(draft)
    st.session_state[TRIED] = step not in reached
    step = step if step in reached else reached[-1]
    if step == "targets" and RULES_GIVEN not in draft.progress:
        # Filled in before their step, which may be skipped.
        draft.progress[RULES_GIVEN] = True
        if not draft.get("rules"):
            draft.replace({**draft.document, "rules": rules.usual_rules()})
    draft.set_progress(STEP, step)


def _question(draft: Draft, step: str, version: int) -> None:
    st.subheader(words(f"make_plan.ask_{step}"))
    st.caption(words(f"make_plan.about_{step}"))
    if step == "goal":
        _examples(draft, version)
    STEPS[step].draw(draft, words)
    if step in NEEDED:
        _complete(draft)
    if step in NEEDED and st.session_state.get(TRIED):
        for sentence in STEPS[step].missing(draft, words):
            st.error(_markdown.plain(sentence))
    _buttons(draft, step)


def _complete(draft: Draft) -> None:
    """What a plan needs beside the answers: a name, an id, and the success factor."""
    document = dict(draft.document)
    name = document.get("kgi", {}).get("name")
    if name and (not document.get("name") or document.get("name") == draft.progress.get("named")):
        document["name"] = name
        draft.progress["named"] = name
    if document.get("name") and not document.get("id"):
        taken = [each.plan_id for each in _runtime.store().records.plans.entries()]
        text = words.localize(document["name"])
        document["id"] = declared.new_id(text, taken, sign="-", otherwise="plan")
    if document.get("kpi", {}).get("name") and not document.get("csf"):
        document["csf"] = document["kpi"]["name"]
    for key, value in document.items():
        draft.set((key,), value)


def _buttons(draft: Draft, step: str) -> None:
    steps = list(STEPS)
    place = steps.index(step)
    with st.container(horizontal=True):
        if place > 0:
            st.button(
                words("make_plan.back"), on_click=_go, args=(draft, steps[place - 1]), key="mp_back"
            )
        if place + 1 < len(steps):
            st.button(
                words("make_plan.next"),
                type="primary" if step in ("goal", "number") else "secondary",
                on_click=_next,
                args=(draft, step),
                key="mp_next",
            )
        st.space("stretch")
        if draft.document:
            st.button(words("make_plan.start_again"), on_click=_again, key="mp_again")
    if place >= steps.index("targets") and not any(
        STEPS[needed].missing(draft, words) for needed in NEEDED
    ):
        st.divider()
        if save.draw(draft, words):
            st.rerun()


def _next(draft: Draft, step: str) -> None:
    steps = list(STEPS)
    _go(draft, steps[steps.index(step) + 1])


def _again() -> None:
    discard(NEW)


def _examples(draft: Draft, version: int) -> None:
    """The plans that ship, opened as filled-in answers."""
    names = _reports.starter_names(version)
    with st.expander(words("make_plan.examples"), expanded=False):
        st.caption(words("make_plan.examples_text"))
        for key, name in names.items():
            plan = read_plan(starters()[key])
            if not isinstance(plan, Plan):
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                counted = _reports.starter_says(version, key, words)
                with st.container(gap=None):
                    st.text(words.localize(name))
                    st.caption(_markdown.plain(counted))
                st.button(
                    words("make_plan.open"),
                    key=f"make_plan_open_{key}",
                    on_click=_open,
                    args=(draft, key),
                )


def _open(draft: Draft, starter: str) -> None:
    """Open a shipped plan as the answers, without the agreements in it: they are not yours."""
    document = tomllib.loads(starters()[starter])
    taken = [each.plan_id for each in _runtime.store().records.plans.entries()]
    document["id"] = declared.new_id(document["id"], taken, sign="-", otherwise="plan")
    definition = document["kpi"].get("definition", {})
    definition.pop("agreed_by", None)
    definition.pop("agreed_on", None)
    draft.base = starters()[starter]
    draft.progress.clear()
    draft.progress[RULES_GIVEN] = True
    draft.replace(document)


def _board(draft: Draft) -> None:
    """The board as it would be; before there is one, what is still missing."""
    board = tried(draft)
    if board is None:
        with st.container(border=True):
            st.caption(words("make_plan.no_board"))
        return
    st.caption(words("make_plan.your_board"))
    st.html(board_html.hero(board.kpi, words, small=True))
    if board.nothing_fits:
        st.warning(words("make_plan.nothing_fits"))


draw()
