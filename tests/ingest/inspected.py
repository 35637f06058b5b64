"""Files looked at by tests: what is concluded of one, and what is asked."""

from datetime import datetime
from pathlib import Path
from typing import Any

from kpi_core.domain.question import Question
from kpi_core.ingest.inspect import Inspection, inspect

at = datetime.fromisoformat
NOW = at("2026-11-22 09:00")
MOST_ROUNDS = 40


def of(text: str, name: str = "leads.csv", home: str | None = None, **answers: str) -> Inspection:
    return inspect(text.encode(), name, now=NOW, answers=answers, home=home)


def answer(found: Inspection, key: str) -> str | None:
    return asked(found, key).answer


def asked(found: Inspection, key: str) -> Question:
    (question,) = (each for each in found.questions if each.key == key)
    return question


def open_keys(found: Inspection) -> list[str]:
    return [question.key for question in found.answers_needed]


def codes(issues: tuple[Any, ...]) -> list[str]:
    return [str(issue.code) for issue in issues]


def answered(source: Path | bytes, name: str, likeliest: int = 0) -> Inspection:
    """Every open question answered with its first option, or its last."""
    answers: dict[str, str] = {}
    for _ in range(MOST_ROUNDS):
        found = inspect(source, name, now=NOW, answers=answers)
        if not found.answers_needed:
            return found
        answers |= {each.key: each.options[likeliest].value for each in found.answers_needed}
    raise AssertionError(open_keys(found))
