"""The rejected rows of an import, to be corrected and imported again."""

from pathlib import PurePath

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.ingest.rejected_rows import rejected_rows
from pages import _lock, _runtime


def download(import_id: int, file_name: str, words: Words, key: str) -> None:
    """A button; the file is made when it is pressed."""
    store = _runtime.store()
    st.download_button(
        words("imports.rejected_download"),
        _lock.kept(lambda: rejected_rows(store, import_id, words)),
        words("imports.rejected_name", file=PurePath(file_name).stem),
        "text/csv",
        help=words("imports.rejected_download_help"),
        icon=":material/download:",
        on_click="ignore",
        key=f"imports_rejected_{key}",
    )
