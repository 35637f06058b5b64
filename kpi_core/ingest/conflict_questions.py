"""What the store asks before an import, as questions like those about a file."""

from collections.abc import Iterable

from kpi_core.domain.receipt import Conflict
from kpi_core.facts.conflicts import OPTIONS, SAME_IDS
from kpi_core.ingest.question import Answers, Ask, Option, Question

KEYS = frozenset(OPTIONS)
"""The keys of such questions: `older`, `replaces`, `breakdown`, `same_ids`."""


def questions_of(conflicts: Iterable[Conflict]) -> tuple[Question, ...]:
    """A question for each conflict, its options in the order in which they are offered."""
    return tuple(
        Question(Ask(each.code), tuple(map(Option, each.options)), params=_params(each))
        for each in conflicts
    )


def decisions_of(answers: Answers) -> dict[str, str]:
    """The answers to such questions: what `import_file` takes as decisions."""
    return {key: answer for key, answer in answers.items() if key in KEYS}


def answers_about_file(answers: Answers) -> dict[str, str]:
    """The other answers: those to questions about the file itself."""
    return {key: answer for key, answer in answers.items() if key not in KEYS}


def _params(conflict: Conflict) -> tuple[tuple[str, int | str], ...]:
    thing, examples = "", list(conflict.examples)
    if conflict.code == SAME_IDS and examples:
        thing = examples.pop(0)
    return (
        ("count", conflict.count),
        ("number", conflict.import_id or 0),
        ("thing", thing),
        ("examples", ", ".join(examples)),
    )
