"""The imports page in tests: files to drop on it, and what a visitor does and sees there."""

import re

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from kpi_core.i18n.catalog import Language, Words
from pages._imports.chosen_file import State, Upload
from tests.pages.conftest import html, opened, run

TEMPLATE = b"lead_id,lead_date,mql_date\n1,2026-05-01,2026-05-03\n2,2026-05-02,\n3,?,\n"
"""Three leads: two read, the third without a readable date. Facts: leads 1 and 2, the MQL of 1."""

AMBIGUOUS = b"lead_id,created,mql date\nL1,03/04/2026,05/06/2026\nL2,05/06/2026,\nL3,12/11/2026,\n"
"""Every date can be read both ways: L1 came on April 3rd or on March 4th."""

MAPPING = """
name = "mine"
source = "mine"
grain = "lead"
id = "lead_id"
[[stages]]
stage = "lead"
date = "lead_date"
"""

words = Words(Language.EN)


def page_of_imports(locale: str = "en-US") -> AppTest:
    return opened(locale, at="imports.py")


def uploads(page: AppTest) -> list[Upload]:
    """The files on the page."""
    if "imports_chosen" not in page.session_state:
        return []
    chosen: dict[str, Upload] = page.session_state["imports_chosen"]
    return list(chosen.values())


def upload(page: AppTest, content: bytes, name: str = "leads.csv") -> None:
    """Drop a file on the page."""
    page.file_uploader[0].upload(name, content)
    run(page)


def unfold(page: AppTest, key: str) -> None:
    """Open what is folded, by how its key begins."""
    for upload in uploads(page):
        page.session_state[f"{key}_{upload.id}"] = True
    run(page)


def answer(page: AppTest, question: str, value: str) -> None:
    """Choose an answer by its value."""
    (radio,) = [each for each in page.radio if (each.key or "").endswith(f"_{question}")]
    radio.set_value(value)
    run(page)


def states(page: AppTest) -> list[State]:
    return [upload.state for upload in uploads(page)]


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def numbers(page: AppTest) -> dict[str, str]:
    """What the receipt on the page says."""
    return {metric.label: metric.value for metric in page.metric}


def texts(page: AppTest) -> list[str]:
    return [text.value for text in page.text]


def captions(page: AppTest) -> list[str]:
    return [caption.value for caption in page.caption]


def read(markdown: str) -> str:
    """Markdown as the reader sees it, where every sign that could be markup is escaped."""
    escaped = re.compile(r"\\([!-/:-@\[-`{-~])")
    bare = escaped.sub("", markdown)
    assert not re.search(r"[*_$`\[\]~<>\\]|:\w+:|&#?\w+;", bare), f"read as Markdown: {markdown}"
    return escaped.sub(r"\1", markdown).replace("\u2060", "")


def nothing_is_markup(page: AppTest) -> None:
    """No element that reads Markdown got somebody's text as it was, nor did our own HTML."""
    elements: list[Element] = [*page.success, *page.info, *page.warning, *page.error]
    for element in (*elements, *page.caption):
        read(element.value)
    assert "&lt;.csv" not in re.sub("&amp;", "", html(page))


def give_answers(page: AppTest, order: str) -> None:
    """Answer all that is asked about AMBIGUOUS."""
    for _ in range(9):
        (file,) = uploads(page)
        assert file.inspection is not None
        if not file.inspection.answers_needed:
            return
        asked = file.inspection.answers_needed[0]
        value = {"order": order, "grain": "lead"}.get(asked.code, asked.options[0].value)
        control = next(
            each for each in (*page.radio, *page.selectbox) if each.key.endswith(f"_{asked.key}")
        )
        control.set_value(value)
        run(page)
    pytest.fail("There is always another question")
