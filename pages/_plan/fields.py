"""Fields that edit one place of a draft each, and begin with what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.plans.editing.differences import Path
from pages._plan.draft import FIELD, FORGOTTEN, Draft, forget_field

LONGEST = 400
LARGEST = 1e15
T = TypeVar("T")


def key_of(draft: Draft, path: Path) -> str:
    """The key of the field of a place."""
    return FIELD + ".".join((draft.plan_id or "new", *path))


def begin(key: str, stated: T) -> T:
    """What the field of a key begins with, to be passed on to its widget.

    A browser is sent it with the field itself. Put into the session's state it would follow the
    field, and take the place of what was typed meanwhile. That is for a field which the browser
    knows already, and which begins again.
    """
    forgotten: set[str] = st.session_state.get(FORGOTTEN, set())
    if key in forgotten:
        forgotten.discard(key)
        st.session_state[key] = stated
    return stated


def text(draft: Draft, words: Words, path: Path, label: str, **look: Any) -> str:
    """A user's own text, in the visitor's language."""
    key, stated = key_of(draft, path), draft.text_at(path, words)
    typed = st.text_input(label, begin(key, stated), key=key, max_chars=LONGEST, **look)
    if typed.strip() != stated:
        draft.set_text(path, typed, words)
    return str(typed).strip()


def number(draft: Draft, path: Path, label: str, **look: Any) -> float | None:
    """A number; empty where there is none."""
    key, stated = key_of(draft, path), draft.get(*path)
    known = float(stated) if isinstance(stated, int | float) else None
    whole = known is None or known.is_integer()
    typed: float | None = st.number_input(
        label,
        value=begin(key, known),
        key=key,
        **{
            "min_value": 0.0,
            "max_value": LARGEST,
            "step": 1.0,
            "format": "%.0f" if whole else "%.15g",
        }
        | look,
    )
    if typed != known:
        draft.set(path, None if typed is None else float(typed))
    return None if typed is None else float(typed)


def whole(
    draft: Draft, path: Path, label: str, *, min_value: int = 0, max_value: int = 1_000
) -> int | None:
    """A whole number; empty where the plan leaves it to its default."""
    key, stated = key_of(draft, path), draft.get(*path)
    known = stated if isinstance(stated, int) else None
    typed: int | None = st.number_input(
        label,
        value=begin(key, known),
        min_value=min_value,
        max_value=max_value,
        step=1,
        key=key,
        width=220,
    )
    if typed != known:
        draft.set(path, None if typed is None else int(typed))
    return typed


def choice(
    draft: Draft,
    path: Path,
    label: str,
    options: Sequence[Any],
    default: Any,
    format_func: Callable[[Any], str],
    *,
    control: Callable[..., Any] = st.selectbox,
    **look: Any,
) -> Any:
    """One of several values; the default is left out of the plan."""
    key, stated = key_of(draft, path), draft.get(*path)
    known = default if stated is None else stated
    offered = list(options) if known in options else [known, *options]
    begins: dict[str, Any] = (
        {"default": begin(key, known)}
        if control is st.segmented_control
        else {"index": offered.index(begin(key, known))}
    )
    chosen = control(label, options=offered, format_func=format_func, key=key, **begins, **look)
    if chosen is not None and chosen != known:
        draft.set(path, None if chosen == default and stated is None else chosen)
    return known if chosen is None else chosen


def day(draft: Draft, path: Path, label: str, **look: Any) -> date | None:
    """A day; empty where there is none."""
    key, stated = key_of(draft, path), draft.get(*path)
    known = stated if isinstance(stated, date) else None
    chosen = st.date_input(label, value=begin(key, known), key=key, format="YYYY-MM-DD", **look)
    picked = chosen if isinstance(chosen, date) else None
    if picked != known:
        draft.set(path, picked)
    return picked


def show(draft: Draft, path: Path, value: Any) -> None:
    """Put a value at a place and into its field, before the field is drawn again."""
    draft.set(path, value)
    forget_field(key_of(draft, path))
