"""Who looks: a browser that is known again, and the name its visitor gave."""

from __future__ import annotations

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.web import browser_key
from pages import _runtime

KEY = "visitor_browser"
LONGEST_NAME = 60


def browser() -> str:
    """The key of this browser; of a visitor who takes no cookies, one that lasts for the visit."""
    key = browser_key.known_key(st.context.cookies.get(browser_key.COOKIE))
    return key or str(st.session_state.setdefault(KEY, browser_key.new_key()))


def name() -> str | None:
    """The name given in this browser; None where none was."""
    return _runtime.store().records.plans.visitor_name(browser())


def ask_name(words: Words, key: str) -> str:
    """The field for the visitor's name, filled in where it is known; empty until it is given."""
    typed = st.text_input(
        words("visitor.name"),
        value=name() or "",
        max_chars=LONGEST_NAME,
        help=words("visitor.name_help"),
        key=key,
    )
    return str(typed).strip()


def keep_name(given: str) -> None:
    """Remember a name for the next time."""
    if given and given != name():
        now = _runtime.app().wall_clock()
        _runtime.store().records.plans.name_visitor(browser(), given, now=now)
