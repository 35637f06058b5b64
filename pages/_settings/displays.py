"""The screens on walls: which there are, when each was last seen, and how one is switched off."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.records.displays import Display
from pages import _confirm_dialog, _display_dialog, _markdown, _runtime


def draw(words: Words) -> None:
    """The section of the settings page."""
    st.subheader(words("screen.screens"), anchor=False)
    st.markdown(words("screen.screens_about"))
    _display_dialog.button("", words, kind="secondary")
    displays = _runtime.store().records.displays()[::-1]
    standing = [display for display in displays if display.is_current]
    off = [display for display in displays if not display.is_current]
    if not standing:
        st.caption(words("screen.none_yet"))
    for display in standing:
        _entry(display, words)
    if off:
        count = Formats(words.language).number(len(off))
        with st.expander(words("screen.switched_off", count=count)):
            for display in off:
                _entry(display, words)


def _entry(display: Display, words: Words) -> None:
    key = f"settings_display_{display.display_id}"
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="medium", key=key
    ):
        st.text(display.name, width="stretch")
        for text in (_from(display, words), _seen(display, words)):
            st.caption(_markdown.plain(text), width="content")
        if not display.is_current:
            return
        if st.button(words("screen.switch_off"), key=f"{key}_off"):
            _confirm(display, words)


def _from(display: Display, words: Words) -> str:
    if not display.networks:
        return words("screen.from_anywhere")
    return words("screen.from_networks", networks=", ".join(display.networks))


def _seen(display: Display, words: Words) -> str:
    formats, now = Formats(words.language), _runtime.app().wall_clock()
    if display.revoked_at is not None:
        return words("screen.off_since", when=formats.moment(display.revoked_at, now))
    if display.seen_at is None:
        return words("screen.not_seen")
    when = formats.moment(display.seen_at, now)
    return words("screen.seen", when=when, address=display.seen_from or "–")


def _confirm(display: Display, words: Words) -> None:
    _confirm_dialog.ask(
        words("screen.off_title"),
        words("screen.off_text", name=display.name),
        words("screen.off_confirm"),
        words("screen.off_keep"),
        lambda: _runtime.store().records.revoke_display(
            display.display_id, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
        ),
        words,
    )
