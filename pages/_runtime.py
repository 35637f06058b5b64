"""What a page may ask of the process: its one app, the moment, and the visitor's language."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from kpi_core.i18n.catalog import Language, Words
from kpi_core.records.errors import StoreError
from kpi_core.server.app import App, utc_now
from kpi_core.settings import Settings
from kpi_core.web.health import Health, free_bytes
from pages import _markdown, _url

if TYPE_CHECKING:
    from datetime import datetime

    from kpi_core.facts.store import Store

SHELL = Path(__file__).resolve().with_name("_shell.py")
LANGUAGES = [language.value for language in Language]
BY_PAGE = "page"
"""Who did it, in the ledger, where a visitor without a name did it on a page."""
HEAD_START_SECONDS = 0.2
SHOWN = "runtime_shown"

_opening = Lock()


def app() -> App:
    """The app of this process: opened at its start, or by the first who asks."""
    with _opening:
        return _app()


@cache
def _app() -> App:
    return App.open(Settings.from_env(os.environ), lambda: now())


def close_app() -> None:
    """Close the app; the next caller opens it again."""
    with _opening:
        if _app.cache_info().currsize:
            _app().close()
        _app.cache_clear()


def store() -> Store:
    """The one store of this process."""
    return app().store


def now() -> datetime:
    """The moment, with its zone: boards and walls read no other clock."""
    return utc_now()


def browser_language() -> str:
    """The language the visitor's browser asks for."""
    return Language.of(st.context.locale).value


def words() -> Words:
    """The words of the visitor's language: the URL's, else the browser's."""
    return Words(Language(_url.choice("lang", LANGUAGES, browser_language())))


def choose_language() -> None:
    """The control for the language; each page says where."""
    translate = words()
    _url.control(
        st.segmented_control,
        "lang",
        LANGUAGES,
        browser_language(),
        label=translate("frame.language"),
        label_visibility="collapsed",
        format_func=lambda language: translate(f"frame.{language}"),
        required=True,
        width="content",
    )


def show_before_the_rest() -> None:
    """On a visitor's first run, hold back what follows until the browser shows what came so far.

    A chart brings 1.5 MB of code to parse; sent along with the number, it makes it a quarter
    later (`benchmarks/first_number.py`).
    """
    if not st.session_state.get(SHOWN):
        st.session_state[SHOWN] = True
        time.sleep(HEAD_START_SECONDS)


def refusal(error: StoreError, words: Words) -> str:
    """What the store refused, as a sentence for an element that reads Markdown."""
    return _markdown.plain(words(f"store.{error.code}", **error.public_params))


def health() -> Health:
    """How the server is, also before its app is open."""
    if _app.cache_info().currsize:
        return app().health()
    return Health("starting", disk_free_bytes=free_bytes(Settings.from_env(os.environ).data))
