"""What the store asks before an import, as questions like those about a file."""

from collections.abc import Iterable

from kpi_core.domain.question import Answers, Ask, Option, Question
from kpi_core.domain.receipt import Conflict
from kpi_core.facts.conflicts import OPTIONS, REPLACES, SAME_IDS

NEUTRAL = {code: options[0] for code, options in OPTIONS.items()} | {REPLACES: "no"}
"""The answers under which an import is as if nothing had been asked: none replaces another."""

KEYS = frozenset(OPTIONS)
"""The keys of such questions: `older`, `replaces`, `breakdown`, `same_ids`."""


def questions_of(conflicts: Iterable[Conflict]) -> tuple[Question, ...]:
    """A question for each conflict, its options in the order in which they are offered."""
    return tuple(
        Question(Ask(each.code), tuple(map(Option, each.options)), params=_params(each))
        for each in conflicts
    )


def first_offers(conflicts: Iterable[Conflict]) -> dict[str, str]:
    """Each conflict decided as it is offered first."""
    return {each.code: each.options[0] for each in conflicts}


def decisions_of(answers: Answers) -> dict[str, str]:
    """The answers to such questions: what `import_file` takes as decisions."""
    return {key: answer for key, answer in answers.items() if key in KEYS}


def answers_about_file(answers: Answers) -> dict[str, str]:
    """The other answers: those to questions about the file itself."""
    return {key: answer for key, answer in answers.items() if key not in KEYS}


def _params(conflict: Conflict) -> tuple[tuple[str, int | str | tuple[str, ...]], ...]:
    thing, examples = "", list(conflict.examples)
    if conflict.code == SAME_IDS and examples:
        thing = examples.pop(0)
    return (
        ("count", conflict.count),
        ("number", conflict.import_id or 0),
        ("thing", thing),
        ("examples", tuple(examples)),
    )
