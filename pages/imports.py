"""Imports: choose files, answer what is asked, see what they do, take them in, take them back."""

import streamlit as st

from kpi_core.mapping.template import TEMPLATE_NAME, template_csv
from pages import (
    _card,
    _drop_area,
    _ledger,
    _lock,
    _runtime,
    _saved_mappings,
    _sources,
    _uploads,
    _waiting,
)
from pages._upload import State, Upload

AT_LEAST = 2
"""So many files that are ready are worth a button for all of them."""

words = _runtime.words()


def draw() -> None:
    """What is wrong, what waits and the way in above, the files chosen, the ledger below."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words("imports.title"), width="content")
        st.space("stretch")
        _runtime.choose_language()
    if _lock.shows_notice(words, "imports"):
        return
    for problem in _runtime.store().problems:
        st.warning(_runtime.refusal(problem, words), icon=":material/warning:")
    _waiting.draw(words)
    _drop_area.draw(words)
    uploads = _uploads.chosen()
    if uploads:
        _files(uploads)
    else:
        _template()
        _waiting.about(words)
    st.space("small")
    _sources.draw(words)
    _ledger.draw(words)
    _saved_mappings.draw(words)


def _template() -> None:
    st.download_button(
        words("imports.template"),
        template_csv(),
        TEMPLATE_NAME,
        "text/csv",
        help=words("imports.template_help"),
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
    )


def _files(uploads: list[Upload]) -> None:
    """A card each, the newest first. All are begun before the first is waited for."""
    for upload in uploads:
        upload.work_on()
    for upload in uploads:
        upload.settle()
    _uploads.tidy(uploads)
    _all_at_once(uploads)
    first = next((each for each in uploads if each.state is not State.IMPORTED), uploads[0])
    for upload in uploads:
        _card.draw(upload, words, alone=len(uploads) == 1, first=upload is first)


def _all_at_once(uploads: list[Upload]) -> None:
    ready = _uploads.ready(uploads)
    if len(ready) < AT_LEAST:
        return
    if st.button(words("imports.confirm_all", count=len(ready)), type="primary"):
        for upload in ready:
            upload.take_in()
        for upload in ready:
            upload.settle()
        st.rerun()


draw()
