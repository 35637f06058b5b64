"""The mappings that visitors saved: to be taken along, or thrown away."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.records.mappings import SavedMapping
from pages import _confirm_dialog, _lock, _runtime


def draw(words: Words) -> None:
    """Folded; nothing where none is saved."""
    saved = _runtime.store().records.saved_mappings()
    if not saved:
        return
    label = words("imports.saved_mappings", count=Formats(words.language).number(len(saved)))
    box = st.expander(label, key="imports_saved", on_change="rerun")
    if box.open:
        with box:
            st.caption(words("imports.saved_mappings_help"))
            for each in saved:
                _entry(each, words)


def _entry(saved: SavedMapping, words: Words) -> None:
    """A line, whose buttons go by the name: what stands in its place may change meanwhile."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(saved.name, width="stretch")
        now = _runtime.app().wall_clock()
        st.caption(Formats(words.language).moment(saved.saved_at, now), width="content")
        st.download_button(
            words("imports.mapping_download"),
            _lock.kept(lambda: saved.text),
            f"{saved.name}.toml",
            "application/toml",
            on_click="ignore",
            type="tertiary",
            key=f"imports_saved_toml_{saved.name}",
        )
        key = f"imports_saved_delete_{saved.name}"
        if st.button(words("imports.delete"), type="tertiary", key=key):
            _confirm_dialog.ask(
                words("imports.delete_title"),
                words("imports.delete_text", name=saved.name),
                words("imports.delete_confirm"),
                words("imports.keep"),
                lambda: _delete(saved.name),
                words,
            )


def _delete(name: str) -> None:
    now = _runtime.app().wall_clock()
    _runtime.store().records.delete_mapping(name, who=_runtime.BY_PAGE, now=now)
