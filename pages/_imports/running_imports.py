"""Work that is going on, as its visitor sees it: a bar, how fast it is, and a way to stop it."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.server.jobs import Found, Job
from pages import _lock, _markdown

LOOK_SECONDS = 0.5
_DRAWN = "imports_drawn_since"


def follow(work: Job[Found], words: Words) -> None:
    """Draw how far it is, again and again, and the whole page once it has ended."""

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        if work.ended:
            _once_more(work)
        elif work.stoppable:
            _bar(work, words)

    look()


def _once_more(work: Job[Found]) -> None:
    """Draw the page, once for each work: a late look would close what the visitor opened since."""
    drawn = st.session_state.setdefault(_DRAWN, set())
    if work.id not in drawn:
        drawn.add(work.id)
        st.rerun()


def _bar(work: Job[Found], words: Words) -> None:
    """How far it is, once."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.progress(work.watch.progress.share, text=_markdown.plain(_text(work, words)))
        if st.button(
            words("imports.cancel"),
            key=f"imports_cancel_{work.id}",
            disabled=work.watch.cancelled,
            width="content",
        ):
            _lock.demand()
            work.cancel()


def _text(work: Job[Found], words: Words) -> str:
    """The step, the rows of the file, and how many of them a second."""
    formats = Formats(words.language)
    progress = work.watch.progress
    if work.watch.cancelled:
        return words("imports.cancelling")
    parts = [words(f"imports.step_{progress.step}")]
    if progress.rows:
        parts.append(words("imports.row_count", count=formats.number(progress.rows)))
    if work.rows_per_second:
        speed = formats.number(round(work.rows_per_second))
        parts.append(words("imports.speed", count=speed))
    return " · ".join(parts)
