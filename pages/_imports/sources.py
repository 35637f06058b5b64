"""Sources that are behind or have ended, and the word that one has ended."""

from datetime import timedelta

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from pages import _live, _lock, _markdown, _runtime


def draw(words: Words) -> None:
    """Regular sources without data of yesterday, and those that have ended; nothing for others."""

    @st.fragment
    def sources() -> None:
        _live.follow()
        if not _lock.is_open():
            return
        now = _runtime.app().wall_clock()
        formats = Formats(words.language)
        coverage = _runtime.store().coverage()
        for each in coverage.sources():
            has_ended = each.source in coverage.ended
            is_behind = each.through < now - timedelta(days=1) and each.source in coverage.regular
            if not (has_ended or is_behind):
                continue
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                moment = formats.moment(each.through, now)
                text = words(
                    "imports.source_ended" if has_ended else "imports.source_known",
                    source=each.source,
                    moment=moment,
                )
                st.caption(_markdown.plain(text), width="stretch")
                _button(each.source, words, has_ended=has_ended)

    sources()


def _button(source: str, words: Words, *, has_ended: bool) -> None:
    store = _runtime.store()
    change = store.resume_source if has_ended else store.end_source
    label = words("imports.resume_source" if has_ended else "imports.end_source")
    help_text = None if has_ended else words("imports.end_source_help")
    if st.button(label, help=help_text, type="tertiary", key=f"imports_source_{source}"):
        _lock.demand()
        change(source, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock())
        st.rerun()
