"""The cases of a receipt by name, and how to take back or withdraw what is no longer true."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

import streamlit as st

from kpi_core.domain.receipt import Case, Receipt
from kpi_core.i18n.catalog import Language, Words
from kpi_core.i18n.formats import Formats
from kpi_core.ingest import case_text
from kpi_core.ingest.case_text import BLANK, GONE, CaseGroup
from kpi_core.records.errors import StoreError
from kpi_core.records.ledger import ImportRecord
from pages import _confirm_dialog, _lock, _markdown, _runtime
from pages._imports import html


def draw(
    receipt: Receipt,
    words: Words,
    key: str,
    record: ImportRecord | None,
    name: Callable[[str], str],
) -> None:
    """Each kind with its leads or days; those of a `record` that is current can be taken back."""
    found = case_text.groups(receipt)
    if not found:
        return
    current = record if record is not None and record.is_current else None
    taken = _runtime.store().taken_back(current.import_id) if current else frozenset()
    for group in found:
        with st.container(key=f"imports_cases_{group.code}_{key}", gap="xsmall"):
            _group(group, words, key, current, taken, name, is_preview=record is None)


def _group(
    group: CaseGroup,
    words: Words,
    key: str,
    record: ImportRecord | None,
    taken: frozenset[tuple[str, str]],
    name: Callable[[str], str],
    *,
    is_preview: bool,
) -> None:
    formats = Formats(words.language)
    count = formats.number(group.count)
    st.markdown(f"**{_markdown.plain(words(f'receipt.case_{group.code}', count=count))}**")
    can_be_taken_back = group.code in (BLANK, GONE)
    notes = [words(f"receipt.note_{group.code}")]
    if can_be_taken_back and record is not None:
        notes.append(words(f"imports.hint_{group.code}"))
    elif can_be_taken_back and is_preview:
        notes.append(words(f"imports.later_{group.code}"))
    st.caption(("" if words.language is Language.JA else " ").join(notes))
    more = words("receipt.and_more", count=formats.number(group.more)) if group.more else ""

    def text_of(case: Case) -> str:
        return case_text.sentence(case, words, name=name, day=formats.full_day)

    rest = _not_done(group.cases, taken)
    done = [each for each in group.cases if each not in rest]
    if record is not None and can_be_taken_back and rest:
        _choice(group.code, rest, more, words, key, record, text_of)
    else:
        texts = [*filter(None, [*map(text_of, rest), more])]
        st.html(html.TEMPLATES.render("cases.html", texts=texts))
    if record is not None and group.more:
        is_offered = can_be_taken_back and bool(rest)
        _all_of_them(group, words, key, record, is_offered=is_offered)
    if done:
        listed = words("imports.listing").join(map(text_of, done))
        st.caption(_markdown.plain(words(f"imports.done_{group.code}", cases=listed)))


def _choice(
    code: str,
    rest: Sequence[Case],
    more: str,
    words: Words,
    key: str,
    record: ImportRecord,
    text_of: Callable[[Case], str],
) -> None:
    """The cases to choose from, and a button for those that are chosen."""
    chosen = st.pills(
        words(f"imports.choose_{code}"),
        [each.lead + "\x1f" + each.detail for each in rest],
        selection_mode="multi",
        format_func=lambda value: _markdown.plain(text_of(_case(code, value))),
        key=f"imports_pills_{code}_{key}_{len(rest)}",
        label_visibility="collapsed",
    )
    if more:
        st.caption(more)
    if st.button(
        words(f"imports.take_{code}"),
        disabled=not chosen,
        key=f"imports_take_{code}_{key}",
    ):
        try:
            _take_back(code, [_case(code, value) for value in chosen], record)
        except StoreError as error:
            st.error(_runtime.refusal(error, words))
            return
        st.rerun()


def _all_of_them(
    group: CaseGroup,
    words: Words,
    key: str,
    record: ImportRecord,
    *,
    is_offered: bool,
) -> None:
    """The whole list as a file; where it `is_offered` a button that takes all of it back."""
    store, code = _runtime.store(), group.code
    count = Formats(words.language).number(group.count)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            words("imports.cases_download", count=count),
            _lock.kept(lambda: case_text.cases_csv(store, record.import_id, code, words)),
            words(f"imports.cases_name_{code}", file=PurePath(record.file_name).stem),
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"imports_cases_csv_{code}_{key}",
        )
        if is_offered and st.button(
            words(f"imports.all_{code}", count=count), key=f"imports_all_{code}_{key}"
        ):
            _confirm_all(code, words, record)


def _confirm_all(code: str, words: Words, record: ImportRecord) -> None:
    store = _runtime.store()
    taken = store.taken_back(record.import_id)
    rest = _not_done(store.records.cases(record.import_id, code), taken)
    count = Formats(words.language).number(len(rest))
    _confirm_dialog.ask(
        words("imports.all_title"),
        words(f"imports.all_text_{code}", count=count),
        words(f"imports.all_yes_{code}", count=count),
        words("imports.all_no"),
        lambda: _take_back(code, rest, record),
        words,
    )


def _case(code: str, value: str) -> Case:
    lead, _, detail = value.partition("\x1f")
    return Case(code, lead, detail)


def _take_back(code: str, chosen: Sequence[Case], record: ImportRecord) -> None:
    _lock.demand()
    store, now = _runtime.store(), _runtime.app().wall_clock()
    if code == GONE:
        leads = [each.lead for each in chosen]
        store.withdraw(record.source, leads, who=_runtime.BY_PAGE, now=now, thing=record.thing)
        return
    stages = [(each.lead, case_text.stage_of(each)) for each in chosen]
    store.take_back(record.source, stages, who=_runtime.BY_PAGE, now=now, thing=record.thing)


def _not_done(found: Sequence[Case], taken: frozenset[tuple[str, str]]) -> list[Case]:
    """The cases without those of which all that can be is among the stages `taken` of leads."""
    stages = [stage.name for stage in _runtime.store().records.stages()]

    def is_done(case: Case) -> bool:
        if case.code == BLANK:
            return (case.lead, case_text.stage_of(case)) in taken
        return case.code == GONE and all((case.lead, stage) in taken for stage in stages)

    return [each for each in found if not is_done(each)]
