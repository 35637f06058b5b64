"""The first rows of a file as they will be understood, with what is wrong at its cell."""

from collections.abc import Sequence

import streamlit as st

from kpi_core.domain.issue import Issue
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.inspect import Inspection
from kpi_core.ingest.issue_text import sentence
from kpi_core.mapping.document import AS_WRITTEN
from pages import _markdown
from pages._imports import first_rows

NOTES_SHOWN = 8
UNREAD_SHOWN = 12


def draw(found: Inspection, issues: Sequence[Issue], words: Words, key: str) -> None:
    """The rows, the columns that are left out, and what else is worth knowing."""
    if found.preview:
        heading = "imports.first_rows" if found.mapping else "imports.first_rows_so_far"
        st.markdown(f"**{_markdown.plain(words(heading))}**")
        with st.container(key=f"imports_rows_{key}"):
            st.dataframe(
                first_rows.table(found.preview, found.mapping, issues, words), hide_index=True
            )
    zone = found.mapping.zone if found.mapping is not None else None
    if zone and zone != AS_WRITTEN:
        st.caption(_markdown.plain(words("imports.zone", zone=zone)))
    dropped(found, words)
    _unread(found, words)
    _left_out(found, words)
    for note in found.notes[:NOTES_SHOWN]:
        st.caption(_markdown.plain(sentence(note, words)))


def _unread(found: Inspection, words: Words) -> None:
    """The columns that nothing is made of, the first of many by name."""
    if found.unread:
        listed = words("imports.listing").join(found.unread[:UNREAD_SHOWN])
        more = len(found.unread) - UNREAD_SHOWN
        if more > 0:
            listed = words("imports.unread_more", columns=listed, count=more)
        st.caption(_markdown.plain(words("imports.unread", columns=listed)))


def _left_out(found: Inspection, words: Words) -> None:
    """The lines of the file that are no rows of it."""
    table = found.opened.table
    left = {} if table is None else {name: n for name, n in table.left_out.items() if n}
    if left:
        listed = words("imports.listing").join(
            words(f"imports.left_{name}", count=count) for name, count in left.items()
        )
        st.caption(_markdown.plain(words("imports.left_out", lines=listed)))


def dropped(found: Inspection, words: Words) -> None:
    """The columns that look personal, by name and kind."""
    if found.dropped:
        listed = words("imports.listing").join(
            words(
                "imports.dropped_one", column=each.header, kind=words(f"receipt.person_{each.kind}")
            )
            for each in found.dropped
        )
        st.caption(_markdown.plain(words("imports.dropped", columns=listed)))
