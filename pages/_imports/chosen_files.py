"""The files that a visitor has chosen, from the drop area to their end."""

from collections.abc import Iterable
from uuid import uuid4

import streamlit as st
from streamlit import config
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kpi_core.ingest.inbox.held_files import NeedsAttention
from kpi_core.ingest.inbox.inbox_folder import told_name
from pages import _lock, _runtime
from pages._imports.chosen_file import State, Upload

_CHOSEN, _GONE, _TURN = "imports_chosen", "imports_gone", "imports_turn"
_MAX_UPLOAD = "server.maxUploadSize"


def limit_mb() -> int:
    """The largest file that may be sent; the server's own limit is set to it, too."""
    limit = _runtime.app().settings.upload_limit_mb
    if config.get_option(_MAX_UPLOAD) != limit:
        config.set_option(_MAX_UPLOAD, limit)
    return limit


def chosen() -> list[Upload]:
    """The files, the newest first; those chosen together in their order.

    They outlive a change of page.
    """
    uploads: dict[str, Upload] = st.session_state.setdefault(_CHOSEN, {})
    return list(uploads.values())


def add(files: Iterable[UploadedFile]) -> None:
    """Take over what the drop area holds; what was there or was taken away is left alone."""
    uploads = st.session_state.setdefault(_CHOSEN, {})
    gone = st.session_state.setdefault(_GONE, set())
    fresh = {
        file.file_id: Upload(file.file_id, told_name(file.name), file.size, file.getvalue())
        for file in files
        if file.file_id not in uploads and file.file_id not in gone
    }
    st.session_state[_CHOSEN] = fresh | uploads


def add_waiting(file: NeedsAttention) -> None:
    """Take over a file of the inbox, to be answered here; nothing where it has gone meanwhile."""
    _lock.demand()
    try:
        content = file.path.read_bytes()
    except OSError:
        return
    uploads = st.session_state.setdefault(_CHOSEN, {})
    key = uuid4().hex
    fresh = {key: Upload(key, file.told_name, len(content), content, waiting=file.path)}
    st.session_state[_CHOSEN] = fresh | uploads


def remove(upload: Upload) -> None:
    """Take a file off the page, and stop what goes on with it."""
    upload.let_go()
    st.session_state[_CHOSEN].pop(upload.id, None)
    st.session_state[_GONE].add(upload.id)
    if not st.session_state[_CHOSEN]:
        empty_drop_area()


def drop_key() -> str:
    """The key of the drop area: a new one is empty."""
    return f"imports_file_{st.session_state.setdefault(_TURN, 0)}"


def empty_drop_area() -> None:
    """Have the server forget the files that it received: the page has what it needs."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state[_GONE] = set()


def tidy(uploads: Iterable[Upload]) -> None:
    """Once every file is imported, the server need not hold what was sent any longer."""
    if st.session_state.get(drop_key()) and all(each.state is State.IMPORTED for each in uploads):
        empty_drop_area()
        st.rerun()  # a file dropped on the old one would be lost


def ready(uploads: Iterable[Upload]) -> list[Upload]:
    """Those that can be imported at once."""
    return [upload for upload in uploads if upload.state is State.READY]
