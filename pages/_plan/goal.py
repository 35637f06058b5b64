"""The goal: a result with a number and a deadline."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.domain.stage import Stage
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import GoalPer
from kpi_core.plans.editing import declared
from kpi_core.reports.countable import Countable
from kpi_core.reports.goal import goal_offers
from pages import _live, _markdown, _reports, _runtime
from pages._plan import fields
from pages._plan.draft import FIELD, Draft

NONE = ""
ADDED = "goal_indicator"
"""In a draft's progress: the number that was added to show the goal, and nothing else."""
RESULTS = (Stage.OPPORTUNITY, Stage.WON, Stage.RENEWED)


def draw(draft: Draft, words: Words) -> None:
    """Name, number, unit and deadline, with what growth would come to."""
    formats = Formats(words.language)
    fields.text(
        draft,
        words,
        ("kgi", "name"),
        words("plan_edit.goal_name"),
        placeholder=words("plan_edit.goal_name_example"),
    )
    counted = _shown_by(draft, words)
    per = fields.choice(
        draft,
        ("kgi", "per"),
        words("plan_edit.goal_per"),
        [each.value for each in GoalPer],
        GoalPer.MONTH.value,
        lambda each: words(f"plan_edit.per_{each}"),
        control=st.segmented_control,
        required=True,
    )
    if draft.is_new:
        draft.set(("kgi", "per"), per)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields.number(draft, ("kgi", "target"), words("plan_edit.goal_target"), width=180)
        fields.text(draft, words, ("kgi", "unit"), words("plan_edit.unit"), width=140)
        deadline = fields.day(
            draft,
            ("kgi", "deadline"),
            words("plan_edit.deadline"),
            min_value=date(1990, 1, 1),
            max_value=date(2999, 12, 31),
            width=180,
        )
    if counted is not None:
        _offers(draft, words, formats, counted, GoalPer(per), deadline)


def missing(draft: Draft, words: Words) -> list[str]:
    """Why the goal cannot be left as it is, in sentences."""
    found = []
    if not draft.text_at(("kgi", "name"), words):
        found.append(words("plan_edit.goal_without_name"))
    if not draft.get("kgi", "target"):
        found.append(words("plan_edit.goal_without_number"))
    deadline = draft.get("kgi", "deadline")
    if not isinstance(deadline, date):
        found.append(words("plan_edit.goal_without_deadline"))
    elif draft.is_new and deadline < _runtime.app().wall_clock().date():
        day = Formats(words.language).full_day(deadline)
        found.append(words("plan_edit.deadline_over", day=day))
    return found


def countable_of(draft: Draft) -> Countable | None:
    """The number of the store that shows how the goal stands; None where none does."""
    name = draft.get("kgi", "indicator")
    for each in _reports.countables(_live.follow()):
        if name is not None and declared.id_of(draft.document, each.indicator) == name:
            return each
    return None


def _shown_by(draft: Draft, words: Words) -> Countable | None:
    """The choice of the number that shows the goal, results first."""
    found = {each.key: each for each in _reports.countables(_live.follow()) if not each.is_work}
    if not found:
        return None
    order = sorted(found.values(), key=lambda each: each.stage not in RESULTS)
    shown = countable_of(draft)
    key = f"{FIELD}goal_indicator"
    st.session_state[key] = NONE if shown is None else shown.key
    st.selectbox(
        words("plan_edit.goal_shown_by"),
        [NONE, *(each.key for each in order)],
        format_func=lambda name: (
            words("plan_edit.goal_shown_by_none")
            if name == NONE
            else words.localize(found[name].name)
        ),
        help=words("plan_edit.goal_shown_by_help"),
        key=key,
        on_change=_show_by,
        args=(draft, found),
    )
    return shown


def _show_by(draft: Draft, found: dict[str, Countable]) -> None:
    """Have the goal shown by another number, which joins the plan's; the one before leaves it."""
    document, added = draft.document, draft.progress.pop(ADDED, None)
    if added is not None:
        document = declared.without_indicator(document, added)
    goal = {**document.get("kgi", {})}
    goal.pop("indicator", None)
    chosen = found.get(st.session_state[f"{FIELD}goal_indicator"])
    if chosen is not None:
        known = declared.id_of(document, chosen.indicator)
        document, name = declared.with_indicator(
            document, chosen.name, chosen.unit, chosen.indicator
        )
        goal["indicator"] = name
        if chosen.unit and not goal.get("unit"):
            goal["unit"] = chosen.unit
        if known is None:
            draft.progress[ADDED] = name
    draft.replace({**document, "kgi": goal})


def _offers(
    draft: Draft,
    words: Words,
    formats: Formats,
    counted: Countable,
    per: GoalPer,
    deadline: date | None,
) -> None:
    offers = goal_offers(counted, per, deadline)
    name = _markdown.plain(words.localize(counted.name))
    if offers.last_year is not None:
        known = words(
            "plan_edit.last_year",
            name=name,
            year=formats.number(offers.last_year),
            month=formats.stated(offers.last_year / 12),
        )
    elif offers.last_month is not None:
        known = words("plan_edit.last_month", name=name, month=formats.stated(offers.last_month))
    else:
        return
    st.caption(known)
    with st.container(horizontal=True):
        if offers.on_last_year is not None:
            _offer(
                draft,
                "year",
                words("plan_edit.offer_year", target=formats.number(offers.on_last_year)),
                offers.on_last_year,
            )
        if offers.by_month is not None and offers.month_of_deadline is not None:
            label = words(
                "plan_edit.offer_month",
                target=formats.number(offers.by_month),
                month=formats.month(offers.month_of_deadline),
            )
            _offer(draft, "month", label, offers.by_month)


def _offer(draft: Draft, name: str, label: str, target: int) -> None:
    st.button(
        label,
        key=f"{FIELD}offer_{name}",
        on_click=fields.show,
        args=(draft, ("kgi", "target"), target),
    )
