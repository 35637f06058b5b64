"""One number of the plan: its unit, how it is counted, and numbers worked out of others."""

from __future__ import annotations

from typing import Any

import streamlit as st

from kpi_core.domain.stage import Stage
from kpi_core.domain.status import Direction
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.editing import declared
from kpi_core.plans.editing.differences import Path
from kpi_core.plans.indicator import Basis
from kpi_core.plans.indicators import Aggregate
from pages import _markdown, _reports
from pages._plan import definition, fields
from pages._plan.draft import FIELD, Draft

ALL = ""
RATE, SHARES, FORMULA = "rate", "shares", "formula"
BY_STAGE = ("count", "sum")


def details(draft: Draft, words: Words, path: Path) -> None:
    """How the number at a place is counted, in fields that fit its kind."""
    stated: dict[str, Any] = draft.get(*path) or {}
    kind = stated.get("kind")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields.text(draft, words, (*path, "unit"), words("plan_edit.unit"), width=140)
        fields.choice(
            draft,
            (*path, "direction"),
            words("plan_edit.direction"),
            [each.value for each in Direction],
            Direction.UP.value,
            lambda each: words(f"plan_edit.direction_{each}"),
            width=200,
        )
        if kind != FORMULA:
            _source(draft, words, (*path, "source"))
    match kind:
        case "ratio":
            _ratio(draft, words, path, stated)
        case "formula":
            known = ", ".join(_ids(draft, but=str(stated.get("id"))))
            fields.text(
                draft,
                words,
                (*path, "formula"),
                words("plan_edit.formula"),
                help=words("plan_edit.formula_help", known=_markdown.plain(known)),
            )
        case "measure":
            fields.choice(
                draft,
                (*path, "aggregate"),
                words("plan_edit.aggregate"),
                [each.value for each in Aggregate],
                Aggregate.SUM.value,
                lambda each: words(f"plan_edit.aggregate_{each}"),
                width=340,
            )
        case "active":
            fields.whole(draft, (*path, "at_least"), words("plan_edit.at_least"), min_value=1)
        case _:
            pass


def add(draft: Draft, words: Words) -> None:
    """Buttons that add a number worked out of others."""
    with st.container(horizontal=True):
        for kind in (RATE, SHARES, FORMULA):
            st.button(
                words(f"plan_edit.add_{kind}"),
                key=f"{FIELD}add_{kind}",
                icon=":material/add:",
                on_click=_add,
                args=(draft, kind),
            )


def _add(draft: Draft, kind: str) -> None:
    kpi = draft.get("kpi") or {}
    stage = str(kpi.get("stage") or Stage.MARKETING_QUALIFIED.value)
    counted: dict[str, Any]
    match kind:
        case "rate":
            counted = {
                "kind": "ratio",
                "basis": Basis.COHORT.value,
                "numerator": {"stage": Stage.WON.value},
                "denominator": {"stage": stage if stage != Stage.WON else Stage.LEAD.value},
            }
        case "shares":
            counted = {"kind": "ratio", "per": "channel", "numerator": {"stage": stage}}
        case _:
            counted = {"kind": "formula", "formula": str(kpi.get("id") or "kpi")}
    names = {language.value: Words(language)(f"plan_edit.new_{kind}") for language in Language}
    document = dict(draft.document)
    taken = [each["id"] for each in document.get("indicators", [])]
    new = {"id": declared.new_id(names["en"], [*taken, *_ids(draft)]), "name": names} | counted
    document["indicators"] = [*document.get("indicators", []), new]
    draft.replace(document)


def _ids(draft: Draft, but: str = "") -> list[str]:
    kpi = draft.get("kpi") or {}
    numbers = [kpi] if isinstance(kpi, dict) else list(kpi)
    every = [*numbers, *(draft.get("indicators") or []), *(draft.get("actions") or [])]
    return [str(each["id"]) for each in every if each.get("id") and each["id"] != but]


def _source(draft: Draft, words: Words, path: Path) -> None:
    sources = _reports.sources()
    if len(sources) < 2 and not draft.get(*path):
        return
    fields.choice(
        draft,
        path,
        words("plan_edit.source"),
        [ALL, *sources],
        ALL,
        lambda name: words("plan_edit.all_sources") if name == ALL else name,
        width=200,
    )


def _ratio(draft: Draft, words: Words, path: Path, stated: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if stated.get("per") is None:
            _stage(draft, words, (*path, "denominator", "stage"), words("plan_edit.denominator"))
        _stage(draft, words, (*path, "numerator", "stage"), words("plan_edit.numerator"))
        if stated.get("per") is None:
            fields.choice(
                draft,
                (*path, "basis"),
                words("plan_edit.basis"),
                [each.value for each in Basis],
                Basis.EVENT.value,
                lambda each: words(f"plan_edit.basis_{each}"),
                on_change=_settle_basis,
                args=(draft, path),
                width=340,
            )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if stated.get("basis") == Basis.COHORT:
            fields.whole(
                draft,
                (*path, "matures_after_days"),
                words("plan_edit.matures_after"),
                max_value=730,
            )
        fields.whole(draft, (*path, "min_sample"), words("plan_edit.min_sample"), min_value=1)
    for side in _sides_with_conditions(stated):
        st.caption(words(f"plan_edit.counts_{side}"))
        definition.conditions(draft, (*path, side), words)


def _sides_with_conditions(stated: dict[str, Any]) -> tuple[str, ...]:
    """The leads of a cohort are chosen once; a share per channel has one side."""
    if stated.get("per") is not None:
        return ("numerator",)
    is_cohort = stated.get("basis") == Basis.COHORT
    return ("denominator",) if is_cohort else ("denominator", "numerator")


def _settle_basis(draft: Draft, path: Path) -> None:
    """Only a cohort matures."""
    if st.session_state[fields.key_of(draft, (*path, "basis"))] != Basis.COHORT.value:
        draft.set((*path, "matures_after_days"), None)


def _stage(draft: Draft, words: Words, path: Path, label: str) -> None:
    fields.choice(
        draft,
        path,
        label,
        [each.value for each in Stage],
        Stage.LEAD.value,
        lambda each: words(f"funnel.stage_{each}"),
        width=180,
    )
