"""Whether how a file was read is kept, and under which name."""

import re
from pathlib import PurePath

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.ingest.inspect import Inspection
from pages import _runtime
from pages._imports.chosen_file import Upload

_COUNTED = re.compile(r"[\s_.()（）-]*\d[\d\s_.()（）-]*$")
"""What differs from one export to the next: the date or the number at the end of its name."""


def draw(upload: Upload, found: Inspection, words: Words) -> str | None:
    """The name to keep it under; None where it is not to be kept."""
    if upload.mapping is not None or (found.known is not None and not upload.asked):
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        keep = upload.waiting is not None or st.checkbox(
            words("imports.save_mapping"),
            value=True,
            help=words("imports.save_mapping_help"),
            key=f"imports_save_{upload.id}",
        )
        if not keep:
            return None
        name = st.text_input(
            words("imports.mapping_name"),
            value=suggested(upload.name, found),
            max_chars=80,
            label_visibility="visible" if upload.waiting else "collapsed",
            key=f"imports_name_{upload.id}",
            width=320,
        )
    name = (name or "").strip()
    if any(each.name == name for each in _runtime.store().records.saved_mappings()):
        st.caption(words("imports.mapping_replaced"))
    return name or suggested(upload.name, found)


def suggested(file_name: str, found: Inspection) -> str:
    """The file's name without what changes from one export to the next."""
    stem = PurePath(file_name).stem
    source = found.mapping.source if found.mapping else ""
    return _COUNTED.sub("", stem).strip() or stem or source
