"""The ledger: every import, newest first; each opens, and can be taken back or repaired."""

from datetime import date, datetime, time, timedelta

import streamlit as st

from kpi_core.facts.store import TAKEN_BACK
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.inbox.process_file import BY_INBOX
from kpi_core.records.ledger import ImportRecord
from pages import _confirm_dialog, _live, _lock, _reports, _runtime
from pages._imports import chosen_files, html, receipt_view, reimport, rejected, running_imports

RECORDS_SHOWN = 50
_OPEN = "imports_open"


def draw(words: Words) -> None:
    """Drawn again when another page changes the data."""

    @st.fragment
    def ledger() -> None:
        records = _reports.ledger(_live.follow())
        if _lock.shows_notice(words, "imports"):
            return
        st.subheader(words("imports.list_title"), anchor=False)
        _elsewhere(words)
        if not records:
            st.caption(words("receipt.none_yet"))
            return
        for record in records[:RECORDS_SHOWN]:
            _entry(record, words)
        if len(records) > RECORDS_SHOWN:
            count = Formats(words.language).number(len(records))
            st.caption(words("imports.more_imports", shown=RECORDS_SHOWN, count=count))

    ledger()


def _elsewhere(words: Words) -> None:
    """Running imports of other visitors, or started before this page was opened again."""
    own = {each.importing.work for each in chosen_files.chosen()}
    for work in _runtime.app().jobs.imports():
        if work not in own:
            with st.container(border=True, key=f"imports_elsewhere_{work.id}"):
                st.html(html.file(work.name))
                running_imports.follow(work, words)


def _entry(record: ImportRecord, words: Words) -> None:
    opened: set[int] = st.session_state.setdefault(_OPEN, set())
    is_open = record.import_id in opened
    with st.container(border=True, key=f"imports_entry_{record.import_id}", gap="medium"):
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            key=f"imports_head_{record.import_id}",
        ):
            st.html(_line(record, words), width="stretch")
            st.button(
                words("imports.fold" if is_open else "imports.unfold"),
                key=f"imports_open_{record.import_id}",
                type="tertiary",
                on_click=lambda: opened.symmetric_difference_update({record.import_id}),
            )
        if is_open:
            _details(record, words)


def _line(record: ImportRecord, words: Words) -> str:
    formats = Formats(words.language)
    now = _runtime.app().wall_clock()
    who = record.imported_by
    by = {_runtime.BY_PAGE: words("imports.by_page"), BY_INBOX: words("imports.by_inbox")}.get(
        who, who
    )
    numbers = words(
        "imports.entry",
        count=formats.number(record.rows),
        new=formats.number(record.new),
        changed=formats.number(record.changed),
        rejected=formats.number(record.rejected_rows),
    )
    if not record.is_applied:
        numbers = words("receipt.counts_follow")
    elif _is_taken_back(record):
        numbers = words("imports.taken_back_entry")
    state = words("receipt.demo") if record.demo else ""
    if record.undone_at is not None:
        day = formats.moment(record.undone_at, now)
        state = words("receipt.undone", day=day)
        if record.replaced_by is not None:
            state = words("receipt.replaced", number=record.replaced_by, day=day)
    return html.TEMPLATES.render(
        "entry.html",
        number=record.import_id,
        name=_name(record, words),
        is_undone=record.undone_at is not None,
        state=state,
        numbers=numbers,
        moment=formats.moment(record.imported_at, now),
        actor=by,
    )


def _details(record: ImportRecord, words: Words) -> None:
    store = _runtime.store()
    key = f"entry_{record.import_id}"
    receipt = store.receipt(record.import_id)
    receipt_view.draw(receipt, words, key, record)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if receipt.rejected_rows and record.file_hash:
            rejected.download(record.import_id, record.file_name, words, key)
        if not _is_taken_back(record):
            st.download_button(
                words("imports.mapping_download"),
                _lock.kept(lambda: store.records.mapping_of(record.import_id)),
                f"{record.mapping_name}.toml",
                "application/toml",
                on_click="ignore",
                key=f"imports_toml_{key}",
            )
        if record.is_current:
            if not _is_taken_back(record):
                _through(record, words)
            if record.file_hash and not record.demo:
                reimport.draw(record, words)
            if st.button(words("imports.undo"), key=f"imports_undo_{record.import_id}"):
                _confirm_undo(record, words)


def _is_taken_back(record: ImportRecord) -> bool:
    """Whether no file was imported: a visitor took back what a receipt named."""
    return record.mapping_name == TAKEN_BACK


def _name(record: ImportRecord, words: Words) -> str:
    """What an import is called: its file, or what a visitor did."""
    return words("imports.taken_back") if _is_taken_back(record) else record.file_name


def _through(record: ImportRecord, words: Words) -> None:
    """Correct up to when the file tells everything: a day, its end included."""
    known = record.data_through or record.imported_at
    with st.popover(words("imports.through"), help=words("imports.through_help")):
        last = (known - timedelta(microseconds=1)).date()
        day = st.date_input(
            words("imports.through_day"),
            last,
            min_value=date(2000, 1, 1),
            max_value=max(last, _runtime.app().wall_clock().date()),
            key=f"imports_through_{record.import_id}",
        )
        if st.button(
            words("imports.through_set"), key=f"imports_through_set_{record.import_id}"
        ) and isinstance(day, date):
            _lock.demand()
            end = datetime.combine(day + timedelta(days=1), time())
            now = _runtime.app().wall_clock()
            _runtime.store().set_data_through(
                record.import_id, min(end, now), who=_runtime.BY_PAGE, now=now
            )
            st.rerun()


def _undo_text(record: ImportRecord, when: str, words: Words) -> str:
    """What undoing does; the import that was replaced, which comes back, by its number."""
    text = words("imports.undo_text", file=_name(record, words), when=when)
    back = [f"#{each}" for each in _runtime.store().records.replaced(record.import_id)]
    if not back:
        return text
    listed = words("imports.listing").join(back)
    return f"{text} {words('imports.undo_restores', imports=listed)}"


def _confirm_undo(record: ImportRecord, words: Words) -> None:
    now = _runtime.app().wall_clock()
    when = Formats(words.language).moment(record.imported_at, now)
    _confirm_dialog.ask(
        words("imports.undo_title"),
        _undo_text(record, when, words),
        words("imports.undo_confirm"),
        words("imports.keep"),
        lambda: _runtime.store().undo(
            record.import_id, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
        ),
        words,
    )
