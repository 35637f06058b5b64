"""Files in the inbox that need somebody's answer: what is asked, and where to answer it."""

import os
from html import escape

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.inbox.attention import NeedsAttention, waiting
from kpi_core.ingest.inbox.folder import Inbox
from kpi_core.settings import Settings
from pages import _reports, _uploads

LOOK_SECONDS = 15
"""How often the folder is looked into: it may lie on another machine."""


def draw(words: Words) -> None:
    """A note per file; nothing where none waits."""
    folder = Settings.from_env(os.environ).inbox
    if folder is None:
        return
    inbox = Inbox(folder)

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        taken = {upload.waiting for upload in _uploads.chosen()}
        files = [file for file in waiting(inbox) if file.path not in taken]
        if not files:
            return
        with st.container(border=True, key="imports_waiting"):
            st.markdown(f"**{words('imports.waiting', count=len(files))}**")
            for place, file in enumerate(files):
                _file(file, place, words)

    look()


def _file(file: NeedsAttention, place: int, words: Words) -> None:
    asked = file.question[words.language]
    if file.since is not None:
        since = Formats(words.language).moment(file.since, _reports.wall_clock_now())
        asked = f"{asked} {words('imports.waiting_since', moment=since)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="ki-line"><b>{escape(file.told_name)}</b>'
            f"<span>{escape(asked)}</span></div>",
            width="stretch",
        )
        if st.button(words("imports.waiting_answer"), key=f"imports_waiting_{place}"):
            _uploads.add_waiting(file)
            st.rerun()
