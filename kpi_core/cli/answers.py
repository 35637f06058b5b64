"""`--answer KEY=VALUE`: what the user says of a file, and what is still to be said."""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kpi_core.cli.text import aligned, plain
from kpi_core.cli.told import CannotDo, Told
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.ingest.question import Question

OPTION = "--answer"
OPTIONS_SHOWN = 30

Command = TypeVar("Command", bound=Callable[..., Any])
Document = Mapping[str, Any]
"""A question as plain data, made here or sent by the board."""


def answer_option(words: Words) -> Callable[[Command], Command]:
    """The option, as often as there is something to answer."""
    return click.option(
        OPTION,
        "answers",
        multiple=True,
        metavar=words("cli.metavar_answer"),
        help=words("cli.option_answer"),
    )


class OpenQuestions(CannotDo):
    """A file about which something has to be said first."""

    def __init__(self, sentence: str, questions: Sequence[Document]) -> None:
        super().__init__(sentence)
        self.questions = questions


def answers_given(told: Told, texts: Iterable[str]) -> dict[str, str]:
    """The answers by their keys."""
    from kpi_core.ingest.asking import read_answer

    answers = {}
    for text in texts:
        read = read_answer(text)
        if read is None:
            raise CannotDo(told.words("cli.not_an_answer", option=OPTION, value=text))
        answers[read[0]] = read[1]
    return answers


def check_answers(told: Told, answers: Mapping[str, str], questions: "Sequence[Question]") -> None:
    """CannotDo for an answer to what was not asked, or one that is not on offer."""
    words, asked = told.words, {question.key: question for question in questions}
    for key, value in answers.items():
        question = asked.get(key)
        if question is None:
            choices = ", ".join(asked) or "–"
            raise CannotDo(words("cli.not_asked", option=OPTION, name=key, choices=choices))
        if not question.given:
            choices = ", ".join(option.value for option in question.options)
            raise CannotDo(
                words("cli.not_on_offer", option=OPTION, name=key, value=value, choices=choices)
            )


def question_lines(questions: Iterable[Document], words: Words) -> list[str]:
    """Each question, and under it every answer as the option that gives it."""
    lines = []
    for question in questions:
        lines.append(f"  {plain(question['title'])}")
        rows = [
            [answer_as_typed(question["key"], option["value"]), _meaning(option)]
            for option in question["options"][:OPTIONS_SHOWN]
        ]
        if question["free"] or len(question["options"]) > OPTIONS_SHOWN or not rows:
            rows.append([answer_as_typed(question["key"], "…"), words("cli.any_answer")])
        lines += aligned(rows, indent=4)
    return lines


def answer_as_typed(key: str, value: str) -> str:
    """The option as a shell takes it."""
    return f"{OPTION} {quoted(f'{key}={value}')}"


def quoted(text: str) -> str:
    """A word for the shell of this system."""
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)


def _meaning(option: Document) -> str:
    examples = ", ".join(option["examples"])
    return f"{option['text']}  ({examples})" if examples else str(option["text"])
