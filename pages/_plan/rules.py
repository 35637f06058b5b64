"""Who owns the number, and what was agreed for weeks 1, 2, 3 and the alert levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.actions import Occasion
from kpi_core.plans.thresholds import USUAL
from pages._plan import fields
from pages._plan.draft import Draft

LONGEST = 2_000
LEVELS = (Occasion.ATTENTION, Occasion.WARNING, Occasion.CRISIS, Occasion.TWO_MONTHS)


def draw(draft: Draft, words: Words) -> None:
    """The owner, then an occasion at a time: actions, one a line, and who sees to them."""
    fields.text(
        draft,
        words,
        ("kpi", "owner"),
        words("plan_edit.owner"),
        placeholder=words("plan_edit.owner_example"),
        width=320,
    )
    for occasion in occasions(draft):
        _rule(draft, words, occasion)


def occasions(draft: Draft) -> list[Occasion]:
    """Everything that a rule can be agreed for: the checkpoints, the month's end, the levels."""
    count = len(draft.get("checkpoints", "shares") or USUAL)
    weeks = [Occasion.of_checkpoint(number) for number in range(1, count + 1)]
    return [*weeks, Occasion.MONTH_END, *LEVELS]


def usual_rules() -> list[dict[str, Any]]:
    """The method's own rules, in both languages."""
    return [
        {"when": occasion.value, "do": _usual(occasion)}
        for occasion in (*(Occasion.of_checkpoint(n) for n in (1, 2, 3)), *_ENDS)
    ]


_ENDS = (Occasion.MONTH_END, Occasion.WARNING, Occasion.CRISIS, Occasion.TWO_MONTHS)


def _usual(occasion: Occasion) -> list[dict[str, str]]:
    """The actions of one rule: the catalogs' lines, one action a line in each language."""
    lines = {
        language.value: Words(language)(f"plan_edit.usual_{occasion}").split("\n")
        for language in Language
    }
    return [dict(zip(lines, each, strict=True)) for each in zip(*lines.values(), strict=True)]


def _rule(draft: Draft, words: Words, occasion: Occasion) -> None:
    place = ("rules", occasion.value)
    rule = draft.get(*place) or {}
    stated = "\n".join(words.localize(each) for each in rule.get("do", []))
    key = fields.key_of(draft, (*place, "do"))
    number = occasion.checkpoint
    label = (
        words("plan_edit.rule_week", number=number)
        if number is not None
        else words(f"plan_edit.rule_{occasion}")
    )
    with st.container(horizontal=True, vertical_alignment="top"):
        typed = st.text_area(
            label,
            fields.begin(key, stated),
            key=key,
            max_chars=LONGEST,
            height="content",
            help=words("plan_edit.rule_help"),
        )
        owner_key = fields.key_of(draft, (*place, "owner"))
        owner = st.text_input(
            words("plan_edit.rule_owner"),
            fields.begin(owner_key, words.localize(rule.get("owner"))),
            key=owner_key,
            max_chars=fields.LONGEST,
            width=220,
        )
    _keep(draft, words, occasion, str(typed), str(owner))


def _keep(draft: Draft, words: Words, occasion: Occasion, typed: str, owner: str) -> None:
    rule: Mapping[str, Any] = draft.get("rules", occasion.value) or {}
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    before = list(rule.get("do", []))
    if lines == [words.localize(each) for each in before] and owner.strip() == words.localize(
        rule.get("owner")
    ):
        return
    if not lines:
        draft.set(("rules", occasion.value), None)
        if not draft.get("rules"):
            draft.set(("rules",), None)
        return
    changed = dict(rule) | {"when": occasion.value, "do": _lines(words, before, lines)}
    if owner.strip() != words.localize(rule.get("owner")):
        changed["owner"] = owner.strip()
    if not changed.get("owner"):
        changed.pop("owner", None)
    draft.set(("rules", occasion.value), changed)


def _lines(words: Words, before: list[Any], lines: list[str]) -> list[Any]:
    """Lines as they were where they are the same, with their other language."""
    known = {words.localize(each): each for each in before}
    return [known.get(line, line) for line in lines]
