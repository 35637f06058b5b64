"""What only the user knows of a file: a question, its likeliest answers first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kpi_core.domain.stage import stage_named

Answers = Mapping[str, str]
"""What the user said, by the key of the question."""


class Ask(StrEnum):
    """What is asked. Values name the words in the catalogs (`questions.<code>`)."""

    TABLE = "table"
    ENCODING = "encoding"
    HEADER = "header"
    GRAIN = "grain"
    SOURCE = "source"
    ID = "id"
    ACTIVITY = "activity"
    STAGE = "stage"
    AT = "at"
    DATE = "date"
    PER = "per"
    COLUMN = "column"
    VALUE = "value"
    ORDER = "order"
    UNIT = "unit"
    DECIMAL = "decimal"
    ZONE = "zone"
    KEEP = "keep"
    OLDER = "older"
    REPLACES = "replaces"
    BREAKDOWN = "breakdown"
    SAME_IDS = "same_ids"


@dataclass(frozen=True)
class Option:
    """An answer on offer. `text` is shown as it is; None where the catalogs word the value.

    `examples` are cells as they read under this answer.
    """

    value: str
    text: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A decision about a file: concluded, answered, or open.

    `subject` is the column or the cell it is about. `given`: the answer is the user's.
    `free`: any text is an answer, the options are suggestions. `params` are what its words name:
    a count, an import's number, examples.
    """

    code: Ask
    options: tuple[Option, ...] = ()
    answer: str | None = None
    subject: str = ""
    given: bool = False
    free: bool = False
    params: tuple[tuple[str, int | str | tuple[str, ...]], ...] = ()

    @property
    def key(self) -> str:
        """What an answer is given by: `encoding`, `order:Created`."""
        return f"{self.code}:{self.subject}" if self.subject else self.code.value

    @property
    def open(self) -> bool:
        """It has to be asked: nothing in the file decides it."""
        return self.answer is None


def open_questions(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Those that have to be asked."""
    return tuple(question for question in questions if question.open)


def decided(
    code: Ask,
    answers: Answers,
    options: Iterable[Option],
    concluded: str | None,
    *,
    subject: str = "",
    free: bool = False,
) -> Question:
    """A question with the user's answer where there is one that is on offer, else the concluded.

    A stage is answered by any of its names.
    """
    offered = tuple(options)
    question = Question(code, offered, concluded, subject, free=free)
    answer = answers.get(question.key)
    values = {option.value for option in offered}
    if answer is not None and answer not in values and stage_named(answer) in values:
        answer = stage_named(answer)
    if answer is None or not (free or answer in values):
        return question
    return Question(code, offered, answer, subject, given=True, free=free)
