"""A plan as a file: out as TOML, and in by the same rules as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.plans.document import Plan
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import MAX_CHARACTERS, read_plan
from kpi_core.records.errors import StoreError
from kpi_core.reports.plan_sheet import plan_sheet
from kpi_core.reports.plans import readable_plan
from kpi_core.sheet.plan_sheet import KINDS, draw_sheet
from pages import _lock, _markdown, _runtime, _visitor
from pages._plan import new_revision

CHOSEN = "plan_file_chosen"
MAX_MEGABYTES = 5
MAX_BYTES = 4 * MAX_CHARACTERS
"""UTF-8 takes at most four bytes a character: a larger file is refused before it is read."""
PROBLEMS_SHOWN = 50


def download(plan_id: str, words: Words) -> None:
    """The newest revision as it was written, comments and all, read when its button is pressed."""
    st.download_button(
        words("plan_page.toml"),
        partial(_text, plan_id),
        file_name=f"{plan_id}.toml",
        mime="application/toml",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="plan_toml",
    )


def _text(plan_id: str) -> bytes:
    return _runtime.store().records.revisions(plan_id)[-1].text.encode()


def printed(plan_id: str, words: Words) -> None:
    """The plan on one sheet for the meeting, drawn when its button is pressed."""
    for ending in KINDS:
        st.download_button(
            words("plan_page.print", kind=ending.removeprefix(".").upper()),
            partial(_sheet, plan_id, ending, words),
            file_name=f"{plan_id}{ending}",
            mime="application/pdf" if ending == ".pdf" else "image/png",
            icon=":material/print:" if ending == ".pdf" else ":material/image:",
            type="tertiary",
            on_click="ignore",
            key=f"plan_print{ending}",
        )


def _sheet(plan_id: str, ending: str, words: Words) -> bytes:
    revisions = _runtime.store().records.revisions(plan_id)
    plan = readable_plan(revisions[-1:], Month.of(_runtime.now().date()))
    report = plan_sheet(plan, words, now=_runtime.now(), revisions=revisions)
    return draw_sheet(report, KINDS[ending])


def draw(words: Words) -> None:
    """The place for a file; what is wrong with it, or what it changes."""
    round_ = st.session_state.setdefault(CHOSEN, 0)
    uploaded = st.file_uploader(
        words("plan_page.import_label"),
        type=["toml"],
        key=f"plan_file_{round_}",
        help=words("plan_page.import_help"),
        max_upload_size=MAX_MEGABYTES,
    )
    if uploaded is None:
        return
    found = read(uploaded.getvalue())
    if isinstance(found, Wrong):
        st.error(words("plan_page.not_imported", count=len(found.problems)))
        for problem in found.problems[:PROBLEMS_SHOWN]:
            st.text(problem.sentence(words))
        return
    text, plan = found.text, found.plan
    if _runtime.store().records.revisions(plan.id):
        name = _markdown.plain(words("plan_page.is_known", name=words.localize(plan.name)))
        st.markdown(f"**{name}**")
        if new_revision.draw(plan.id, text, "plan_file", words):
            _done(plan, words)
        return
    st.markdown(f"**{_markdown.plain(words('plan_page.is_new', name=words.localize(plan.name)))}**")
    name = _visitor.ask_name(words, "plan_file_name")
    if st.button(words("plan_page.save_new"), type="primary", key="plan_file_save"):
        _lock.demand()
        try:
            new_revision.save(plan, text, None, name, words("plan_page.imported"), 0)
        except StoreError as error:
            st.error(_runtime.refusal(error, words))
            return
        _done(plan, words)


@dataclass(frozen=True)
class Wrong:
    """A file that is no plan, and every mistake in it."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class PlanFile:
    """A file's text and the plan that it declares."""

    text: str
    plan: Plan


def read(content: bytes) -> PlanFile | Wrong:
    """A file by the rules of every plan."""
    if len(content) > MAX_BYTES:
        return Wrong((Problem("", "too_large", {"bound": str(MAX_CHARACTERS)}),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Wrong((Problem("", "not_unicode"),))
    plan = read_plan(text)
    return PlanFile(text, plan) if isinstance(plan, Plan) else Wrong(plan)


def _done(plan: Plan, words: Words) -> None:
    st.session_state[CHOSEN] += 1
    st.query_params["plan"] = plan.id
    st.toast(words("plan_page.saved"))
    st.rerun()
