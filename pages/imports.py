"""Imports: take a file in, see what it did, take it back."""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kpi_core.i18n.formats import Formats
from kpi_core.ingest.files.table import read_table
from kpi_core.ingest.importing import import_file
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.meaning.mappings import fitting, mappings
from kpi_core.ingest.meaning.template import (
    SKETCH_NAME,
    TEMPLATE_NAME,
    mapping_sketch,
    template_csv,
)
from kpi_core.ingest.wording import sentence
from kpi_core.storage.errors import StoreError
from kpi_core.storage.facts import ImportRecord, Receipt
from pages import _live, _reports, _runtime

ISSUES_SHOWN = 200
REASONS_SHOWN = 5
RECORDS_SHOWN = 50
OWN = ""
"""The choice that stands for a mapping file of the user's own."""

words = _runtime.words()
formats = Formats(words.language)


def draw() -> None:
    """The way in above, the ledger below."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words("imports.title"), width="content")
        st.space("stretch")
        _runtime.choose_language()
    _take_in()
    st.space("small")
    _ledger()


def _take_in() -> None:
    turn = st.session_state.setdefault("imports_turn", 0)
    file = st.file_uploader(
        words("imports.upload"),
        type=None,
        key=f"imports_file_{turn}",
        help=words("imports.upload_help", limit=st.get_option("server.maxUploadSize")),
    )
    st.download_button(
        words("imports.template"),
        template_csv(),
        TEMPLATE_NAME,
        "text/csv",
        help=words("imports.template_help"),
        on_click="ignore",
    )
    if file is None:
        _last_receipt()
        return
    st.session_state.pop("imports_done", None)
    mapping = _mapping(file)
    if mapping is None:
        st.caption(words("imports.choose_mapping"))
        return
    receipt = _preview(file, mapping)
    if receipt is None:
        return
    st.subheader(words("imports.preview_title"))
    _receipt(receipt)
    if receipt.repeats is not None:
        _repeats(receipt.repeats)
        return
    if receipt.facts == 0:
        st.warning(words("imports.nothing"))
        for issue in receipt.issues[:REASONS_SHOWN]:
            st.text(sentence(issue, words))
        return
    if _runtime.store().holds_demo():
        st.caption(words("imports.demo_goes"))
    if st.button(words("imports.confirm"), type="primary"):
        done = _told(lambda: _import(file, mapping, dry_run=False))
        if done is not None:
            st.session_state["imports_done"] = done
            st.session_state["imports_turn"] = turn + 1
            st.rerun()


def _last_receipt() -> None:
    """What the last import did, until the next file is chosen."""
    done = st.session_state.get("imports_done")
    if isinstance(done, Receipt):
        st.success(words("imports.receipt_done", file=_runtime.plain(done.file_name)))
        _receipt(done)
        st.page_link("board.py", label=words("imports.see_board"))


def _preview(file: UploadedFile, mapping: Mapping) -> Receipt | None:
    """What the import would do; remembered while file, mapping and data are the same."""
    asked = (file.file_id, mapping.text, _runtime.store().data_version())
    kept: tuple[object, Receipt | None] = st.session_state.get("imports_preview", (None, None))
    if kept[0] != asked:
        kept = asked, _told(lambda: _import(file, mapping, dry_run=True))
        if kept[1] is not None:
            st.session_state["imports_preview"] = kept
    return kept[1]


def _import(file: UploadedFile, mapping: Mapping, *, dry_run: bool) -> Receipt:
    return import_file(
        _runtime.store(),
        file.getvalue(),
        file.name,
        mapping,
        who=_runtime.BY_PAGE,
        now=_reports.wall_clock_now(),
        dry_run=dry_run,
    )


def _mapping(file: UploadedFile) -> Mapping | None:
    """The mapping chosen; those whose columns are all there stand first."""
    header = read_table(file.getvalue()).header
    fits = {mapping.name: mapping for mapping in fitting(header)}
    rest = {mapping.name: mapping for mapping in mappings() if mapping.name not in fits}
    offered = fits | rest

    def label(name: str) -> str:
        if name == OWN:
            return words("imports.mapping_own")
        title = words.pick(offered[name].title) or name
        return words("imports.mapping_fits", name=title) if name in fits else title

    if not fits:
        st.info(words("imports.no_fit"))
    name = st.selectbox(
        words("imports.mapping"),
        [*offered, OWN],
        index=0 if fits else None,
        format_func=label,
        help=words("imports.mapping_help"),
        key=f"imports_mapping_{file.file_id}",
    )
    if name is None:
        return None
    return offered[name] if name != OWN else _own_mapping(file.file_id, header)


def _own_mapping(file_id: str, header: Sequence[str]) -> Mapping | None:
    st.download_button(
        words("imports.mapping_sketch"),
        mapping_sketch(header),
        SKETCH_NAME,
        "application/toml",
        help=words("imports.mapping_sketch_help"),
        on_click="ignore",
    )
    document = st.file_uploader(
        words("imports.mapping_upload"), type=["toml"], key=f"imports_own_{file_id}"
    )
    if document is None:
        return None
    mapping = read_mapping(document.getvalue().decode("utf-8-sig", errors="replace"))
    if isinstance(mapping, Mapping):
        return mapping
    st.error(words("imports.mapping_problem"))
    for problem in mapping:
        st.text(problem.sentence(words))
    return None


def _told(action: Callable[[], Receipt]) -> Receipt | None:
    """What the action gives; None, and the reason on the screen, where the store refuses."""
    try:
        return action()
    except StoreError as error:
        st.error(_runtime.plain(words(f"store.{error.code}", **error.blanks)))
        return None


def _moment(moment: datetime) -> str:
    return formats.moment(moment, _reports.wall_clock_now())


def _repeats(import_id: int) -> None:
    earlier = next(each for each in _runtime.store().imports() if each.import_id == import_id)
    st.info(words("imports.repeats", day=_moment(earlier.imported_at)))


def _receipt(receipt: Receipt) -> None:
    """The numbers of an import in one line, and what was wrong below."""
    numbers = {
        "rows": receipt.rows,
        "new": receipt.new,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "new_leads": receipt.new_leads,
        "undated": receipt.undated,
        "flagged": receipt.flagged,
        "rejected": receipt.rejected_rows,
    }
    with st.container(horizontal=True, gap="large", key="imports_receipt"):
        for name, number in numbers.items():
            st.metric(words(f"imports.{name}"), formats.number(number), width="content")
    if receipt.data_through is not None:
        through = _moment(receipt.data_through)
        st.caption(words("imports.data_through", moment=through))
    if receipt.issues:
        count = receipt.issue_count
        label = words("imports.issues", count=formats.number(count))
        with st.expander(label, expanded=receipt.rejected_rows > 0):
            st.dataframe(
                [
                    {
                        words("imports.issue"): sentence(issue, words),
                        words("imports.issue_kind"): words(f"imports.kind_{issue.severity}"),
                    }
                    for issue in receipt.issues[:ISSUES_SHOWN]
                ],
                hide_index=True,
            )
            shown = min(len(receipt.issues), ISSUES_SHOWN)
            if count > shown:
                st.caption(words("imports.more_issues", shown=shown, count=formats.number(count)))


@st.fragment
def _ledger() -> None:
    """Every import, newest first. Drawn again when another page changes the data."""
    records = _reports.ledger(_live.follow())
    st.subheader(words("imports.list_title"))
    if not records:
        st.caption(words("imports.none_yet"))
        return
    for record in records[:RECORDS_SHOWN]:
        _entry(record)
    if len(records) > RECORDS_SHOWN:
        st.caption(words("imports.more_imports", count=formats.number(len(records))))


def _entry(record: ImportRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="medium"):
        when = _moment(record.imported_at)
        state = words("imports.demo") if record.demo else ""
        if record.undone_at is not None:
            state = words("imports.undone", day=_moment(record.undone_at))
        st.text(f"{record.file_name}", width="stretch")
        st.caption(
            words(
                "imports.entry",
                count=formats.number(record.rows),
                new=formats.number(record.new),
                changed=formats.number(record.changed),
                rejected=formats.number(record.rejected_rows),
            ),
            width="content",
        )
        st.caption(when, width="content")
        by = (
            words("imports.by_page")
            if record.imported_by == _runtime.BY_PAGE
            else record.imported_by
        )
        st.caption(_runtime.plain(by), width="content")
        if state:
            st.badge(state, color="gray")
        if record.stands and st.button(
            words("imports.undo"), key=f"imports_undo_{record.import_id}"
        ):
            _confirm_undo(record)


@st.dialog(words("imports.undo_title"))
def _confirm_undo(record: ImportRecord) -> None:
    when = _moment(record.imported_at)
    st.text(words("imports.undo_text", file=record.file_name, when=when))
    with st.container(horizontal=True):
        if st.button(words("imports.undo_confirm"), type="primary"):
            try:
                _runtime.store().undo(
                    record.import_id,
                    who=_runtime.BY_PAGE,
                    now=_reports.wall_clock_now(),
                )
            except StoreError as error:
                st.error(_runtime.plain(words(f"store.{error.code}", **error.blanks)))
                return
            st.session_state.pop("imports_done", None)
            st.rerun()
        if st.button(words("imports.keep")):
            st.rerun()


draw()
