"""How a file is read, once nothing is open. Nothing is guessed."""

from collections.abc import Mapping as Params
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_core.domain.issue import Issue
from kpi_core.domain.issue_code import REFUSALS
from kpi_core.domain.names import invisible_signs
from kpi_core.domain.question import Answers, Ask, Question
from kpi_core.domain.receipt import Conflict, Receipt
from kpi_core.facts.conflicts import OPTIONS
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.conflict_questions import questions_of
from kpi_core.ingest.inspect import Inspection
from kpi_core.mapping.document import Mapping

LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Undecided:
    """Why a file is not imported yet. `key` finds the sentence; `questions` are to be answered."""

    key: str
    params: Params[str, object]
    questions: tuple[Question, ...] = ()

    @property
    def code(self) -> str:
        """The same for programs."""
        return self.key.rpartition(".")[2]

    def sentence(self, words: Words) -> str:
        """What was found, and what to do."""
        return words(self.key, **self.params)


def decide(found: Inspection, answers: Answers) -> Mapping | Undecided:
    """The mapping of a file that is not refused.

    A user has chosen it: where no mapping is named or fits, what a row is is always asked.
    """
    if wrong := misanswered(found, answers):
        return wrong
    if found.mapping is None:
        params = {"count": len(found.answers_needed)}
        return Undecided("deciding.questions_open", params, found.answers_needed)
    return found.mapping


def misanswered(found: Inspection, answers: Answers) -> Undecided | None:
    """An answer to what is not asked of the file, or one that is not on offer; None without one.

    Answers to what the store may ask before the import are no answers about the file.
    """
    asked = {question.key: question for question in found.questions}
    for key, value in answers.items():
        params = {"name": key[:LONGEST_SHOWN], "value": value[:LONGEST_SHOWN]}
        if key in OPTIONS:
            if value not in OPTIONS[key]:
                params["choices"] = ", ".join(OPTIONS[key])
                return Undecided("deciding.answer_not_on_offer", params)
            continue
        if key not in asked:
            params["choices"] = ", ".join(asked) or "–"
            return Undecided("deciding.answer_not_asked", params)
        if key == Ask.SOURCE and (signs := invisible_signs(value)):
            return Undecided("deciding.invisible_sign", params | {"value": signs})
        if not asked[key].given:
            params["choices"] = ", ".join(option.value for option in asked[key].options)
            return Undecided("deciding.answer_not_on_offer", params)
    return None


def undecided(conflicts: Sequence[Conflict]) -> Undecided:
    """The same of what the store asks before an import."""
    questions = questions_of(conflicts)
    return Undecided("deciding.questions_open", {"count": len(questions)}, questions)


def refusals(receipt: Receipt) -> tuple[Issue, ...]:
    """Why a file was rejected as a whole; empty where something of it was imported."""
    if receipt.facts:
        return ()
    return tuple(issue for issue in receipt.issues if issue.code in REFUSALS)


def replaces_demo(receipt: Receipt, *, demo_stood: bool) -> bool:
    """Whether the demo goes with it, or would: the first facts of one's own take its place."""
    return demo_stood and bool(receipt.facts) and receipt.repeats is None
