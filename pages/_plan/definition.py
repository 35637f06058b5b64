"""The definition of a number: conditions by what the data have, words, version, and agreement."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from kpi_core.facts.attributes import AttributeValues, same_value
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.declared import what_it_counts
from kpi_core.plans.editing.differences import Path, value_at
from kpi_core.plans.parse import read_plan
from kpi_core.reports import plan_text
from kpi_core.reports.months.number_months import TwoCounts, under_two
from pages import _markdown, _reports, _runtime
from pages._plan import fields, printed
from pages._plan.draft import FIELD, Draft, forget_fields

BY_LEAD = ("count", "sum", "active")
"""Kinds of numbers that are counted lead by lead."""
IN, NOT_IN, AT_LEAST, AT_MOST = "in", "not_in", "at_least", "at_most"
OPERATORS = (IN, NOT_IN, AT_LEAST, AT_MOST)
CONDITION = f"{FIELD}where_"
ROUND = "plan_where_round"
"""Counts removals and additions: a browser gives a field of the same name its former value back."""
LARGEST = 1e15
MOST = 20
VALUES_NAMED = 8
KEPT = 16
Where = dict[str, Any]


def draw(draft: Draft, words: Words) -> None:
    """One number's conditions, its words, its version and who agreed."""
    numbers = dict(_numbers(draft.document))
    path = next(iter(numbers), None)
    if path is None:
        return
    if len(numbers) > 1:
        names = {
            "/".join(each): plan_text.place(each, (draft.document,), words) for each in numbers
        }
        chosen = st.selectbox(
            words("plan_page.which_number"),
            list(names),
            format_func=names.__getitem__,
            key=f"{FIELD}definition_of",
            on_change=_forget_conditions,
            width=420,
        )
        path = next(each for each in numbers if "/".join(each) == chosen)
    stated = draft.get(*path)
    if stated.get("kind") in BY_LEAD:
        conditions(draft, path, words)
    else:
        st.caption(words("plan_page.no_conditions_here"))
    meant = (*path, "definition")
    fields.text(draft, words, (*meant, "text"), words("plan_text.field_text"))
    raise_versions(draft)
    _agreement(draft, meant, words)
    _compared(draft, path, words)


def raise_versions(draft: Draft) -> None:
    """Of each number that means something else than before, raise the version by one.

    Who agreed to the old meaning has not agreed to the new one: the names are cleared once.
    """
    base = tomllib.loads(draft.base)
    for path, stated in list(_numbers(draft.document)):
        before = value_at(base, path)
        if not isinstance(before, Mapping):
            continue
        old, new = dict(before.get("definition", {})), dict(stated.get("definition", {}))
        old_version = int(old.get("version", 1))
        is_same = what_it_counts(before) == what_it_counts(stated)
        is_same = is_same and old.get("text") == new.get("text")
        if is_same and new.get("version", 1) == old_version + 1:
            draft.set((*path, "definition"), old or None)
            _forget_agreement()
        elif not is_same and int(new.get("version", 1)) == old_version:
            kept = {key: new[key] for key in new if key not in ("agreed_by", "agreed_on")}
            draft.set((*path, "definition"), kept | {"version": old_version + 1})
            _forget_agreement()


