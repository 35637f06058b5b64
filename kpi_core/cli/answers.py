"""`--answer KEY=VALUE`: what the user says of a file, and what is still to be said."""

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kpi_core.cli.command_context import CannotDo, CommandContext
from kpi_core.cli.terminal_text import aligned, plain
from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.domain.receipt import Conflict
    from kpi_core.ingest.resolve import Undecided

OPTION = "--answer"
OPTIONS_SHOWN = 30

Command = TypeVar("Command", bound=Callable[..., Any])
Document = Mapping[str, Any]
"""A question as plain data."""


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


def answers_given(context: CommandContext, texts: Iterable[str]) -> dict[str, str]:
    """The answers by their keys."""
    from kpi_core.ingest.question_text import read_answers

    answers = read_answers(texts)
    if isinstance(answers, str):
        raise CannotDo(context.words("deciding.wrong_answer", value=answers))
    return answers


def not_decided(context: CommandContext, name: str, why: "Undecided") -> CannotDo:
    """Why a file cannot be imported yet, with the open questions."""
    from kpi_core.ingest.question_text import question_document

    sentence = f"{name}: {why.sentence(context.words)}"
    if not why.questions:
        return CannotDo(sentence)
    return OpenQuestions(
        sentence, [question_document(each, context.words) for each in why.questions]
    )


def asked_by_store(context: CommandContext, name: str, conflicts: "Sequence[Conflict]") -> CannotDo:
    """Why a file is not imported yet: what the store asks of it."""
    from kpi_core.ingest.resolve import undecided

    return not_decided(context, name, undecided(conflicts))


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
