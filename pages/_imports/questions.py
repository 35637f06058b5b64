"""Questions about a file as controls, each beside what it is about."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import streamlit as st

from kpi_core.domain.names import invisible_signs
from kpi_core.domain.question import Ask, Option, Question
from kpi_core.i18n.catalog import Words, entries
from kpi_core.ingest.question_text import asked, offered
from pages import _markdown, _reports
from pages._imports import html
from pages._imports.chosen_file import Upload

LISTED = (Ask.COLUMN, Ask.VALUE, Ask.KEEP)
"""Asked of many columns or cells alike: one line each, under one heading."""
AT_A_GLANCE = (
    Ask.TABLE,
    Ask.ENCODING,
    Ask.GRAIN,
    Ask.PER,
    Ask.ORDER,
    Ask.UNIT,
    Ask.DECIMAL,
    Ask.OLDER,
    Ask.REPLACES,
    Ask.BREAKDOWN,
    Ask.SAME_IDS,
)
"""All answers are seen at once; those of other questions are in a list that opens."""
SEEN_AT_MOST = 8
LINES = 12
"""So many lines stand open; the rest are folded."""
LINES_AT_MOST = 200
EXAMPLES = 4
SAMPLES = 3

Samples = Mapping[str, Sequence[str]]
"""Some cells of each column, by its header."""


def draw(
    upload: Upload, questions: Sequence[Question], samples: Samples, words: Words, *, folded: bool
) -> None:
    """Every question with its control. Those of a kind stand together where they are many."""
    for code, group in groupby(questions, key=lambda question: question.code):
        alike = list(group)
        if code in LISTED:
            _lines(upload, code, alike, samples, words, folded=folded)
        else:
            for question in alike:
                _one(upload, question, words)


def _one(upload: Upload, question: Question, words: Words) -> None:
    key = _key(upload, question)
    options = {option.value: option for option in question.options}
    values = list(options)
    if question.code is Ask.SOURCE:
        values += [each for each in _reports.sources() if each not in options]
    current = upload.said(question)
    if current is not None and current not in values:
        values.append(current)

    def read(value: str) -> str:
        option = options.get(value)
        return value if option is None else offered(question, option, words)

    likely = {}
    if question.code is Ask.GRAIN and len(values) > 1:
        likely[values[0]] = f" :gray[{words('imports.likely')}]"
    said = _say(upload, question, key)
    help_text = _help(question, words)
    heading = _markdown.plain(asked(question, words))
    st.session_state[key] = current
    chosen = None if current is None else 0  # what was answered cannot be cleared
    if question.free:
        st.selectbox(
            heading,
            values,
            index=None,
            format_func=read,
            accept_new_options=True,
            placeholder=words("imports.say"),
            help=help_text,
            key=key,
            on_change=said,
            width=480,
        )
        if signs := invisible_signs(upload.answers.get(question.key, "")):
            st.error(words("imports.invisible_sign", value=signs))
    elif question.code in AT_A_GLANCE and len(values) <= SEEN_AT_MOST:
        captions = [_examples(options[value]) if value in options else "" for value in values]
        st.radio(
            heading,
            values,
            index=None,
            format_func=lambda value: _markdown.plain(read(value)) + likely.get(value, ""),
            captions=captions if any(captions) else None,
            help=help_text,
            key=key,
            on_change=said,
        )
    else:
        st.selectbox(
            heading,
            values,
            index=chosen,
            format_func=read,
            placeholder=words("imports.choose"),
            help=help_text,
            key=key,
            on_change=said,
            width=480,
        )


def _lines(
    upload: Upload,
    code: Ask,
    questions: list[Question],
    samples: Samples,
    words: Words,
    *,
    folded: bool,
) -> None:
    """One line per column or cell: what it is called, what is in it, what it means."""
    heading = _markdown.plain(words(f"imports.lines_{code}"))
    st.markdown(f"**{heading}**", help=_help(questions[0], words))
    for question in questions[:LINES]:
        _line(upload, question, samples, words)
    rest = questions[LINES:]
    if not rest:
        return
    more = words("imports.more_lines", count=str(len(rest)))
    box = st.expander(more, key=f"imports_more_{upload.id}_{code}_{folded}", on_change="rerun")
    if box.open:
        with box:
            for question in rest[:LINES_AT_MOST]:
                _line(upload, question, samples, words)
            if len(rest) > LINES_AT_MOST:
                st.caption(words("imports.lines_left", shown=LINES_AT_MOST, count=len(rest)))


def _line(upload: Upload, question: Question, samples: Samples, words: Words) -> None:
    key = _key(upload, question)
    options = {option.value: option for option in question.options}
    name, choice = st.columns([3, 2], vertical_alignment="center", gap="medium")
    cells = [cell for cell in samples.get(question.subject, ()) if cell][:SAMPLES]
    with name:
        subject, found = question.subject or words("imports.blank"), " · ".join(cells)
        st.html(html.line(subject, found))
    current = upload.said(question)
    st.session_state[key] = current
    with choice:
        st.selectbox(
            _markdown.plain(asked(question, words)),
            list(options),
            index=None if current is None else 0,
            format_func=lambda value: offered(question, options[value], words),
            placeholder=words("imports.choose"),
            label_visibility="collapsed",
            key=key,
            on_change=_say(upload, question, key),
        )


def _key(upload: Upload, question: Question) -> str:
    return f"imports_q_{upload.id}_{question.key}"


def _say(upload: Upload, question: Question, key: str) -> Callable[[], None]:
    def said() -> None:
        value = st.session_state.get(key)
        if value is not None:
            upload.say(question.key, str(value))

    return said


def _help(question: Question, words: Words) -> str | None:
    key = f"questions.{question.code}_help"
    if key not in entries(words.language):
        return None
    return _markdown.plain(words(key, subject=question.subject))


def _examples(option: Option) -> str:
    return _markdown.plain("　".join(option.examples[:EXAMPLES]))
