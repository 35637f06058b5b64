"""The expert's way: a mapping chosen by name, or a document of one's own; and back again."""

from collections.abc import Sequence

import streamlit as st

from kpi_core.domain.question import Ask, Question
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.inspect import Inspection
from kpi_core.ingest.question_text import answered
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from pages import _lock, _mappings
from pages._imports.chosen_file import Upload

SUMMED_UP = (Ask.GRAIN, Ask.ID, Ask.ACTIVITY, Ask.STAGE, Ask.AT, Ask.DATE)


def summary(upload: Upload, found: Inspection, concluded: Sequence[Question], words: Words) -> str:
    """How the file is read, in a line."""
    if upload.mapping is not None:
        return words("imports.read_by", name=_mappings.title(upload.mapping, words))
    if found.known is not None and found.mapping is not None:
        return words("imports.read_by", name=_mappings.title(found.mapping, words))
    parts = [
        words(f"imports.sum_{each.code}", answer=answered(each, words))
        for each in concluded
        if each.code in SUMMED_UP and each.answer
    ]
    summary = words("imports.listing").join(parts)
    return (
        words("imports.concluded", summary=summary) if summary else words("imports.concluded_bare")
    )


def draw(upload: Upload, found: Inspection, words: Words) -> None:
    """Another mapping, or one's own, or none: answering instead."""
    fixed = upload.mapping is not None or found.known is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if fixed and st.button(
            words("imports.ask_me"),
            help=words("imports.ask_me_help"),
            key=f"imports_ask_{upload.id}",
        ):
            if found.mapping is not None:
                grain = "activity" if found.mapping.activity is not None else found.mapping.grain
                upload.say(Ask.GRAIN, grain)
            upload.mapping = None
            st.rerun()
        if found.mapping is not None:
            text = found.mapping.text
            st.download_button(
                words("imports.mapping_download"),
                _lock.kept(lambda: text),
                f"{found.mapping.name}.toml",
                "application/toml",
                on_click="ignore",
                type="tertiary",
                key=f"imports_toml_{upload.id}",
            )
        with st.popover(words("imports.use_mapping"), type="tertiary"):
            _choose(upload, words)


def _choose(upload: Upload, words: Words) -> None:
    offered = _mappings.offered(words)
    chosen = st.selectbox(
        words("imports.mapping"),
        list(offered),
        index=None,
        placeholder=words("imports.choose"),
        help=words("imports.mapping_help"),
        key=f"imports_mapping_{upload.id}",
    )
    if chosen is not None and offered[chosen] != upload.mapping:
        upload.mapping = offered[chosen]
        st.rerun()
    _own(upload, words)


def _own(upload: Upload, words: Words) -> None:
    with st.container(key=f"imports_drop_own_{upload.id}"):
        document = st.file_uploader(
            words("imports.mapping_upload"),
            type=["toml"],
            key=f"imports_own_{upload.id}",
            max_upload_size=1,
        )
    if document is None:
        return
    mapping = read_mapping(document.getvalue().decode("utf-8-sig", errors="replace"))
    if isinstance(mapping, Mapping):
        if mapping != upload.mapping:
            upload.mapping = mapping
            st.rerun()
        return
    st.error(words("imports.mapping_problem"))
    for problem in mapping:
        st.text(problem.sentence(words))
