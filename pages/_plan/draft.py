"""A plan being made or changed: kept under the visitor's browser at every answer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.differences import Path, value_at, with_value
from kpi_core.plans.editing.rewrite import rewritten
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import first_day
from kpi_core.records.planning import drafts
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.board import BoardReport, board_report
from pages import _reports, _runtime, _visitor

NEW = ""
"""The plan id of a draft that is no plan yet."""
FIELD = "plan_edit_"
"""How the keys of widgets begin that edit a draft."""
HELD = "plan_draft"
FORGOTTEN = "plan_forgotten_fields"
"""Keys of fields that begin again with what the draft says, though a browser remembers them."""
KEPT = 32
Values = dict[str, Any]


@dataclass
class Draft:
    """The plan's document as it would be saved, and where the changes began.

    `base` is the text that it began from, revision `base_revision` of the plan; empty for a new
    plan. `progress` is what the page remembers beside the plan, such as the step of the guide.
    """

    plan_id: str
    base_revision: int
    base: str
    document: Values
    progress: Values = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether there is no such plan yet."""
        return self.plan_id == NEW

    @property
    def is_changed(self) -> bool:
        """Whether it says something else than what it began from."""
        return self.document != tomllib.loads(self.base)

    @property
    def text(self) -> str:
        """The plan's text, with the comments of what it began from."""
        return rewritten(self.base, self.document)

    def read(self) -> Plan | tuple[Problem, ...]:
        """The plan that it declares, or what is wrong with it."""
        return read_plan(self.text)

    def get(self, *path: str) -> Any:
        """The value at a place; None where there is none."""
        return value_at(self.document, path)

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a place, and keep the draft; None takes it out."""
        changed = with_value(self.document, path, value)
        if changed != self.document:
            self.document = changed
            keep(self)

    def set_progress(self, name: str, value: Any) -> None:
        """Remember something beside the plan."""
        self.progress[name] = value
        keep(self)

    def text_at(self, path: Path, words: Words) -> str:
        """A user's own text in the visitor's language."""
        value = self.get(*path)
        return words.localize(value) if isinstance(value, str | Mapping) else ""

    def set_text(self, path: Path, text: str, words: Words) -> None:
        """Put a text at a place: beside the other language where there is one."""
        before, text = self.get(*path), text.strip()
        if isinstance(before, Mapping):
            both = {**before, words.language.value: text} if text else {}
            others = {key: each for key, each in before.items() if key != words.language.value}
            self.set(path, both or others or None)
        else:
            self.set(path, text or None)

    def replace(self, document: Mapping[str, Any]) -> None:
        """Take another document in its place; the fields of what it changes follow.

        All others keep what they hold: a text may have been typed and not been read yet.
        """
        before, self.document = self.document, deepcopy(dict(document))
        place = f"{FIELD}{self.plan_id or 'new'}."
        for key in [str(key) for key in st.session_state if str(key).startswith(FIELD)]:
            path = tuple(key.removeprefix(place).split("."))
            in_document = key.startswith(place) and path[0] in {*before, *self.document}
            is_same = value_at(before, path) == value_at(self.document, path)
            if not (in_document and is_same) or "definition" in path:
                forget_field(key)
        keep(self)


def open_draft(plan_id: str) -> Draft:
    """What this browser began to change of a plan; else the plan's newest revision."""
    held: dict[str, Draft] = st.session_state.setdefault(HELD, {})
    if plan_id not in held:
        held[plan_id] = _kept(plan_id) or fresh(plan_id)
    return held[plan_id]


def fresh(plan_id: str) -> Draft:
    """A draft without a change: of the newest revision, or of nothing."""
    if plan_id == NEW:
        return Draft(NEW, 0, "", {})
    newest = _runtime.store().records.revisions(plan_id)[-1]
    return Draft(plan_id, newest.revision, newest.text, tomllib.loads(newest.text))


def _kept(plan_id: str) -> Draft | None:
    records = _runtime.store().records
    found = records.plans.draft(_visitor.browser(), plan_id)
    if found is None:
        return None
    base = ""
    if plan_id != NEW:
        revisions = {each.revision: each.text for each in records.revisions(plan_id)}
        if found.base_revision not in revisions:
            return None
        base = revisions[found.base_revision]
    document, progress = tomllib.loads(found.document), json.loads(found.progress)
    return Draft(plan_id, found.base_revision, base, document, progress)


def keep(draft: Draft) -> None:
    """Keep a draft: a reload, or a restart of the server, loses nothing of it."""
    kept = drafts.Draft(
        _visitor.browser(),
        draft.plan_id,
        draft.base_revision,
        rewritten("", draft.document),
        json.dumps(draft.progress),
        _runtime.app().wall_clock(),
    )
    _runtime.store().records.plans.save_draft(kept)


def discard(plan_id: str) -> None:
    """Forget what was changed."""
    st.session_state.get(HELD, {}).pop(plan_id, None)
    _runtime.store().records.plans.delete_draft(_visitor.browser(), plan_id)
    forget_fields()


def forget_fields(part: str = "") -> None:
    """Have every field whose key has this part begin again with what the draft says."""
    for key in [str(key) for key in st.session_state]:
        if key.startswith(FIELD) and part in key:
            forget_field(key)


def forget_field(key: str) -> None:
    """Have one field begin again with what the draft says."""
    st.session_state.pop(key, None)
    st.session_state.setdefault(FORGOTTEN, set()).add(key)


def tried(draft: Draft, since: Month | None = None) -> BoardReport | None:
    """The board as it would be with the draft saved; None while it is no plan yet.

    `since` is the month from which it would be in force; None for the running one, and for a new
    plan for ever.
    """
    plan = draft.read()
    if not isinstance(plan, Plan):
        return None
    version = _runtime.store().data_version()
    return _tried(version, _reports.minute(), draft.plan_id, draft.text, since)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _tried(
    version: int, now: Any, plan_id: str, text: str, since: Month | None
) -> BoardReport | None:
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        return None
    saved = () if plan_id == NEW else _runtime.store().records.revisions(plan_id)
    revisions = (*saved, _as_revision(plan, text, saved, since))
    return board_report(_runtime.store(), plan.id, now=now, revisions=revisions)


def _as_revision(
    plan: Plan, text: str, saved: tuple[Revision, ...], since: Month | None
) -> Revision:
    local = plan.work_calendar.local(_runtime.now())
    effective: date | None = None
    if saved:
        effective = first_day(since or plan.work_calendar.month_of(local.date()))
    number = max((each.revision for each in saved), default=0) + 1
    return Revision(number, effective, text, "", "", local)


def rebased(draft: Draft, newest: Revision, document: Values) -> Draft:
    """The draft as changes of a newer revision."""
    return replace(
        draft, base_revision=newest.revision, base=newest.text, document=deepcopy(document)
    )
