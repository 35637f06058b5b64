"""The inbox folder on the page: that it is there, and the files that could not go in by themselves.

A file with questions is answered here; one that is refused says why, and can be dismissed.
"""

import os
from pathlib import Path

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.inbox.atomic_move import beside, move_into
from kpi_core.ingest.inbox.held_files import FOR_PEOPLE, FOR_PROGRAMS, NeedsAttention, waiting
from kpi_core.ingest.inbox.inbox_folder import Inbox
from pages import _lock, _markdown, _runtime
from pages._imports import chosen_files, html

LOOK_SECONDS = 15
"""How often the folder is looked into: it may lie on another machine."""
_NOTICE = "imports_dismissed"
DISMISSED = "put-away"
"""The folder in `needs-attention/` for dismissed files."""


def about(words: Words) -> None:
    """Where files can be put to go in by themselves; nothing where no folder is looked into."""
    folder = _runtime.app().settings.inbox
    if folder is not None:
        st.caption(_markdown.plain(words("imports.inbox_about", folder=_shown(folder))))


def draw(words: Words) -> None:
    """A note per file; nothing where none waits."""
    folder = _runtime.app().settings.inbox
    if folder is None:
        return
    inbox = Inbox(folder.absolute())
    if notice := st.session_state.pop(_NOTICE, None):
        st.toast(_markdown.plain(notice), duration="long")

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        if not _lock.is_open():
            return
        taken = {upload.waiting for upload in chosen_files.chosen()}
        files = [file for file in waiting(inbox) if file.path not in taken]
        if not files:
            return
        with st.container(border=True, key="imports_waiting"):
            st.markdown(f"**{words('imports.waiting', count=len(files))}**")
            for file in files:
                _file(inbox, file, words)

    look()


def _file(inbox: Inbox, file: NeedsAttention, words: Words) -> None:
    """A file by its name, not its place: the others may have gone meanwhile."""
    key = os.fsencode(file.name).hex()  # the disk may call it what is no text
    text, since = "", ""
    if not _asks(file, words):
        text = "\n".join(filter(None, file.question[words.language].splitlines()))
    if file.since is not None:
        moment = Formats(words.language).moment(file.since, _runtime.app().wall_clock())
        since = words("imports.waiting_since", moment=moment)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            html.line(file.told_name, text, beside=since, is_whole=True),
            width="stretch",
        )
        if _asks(file, words) and st.button(
            words("imports.waiting_answer"), key=f"imports_waiting_{key}"
        ):
            chosen_files.add_waiting(file)
            st.rerun()
        if st.button(
            words("imports.dismiss"),
            help=_markdown.plain(words("imports.dismiss_help", folder=_shown(_away(inbox)))),
            key=f"imports_dismiss_{key}",
            type="tertiary",
        ):
            st.session_state[_NOTICE] = _dismiss(inbox, file, words)
            st.rerun()


def _asks(file: NeedsAttention, words: Words) -> bool:
    """Whether answers help: there are questions, or the file was not inspected yet."""
    return file.since is None or words("inbox.answer_there") in file.question[words.language]


def _shown(folder: Path) -> str:
    """A folder as visitors know it, not where on the server it lies: data/inbox."""
    return "/".join(folder.absolute().parts[-2:])


def _away(inbox: Inbox) -> Path:
    return inbox.needs_attention / DISMISSED


def _dismiss(inbox: Inbox, file: NeedsAttention, words: Words) -> str:
    """Move a file out of sight, with what was said of it beside it; what became of it."""
    _lock.demand()
    folder = _away(inbox)
    params = {"file": file.told_name, "folder": _shown(folder)}
    try:
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise NotADirectoryError(f"{folder} leads out of the inbox")
        moved = move_into(folder, file.path)
        for ending in (FOR_PEOPLE, FOR_PROGRAMS):
            note = beside(file.path, ending)
            if note.exists():
                note.replace(beside(moved, ending))
    except OSError:
        return words("imports.dismiss_failed", **params)
    return words("imports.dismiss_done", **params)
