"""One chosen file as a card: what it is, what is asked, what it will do, what it did."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from kpi_core.domain.period import Month
from kpi_core.domain.question import Question
from kpi_core.domain.receipt import Receipt
from kpi_core.facts.conflicts import REPLACES
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest.inspect import Inspection
from kpi_core.ingest.issue_text import sentence
from kpi_core.records.errors import StoreError
from kpi_core.reports.plans import plans_in_use
from pages import _markdown, _runtime
from pages._imports import (
    chosen_files,
    html,
    mapping_choice,
    preview_table,
    questions,
    receipt_view,
    rejected,
    running_imports,
    save_mapping,
)
from pages._imports.chosen_file import State, Upload

Color = Literal["orange", "red", "blue", "green", "gray"]
COLORS: dict[State, Color] = {
    State.ASKING: "orange",
    State.UNREADABLE: "red",
    State.FAILED: "red",
    State.READY: "blue",
    State.IMPORTED: "green",
}
BUSY = (State.READING, State.COMPARING, State.IMPORTING)
ICONS = {
    State.ASKING: ":material/help:",
    State.UNREADABLE: ":material/error:",
    State.FAILED: ":material/error:",
    State.READY: ":material/check:",
    State.IMPORTED: ":material/check_circle:",
    State.REPEATS: ":material/history:",
    State.NOTHING: ":material/block:",
    **dict.fromkeys(BUSY, ":material/progress_activity:"),
}
REASONS_SHOWN = 5
SAMPLE_ROWS = 6
LARGE = 10_000
"""Rows from which on it is worth telling how fast they went."""
ASKED_WIDTH = 900
"""Pixels: a question and its answer stay in one glance, however wide the window."""


def draw(upload: Upload, words: Words, *, alone: bool, first: bool) -> None:
    """The card, open where it is the only one, the first to be looked at, or was opened."""
    with st.container(border=True, key=f"imports_card_{upload.id}", gap="medium"):
        unfolded = alone or (first if upload.unfolded is None else upload.unfolded)
        _head(upload, words, alone=alone, unfolded=unfolded)
        running = upload.running
        if running is not None:
            running_imports.follow(running, words)
        if unfolded and upload.state is not State.IMPORTING:
            _body(upload, words)


def _head(upload: Upload, words: Words, *, alone: bool, unfolded: bool) -> None:
    state = upload.state
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        key=f"imports_head_{upload.id}",
    ):
        st.html(
            html.file(upload.name, what(upload, words)),
            width="stretch",
        )
        text = (
            words("imports.asking", count=upload.to_confirm)
            if state is State.ASKING
            else words(f"imports.state_{state}")
        )
        with st.container(
            key=f"imports_{'busy' if state in BUSY else 'calm'}_{upload.id}", width="content"
        ):
            st.badge(text, color=COLORS.get(state, "gray"), icon=ICONS.get(state))
        done = state is State.IMPORTED
        if not alone and not (done and unfolded):
            st.button(
                words("imports.fold" if unfolded else "imports.unfold"),
                key=f"imports_fold_{upload.id}",
                type="tertiary",
                disabled=state is State.IMPORTING,
                on_click=upload.unfold,
                args=(not unfolded,),
            )
        st.button(
            words("imports.fold" if done else "imports.remove"),
            key=f"imports_remove_{upload.id}",
            type="tertiary",
            disabled=state is State.IMPORTING,
            on_click=chosen_files.remove,
            args=(upload,),
        )


def what(upload: Upload, words: Words) -> str:
    """What the file is: its kind, its encoding, how much is in it."""
    formats, found = Formats(words.language), upload.inspection
    parts = []
    if found is not None:
        opened = found.opened
        if found.header or opened.table is not None:
            parts.append(opened.kind.value.upper())
            if opened.encoding:
                parts.append(words("imports.encoding", name=opened.encoding.upper()))
        if opened.table is not None:
            rows = formats.number(opened.table.rows)
            parts.append(words("imports.row_count", count=rows))
            columns = formats.number(len(opened.table.header))
            parts.append(words("imports.column_count", count=columns))
    return " · ".join([*parts, size(upload.size, words)])


def size(count: int, words: Words) -> str:
    """A size as people say it: 12 KB, 117 MB."""
    formats = Formats(words.language)
    if count < 1_000_000:
        return f"{formats.number(max(1, round(count / 1000)))} KB"
    return f"{formats.number(round(count / 1_000_000, 1))} MB"


def _body(upload: Upload, words: Words) -> None:
    found = upload.inspection
    if upload.problem is not None:
        _problem(upload.problem, words)
    if upload.importing.work is not None and upload.importing.work.cancelled:
        st.info(words("imports.cancelled"))
    if upload.receipt is not None:
        _imported(upload, upload.receipt, words)
        return
    if found is None:
        return
    samples = _samples(found)
    asked = upload.questions
    if found.opened.refused or (found.mapping is None and not found.answers_needed):
        reasons = dict.fromkeys((*found.issues, *found.opened.issues))
        for issue in tuple(reasons)[:REASONS_SHOWN]:
            st.error(_markdown.plain(sentence(issue, words)))
    if asked:
        with st.container(key=f"imports_asked_{upload.id}", width=ASKED_WIDTH):
            st.subheader(words("imports.asked_title"), anchor=False)
            if upload.asked_late:
                st.info(words("imports.asked_late"))
            questions.draw(upload, asked, samples, words, folded=False)
    _concluded(upload, found, samples, words)
    preview = upload.preview
    preview_table.draw(found, preview.issues if preview else (), words, upload.id)
    if found.mapping is None or preview is None:
        return
    if preview.repeats is not None:
        _repeats(preview.repeats, words)
        return
    st.subheader(words("imports.preview_title"), anchor=False)
    if preview.facts == 0:
        st.warning(words("imports.nothing"))
        for issue in preview.issues[:REASONS_SHOWN]:
            st.text(sentence(issue, words))
        return
    receipt_view.draw(preview, words, upload.id)
    _replaced(upload, words)
    _confirm(upload, found, words)


def _replaced(upload: Upload, words: Words) -> None:
    """That “before” is without the import that it replaces."""
    for each in upload.conflicts:
        if each.code == REPLACES and upload.decisions[each.code] == "yes":
            st.caption(words("imports.replaces_before", number=each.import_id))


def _confirm(upload: Upload, found: Inspection, words: Words) -> None:
    save_as = save_mapping.draw(upload, found, words)
    if _runtime.store().holds_demo():
        st.caption(words("imports.demo_goes"))
    if st.button(
        words("imports.confirm"),
        type="primary",
        key=f"imports_go_{upload.id}",
        disabled=upload.running is not None,
    ):
        upload.unfold(True)
        upload.start_import(save_as)
        upload.settle()
        st.rerun()


def _imported(upload: Upload, receipt: Receipt, words: Words) -> None:
    record = None
    if receipt.import_id is not None:
        store = _runtime.store()
        record = store.records.find_import(receipt.import_id)
        if not receipt.is_counted:
            receipt = store.receipt(receipt.import_id)
    work = upload.importing.work
    text = _markdown.plain(words("imports.receipt_done", number=receipt.import_id))
    if work is not None and work.rows_per_second and receipt.rows >= LARGE:
        formats = Formats(words.language)
        pace = words(
            "imports.pace",
            seconds=formats.number(round(work.seconds, 1)),
            speed=formats.number(round(work.rows_per_second)),
        )
        text = f"{text} {_markdown.plain(pace)}"
    if receipt.import_id is None:
        st.info(words("imports.no_change"))
    else:
        st.success(text)
    if upload.not_kept is not None:
        why = upload.not_kept
        reason = _runtime.refusal(why, words) if isinstance(why, StoreError) else ""
        st.warning("\n\n".join(filter(None, (words("imports.mapping_not_kept"), reason))))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _to_the_board(receipt, words)
        if receipt.import_id is not None and receipt.rejected_rows:
            rejected.download(receipt.import_id, receipt.file_name, words, upload.id)
    receipt_view.draw(receipt, words, upload.id, record)


def _to_the_board(receipt: Receipt, words: Words) -> None:
    """A link to the board; to the newest month of the file where the running one is not in it.

    Without a plan there is none yet: the link leads to making one.
    """
    if not plans_in_use(_runtime.store()):
        label = words("board.make_plan")
        st.page_link("make_plan.py", label=label, icon=":material/edit_note:")
        return
    months = [Month.of(change.month) for change in receipt.months]
    newest = max(months, default=None)
    if newest is None or newest >= Month.of(_runtime.app().wall_clock().date()):
        st.page_link("board.py", label=words("imports.see_board"), icon=":material/flag:")
        return
    month = Formats(words.language).month(newest)
    st.page_link(
        "board.py",
        label=words("imports.see_month", month=month),
        icon=":material/flag:",
        query_params={"month": str(newest)},
    )
    st.caption(words("imports.in_the_past", month=month))


def _repeats(import_id: int, words: Words) -> None:
    earlier = next(each for each in _runtime.store().imports() if each.import_id == import_id)
    now = _runtime.app().wall_clock()
    day = Formats(words.language).moment(earlier.imported_at, now)
    st.info(words("imports.repeats", day=day))


def _problem(problem: Exception, words: Words) -> None:
    if isinstance(problem, StoreError):
        st.error(_runtime.refusal(problem, words))
    else:
        st.error(words("imports.failed"))


def _concluded(upload: Upload, found: Inspection, samples: questions.Samples, words: Words) -> None:
    """What needed no question, folded; every part of it can be changed."""
    concluded: Sequence[Question] = [
        each for each in found.questions if each.key not in upload.asked
    ]
    if found.known is None and not concluded and upload.mapping is None:
        return
    box = st.expander(
        _markdown.plain(mapping_choice.summary(upload, found, concluded, words)),
        key=f"imports_concluded_{upload.id}",
        on_change="rerun",
    )
    if box.open:
        with box, st.container(width=ASKED_WIDTH):
            questions.draw(upload, concluded, samples, words, folded=True)
            mapping_choice.draw(upload, found, words)


def _samples(found: Inspection) -> questions.Samples:
    """Some cells of each column, as they stand in the file."""
    table = found.opened.table
    if table is None:
        return {}
    rows = [cells for _, cells in table.head(SAMPLE_ROWS)]
    return {
        header: tuple(dict.fromkeys(cells[at].strip() for cells in rows if at < len(cells)))
        for at, header in enumerate(table.header)
    }
