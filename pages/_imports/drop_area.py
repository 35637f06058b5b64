"""Where files are dropped, in the visitor's language: the browser side knows English alone."""

import json

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from pages._imports import chosen_files


def draw(words: Words) -> None:
    """The drop area: accepted files become cards; refused ones stay here, with the reason."""
    limit = chosen_files.limit_mb()
    size = Formats(words.language).number(limit)
    st.html(_style(words, size))
    with st.container(key="imports_drop"):
        files = st.file_uploader(
            words("imports.upload"),
            accept_multiple_files=True,
            max_upload_size=limit,
            key=chosen_files.drop_key(),
            label_visibility="collapsed",
        )
    chosen_files.add(files)


def _style(words: Words, size: str) -> str:
    """The words of the drop area, as the style sheet puts them in place of the English."""
    texts = {
        "upload": words("imports.browse"),
        "about": words("imports.upload_help", limit=size),
        "drop": words("imports.drop_here"),
        "too-large": words("imports.too_large", limit=size),
    }
    lines = "".join(f"--ki-{name}:{_quoted(text)};" for name, text in texts.items())
    own = f"--ki-about:{_quoted(words('imports.mapping_about'))};"
    sheet = f':root{{{lines}}}[class*="st-key-imports_drop_own_"]{{{own}}}'
    # With something beside it: see the shell.
    return f"<style>{sheet}</style><span hidden></span>"


def _quoted(text: str) -> str:
    """A text as CSS writes it, with nothing that could end the style."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")
