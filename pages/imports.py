"""Imports: choose files, answer questions, preview, import, undo."""

import streamlit as st

from kpi_core.mapping.shipped import TEMPLATE_NAME, template_csv
from pages import _lock, _runtime
from pages._imports import (
    chosen_files,
    drop_area,
    import_list,
    inbox_list,
    saved_mappings,
    sources,
    upload_card,
)
from pages._imports.chosen_file import State, Upload

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
    inbox_list.draw(words)
    drop_area.draw(words)
    uploads = chosen_files.chosen()
    if uploads:
        _files(uploads)
    else:
        _template()
        inbox_list.about(words)
    st.space("small")
    sources.draw(words)
    import_list.draw(words)
    saved_mappings.draw(words)


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
    """A card each, the newest first. All are started before the first is waited for."""
    for upload in uploads:
        upload.work_on()
    for upload in uploads:
        upload.settle()
    chosen_files.tidy(uploads)
    _all_at_once(uploads)
    first = next((each for each in uploads if each.state is not State.IMPORTED), uploads[0])
    for upload in uploads:
        upload_card.draw(upload, words, alone=len(uploads) == 1, first=upload is first)


def _all_at_once(uploads: list[Upload]) -> None:
    ready = chosen_files.ready(uploads)
    if len(ready) < AT_LEAST:
        return
    if st.button(words("imports.confirm_all", count=len(ready)), type="primary"):
        for upload in ready:
            upload.start_import()
        for upload in ready:
            upload.settle()
        st.rerun()


draw()