def _numbers(document: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """KPI and management indicators with their places."""
    kpi = document.get("kpi")
    if isinstance(kpi, Mapping):
        yield ("kpi",), kpi
    for table in ("kpi", "indicators"):
        for each in document.get(table, []) if isinstance(document.get(table), list) else []:
            yield (table, str(each.get("id", ""))), each


# --- conditions ---


def conditions(draft: Draft, path: Path, words: Words) -> None:
    """The conditions at a place: of a number, or of one side of a rate."""
    known = _runtime.store().attributes()
    if known is None:
        st.info(words("plan_page.values_unknown"))
    stated: list[Where] = [dict(each) for each in (draft.get(*path) or {}).get("where", [])]
    names = list(dict.fromkeys((*(known or ()), *(each["attribute"] for each in stated))))
    same = _same_elsewhere(draft.document, path)
    st.markdown(f"**{words('plan_page.counts_when')}**")
    edited = [_condition(each, at, names, draft, path, words) for at, each in enumerate(stated)]
    if not stated:
        st.caption(words("plan_page.every_lead"))
    if len(stated) < MOST and names:
        st.button(
            words("plan_page.add_condition"),
            icon=":material/add:",
            key=f"{CONDITION}{'_'.join(path)}_add",
            on_click=_add,
            args=(draft, path, names[0]),
        )
    together = False
    if same:
        listed = words("plan_text.and").join(
            plan_text.place(each[:2], (draft.document,), words) for each in same
        )
        together = st.checkbox(
            _markdown.plain(words("plan_page.same_elsewhere", names=listed)),
            value=True,
            key=f"{CONDITION}{'_'.join(path)}_together",
        )
    if edited != stated:
        for each in (path, *(same if together else ())):
            draft.set((*each, "where"), edited)


def _condition(
    stated: Where, at: int, names: list[str], draft: Draft, path: Path, words: Words
) -> Where:
    """One condition; what it is after this run."""
    key = f"{FIELD}r{st.session_state.get(ROUND, 0)}_where_{'_'.join(path)}_{at}_"
    with st.container(border=True, key=f"plan_condition_{'_'.join(path)}_{at}"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                words("plan_page.attribute"),
                names,
                index=names.index(stated["attribute"]),
                format_func=lambda each: plan_text.attribute(each, words),
                key=f"{key}attribute",
                width=200,
            )
            values = _runtime.store().attribute_values(name)
            now = next(each for each in OPERATORS if each in stated)
            operator = st.selectbox(
                words("plan_page.comparison"),
                OPERATORS,
                index=OPERATORS.index(now),
                format_func=lambda each: words(f"plan_page.operator_{each}"),
                key=f"{key}operator",
                width=180,
            )
            if is_number := operator in (AT_LEAST, AT_MOST):
                edited = _number(stated, name, operator, values, key, words)
            st.button(
                words("plan_page.remove_condition"),
                icon=":material/delete:",
                type="tertiary",
                key=f"{key}remove",
                on_click=_remove,
                args=(draft, path, at),
            )
        if not is_number:
            edited = _values(stated, name, operator, values, key, words)
        if values is not None:
            _meets(edited, values, words)
    return edited


def _number(
    stated: Where,
    name: str,
    operator: str,
    values: AttributeValues | None,
    key: str,
    words: Words,
) -> Where:
    """The condition with the number as it is typed; one without a number begins with the least."""
    known = stated.get(AT_LEAST, stated.get(AT_MOST))
    if known is None and values is not None:
        known = values.least
    before = float(known or 0)
    number = st.number_input(
        words("plan_page.number"),
        value=before,
        step=1.0,
        min_value=-LARGEST,
        max_value=LARGEST,
        format="%.0f" if before.is_integer() else "%.15g",
        key=f"{key}number",
        width=160,
    )
    whole = int(number) if float(number).is_integer() else number
    return {"attribute": name, operator: whole}


def _values(
    stated: Where,
    name: str,
    operator: str,
    values: AttributeValues | None,
    key: str,
    words: Words,
) -> Where:
    """The condition with the values as they are chosen; without any it stays as it was."""
    before: list[str] = []
    if stated["attribute"] == name:
        before = stated.get(IN) or stated.get(NOT_IN) or []
    counts = {} if values is None else {same_value(each): n for each, n in values.values}
    spelled = {same_value(each): each for each in before}
    offered = [*before]
    if values is not None:
        offered += [each for each, _ in values.values if same_value(each) not in spelled]
    formats = Formats(words.language)
    chosen = st.multiselect(
        words("plan_page.values"),
        offered,
        default=before,
        format_func=lambda each: (
            words(
                "plan_page.value_count",
                value=each,
                leads=formats.number(counts.get(same_value(each))),
            )
            if values is not None
            else each
        ),
        accept_new_options=values is None or len(values.values) >= VALUES_NAMED * 20,
        key=f"{key}values_{name}",
    )
    if not chosen:  # a condition without a value cannot be; it is removed by its own button
        st.caption(words("plan_page.choose_a_value"))
        return stated if stated["attribute"] == name else {"attribute": name, operator: [""]}
    return {"attribute": name, operator: list(chosen)}


def _meets(where: Where, values: AttributeValues, words: Words) -> None:
    """Say so where no lead has what a condition asks for, with what there is."""
    formats = Formats(words.language)
    if values.leads == 0:
        st.warning(_markdown.plain(words("plan_page.no_such_attribute")))
        return
    is_met = True
    if IN in where:
        asked = {same_value(each) for each in where[IN]}
        known = {same_value(each) for each, _ in values.values}
        is_met = bool(asked & known) or len(values.values) < len(known)
    elif AT_LEAST in where:
        is_met = values.most is not None and values.most >= where[AT_LEAST]
    elif AT_MOST in where:
        is_met = values.least is not None and values.least <= where[AT_MOST]
    if is_met:
        return
    there = words("plan_text.and").join(
        words("plan_page.value_count", value=each, leads=formats.number(count))
        for each, count in values.values[:VALUES_NAMED]
    )
    if AT_LEAST in where or AT_MOST in where:
        there = words("plan_page.no_numbers")
        if values.least is not None:
            least, most = formats.stated(values.least), formats.stated(values.most)
            there = words("plan_page.range", least=least, most=most)
    st.warning(_markdown.plain(words("plan_page.nothing_meets", there=there)))


def _add(draft: Draft, path: Path, name: str) -> None:
    values = _runtime.store().attribute_values(name)
    first = values.values[0][0] if values is not None and values.values else "–"
    where = [*(draft.get(*path) or {}).get("where", []), {"attribute": name, IN: [first]}]
    draft.set((*path, "where"), where)
    _forget_conditions()


def _remove(draft: Draft, path: Path, at: int) -> None:
    where = list((draft.get(*path) or {}).get("where", []))
    del where[at : at + 1]
    draft.set((*path, "where"), where or None)
    _forget_conditions()


def _forget_conditions() -> None:
    """Have the fields of conditions begin again with what the draft says."""
    st.session_state[ROUND] = int(st.session_state.get(ROUND, 0)) + 1
    for key in [key for key in st.session_state if "_where_" in str(key)]:
        if str(key).startswith(FIELD) and not str(key).endswith("together"):
            del st.session_state[key]


def _same_elsewhere(document: Mapping[str, Any], path: Path) -> list[Path]:
    """Places in the plan's other numbers whose conditions are the same as this one's."""
    mine = value_at(document, (*path, "where"))
    if not mine:
        return []
    found = []
    for other, stated in _numbers(document):
        for inner in ((), ("numerator",), ("denominator",)):
            place = (*other, *inner)
            if place != path and value_at(stated, (*inner, "where")) == mine:
                found.append(place)
    return found


# --- agreement, and what it changes ---


def _agreement(draft: Draft, meant: Path, words: Words) -> None:
    version = draft.get(*meant, "version") or 1
    st.markdown(words("plan_page.version_is", version=version))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = [words.localize(each) for each in draft.get(*meant, "agreed_by") or []]
        # Of its version: what was agreed to the one before is not typed for this one.
        key = fields.key_of(draft, (*meant, f"v{version}", "agreed_by"))
        comma = words("plan_text.and").strip()
        typed = st.text_input(
            words("plan_page.agreed_by"), fields.begin(key, f"{comma} ".join(before)),
            key=key, max_chars=400, width=380,
            help=words("plan_page.agreed_by_help"),
        )  # fmt: skip
        names = [
            name for part in str(typed).replace("、", ",").split(",") if (name := part.strip())
        ]
        if names != before:
            draft.set((*meant, "agreed_by"), names or None)
        if names:
            agreed_on = words("plan_text.field_agreed_on")
            fields.day(draft, (*meant, "agreed_on"), agreed_on, width=180)


def _forget_agreement() -> None:
    forget_fields("definition.agreed")


def _compared(draft: Draft, path: Path, words: Words) -> None:
    """The last closed months under both definitions."""
    base = tomllib.loads(draft.base)
    before = value_at(base, path)
    if not isinstance(before, Mapping):
        return
    if what_it_counts(before) == what_it_counts(draft.get(*path)):
        return
    number = str(before.get("id", ""))
    version = _runtime.store().data_version()
    found = _under_two(version, _reports.minute(), draft.base, draft.text, number)
    if found:
        old = int(before.get("definition", {}).get("version", 1))
        new = int(draft.get(*path, "definition", "version") or 1)
        st.html(printed.two_counts(found, old, new, words))
        st.caption(words("plan_page.break_coming"))
    else:
        st.caption(words("plan_page.no_closed_months"))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _under_two(
    version: int, now: datetime, before: str, after: str, number: str
) -> tuple[TwoCounts, ...]:
    plans = read_plan(before), read_plan(after)
    if not isinstance(plans[0], Plan) or not isinstance(plans[1], Plan):
        return ()
    return under_two(_runtime.store(), plans[0], plans[1], number, now=now)
