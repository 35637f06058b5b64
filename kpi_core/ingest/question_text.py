"""A question about a file and the answers on offer, as sentences; answers as they are written."""

from collections.abc import Iterable, Sequence
from typing import Any

from kpi_core.domain.question import Option, Question
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats

LONGEST_EXAMPLE = 32
"""Characters of an id that is shown among others."""
THINGS = ("lead", "deal", "account", "user")
"""What rows are about, where the catalogs word it; others are shown as the mapping says."""


def asked(question: Question, words: Words) -> str:
    """The question in the words of a language."""
    return words(f"questions.{question.code}", **_params(question, words))


def offered(question: Question, option: Option, words: Words) -> str:
    """An answer in the words of a language, or as it stands in the file."""
    if option.text is not None:
        return option.text
    return words(f"questions.{question.code}_{option.value}", **_params(question, words))


def _params(question: Question, words: Words) -> dict[str, object]:
    found: dict[str, object] = {"subject": question.subject, **dict(question.params)}
    count, examples = found.get("count"), found.get("examples")
    if isinstance(count, int):
        found["count"] = Formats(words.language).number(count)
    if found.get("thing") in THINGS:
        found["thing"] = words(f"questions.thing_{found['thing']}")
    if isinstance(examples, tuple):
        found["examples"] = _examples(examples, count, words)
    return found


def _examples(examples: Sequence[str], count: object, words: Words) -> str:
    """In brackets, with a sign that there are more; empty where there are none."""
    if not examples:
        return ""
    shown = [_short(each) for each in examples]
    if count != len(shown):
        shown.append("…")
    return words("questions.examples", examples=words("questions.listing").join(shown))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[: LONGEST_EXAMPLE - 1]}…"


def answered(question: Question, words: Words) -> str:
    """The answer that stands, in words; empty while the question is open."""
    for option in question.options:
        if option.value == question.answer:
            return offered(question, option, words)
    return question.answer or ""


def question_document(question: Question, words: Words) -> dict[str, Any]:
    """A question as plain data; `answer` is what would be concluded, if anything."""
    return {
        "key": question.key,
        "code": question.code.value,
        "subject": question.subject,
        "title": asked(question, words),
        "answer": question.answer,
        "free": question.free,
        "options": [
            {
                "value": option.value,
                "text": offered(question, option, words),
                "examples": list(option.examples),
            }
            for option in question.options
        ],
    }


def read_answers(texts: Iterable[str]) -> dict[str, str] | str:
    """Answers by their keys; or the first text that is none."""
    answers = {}
    for text in texts:
        read = _read_answer(text)
        if read is None:
            return text
        answers[read[0]] = read[1]
    return answers


def _read_answer(text: str) -> tuple[str, str] | None:
    """The key and the value of `key=value`; None for a text that is no such thing.

    A key with a subject, `order:Created`, ends at the last sign of equality: its subject, a
    column or a cell, may hold such signs, while the answers to it are words.
    """
    has_subject = ":" in text.partition("=")[0]
    key, equals, value = text.rpartition("=") if has_subject else text.partition("=")
    return (key, value) if equals and key else None
