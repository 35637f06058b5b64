"""The mappings that visitors saved: to be taken along, or thrown away."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from pages import _reports, _runtime


def draw(words: Words) -> None:
    """Folded; nothing where none is saved."""
    store = _runtime.store()
    saved = store.saved_mappings()
    if not saved:
        return
    formats = Formats(words.language)
    label = words("imports.saved_mappings", count=formats.number(len(saved)))
    box = st.expander(label, key="imports_saved", on_change="rerun")
    if not box.open:
        return
    with box:
        st.caption(words("imports.saved_mappings_help"))
        for place, each in enumerate(saved):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.text(each.name, width="stretch")
                when = formats.moment(each.saved_at, _reports.wall_clock_now())
                st.caption(when, width="content")
                st.download_button(
                    words("imports.mapping_download"),
                    each.text,
                    f"{each.name}.toml",
                    "application/toml",
                    on_click="ignore",
                    type="tertiary",
                    key=f"imports_saved_toml_{place}",
                )
                if st.button(
                    words("imports.delete"), type="tertiary", key=f"imports_saved_delete_{place}"
                ):
                    now = _reports.wall_clock_now()
                    store.delete_mapping(each.name, who=_runtime.BY_PAGE, now=now)
                    st.rerun()
