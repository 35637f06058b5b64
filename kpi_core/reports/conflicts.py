"""What the store asks about an import, as questions in the shape of those about a file."""

from collections.abc import Iterable
from typing import Any

from kpi_core.domain.receipt import Conflict
from kpi_core.i18n.catalog import Words

ASKED = ("older", "replaces", "breakdown", "same_ids")
"""The keys under which the store's questions are answered."""


def conflict_documents(conflicts: Iterable[Conflict], words: Words) -> list[dict[str, Any]]:
    """The questions as plain data, the first offer first. None of them has an answer yet."""
    return [_document(each, words) for each in conflicts]


def conflict_title(conflict: Conflict, words: Words) -> str:
    """The question in words, with how much it is about."""
    return words(
        f"conflicts.{conflict.code}",
        count=conflict.count,
        import_id=conflict.import_id,
        examples=", ".join(conflict.examples[1:]),
    )


def option_text(conflict: Conflict, option: str, words: Words) -> str:
    """An answer in words."""
    return words(f"conflicts.{conflict.code}_{option}")


def _document(conflict: Conflict, words: Words) -> dict[str, Any]:
    return {
        "key": conflict.code,
        "code": conflict.code,
        "subject": "",
        "title": conflict_title(conflict, words),
        "answer": None,
        "free": False,
        "options": [
            {"value": option, "text": option_text(conflict, option, words), "examples": []}
            for option in conflict.options
        ],
    }
