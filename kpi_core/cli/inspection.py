"""What was concluded of a file, as plain data: the text and the JSON of `inspect` say this."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpi_core.i18n.catalog import Words

if TYPE_CHECKING:
    from kpi_core.domain.issue import Issue
    from kpi_core.ingest.inspect import Inspection
    from kpi_core.mapping.document import Mapping


def inspection_document(found: "Inspection", words: Words) -> dict[str, Any]:
    """Everything that an inspection says; `questions` are those that are open."""
    from kpi_core.ingest.question_text import question_document
    from kpi_core.reports.as_json import as_json

    opened, mapping = found.opened, found.mapping
    table = opened.table
    roles = dict(_roles(mapping)) if mapping else {}
    questions = [question_document(question, words) for question in found.questions]
    return {
        "file": found.name,
        "kind": opened.kind.value,
        "encoding": opened.encoding,
        "delimiter": opened.delimiter,
        "tables": as_json(opened.tables),
        "table": _answer(found, "table"),
        "header_record": _answer(found, "header"),
        "title": list(table.title) if table else [],
        "left_out": dict(table.left_out) if table else {},
        "header": list(found.header),
        "rows": found.rows,
        "known": found.known,
        "grain": mapping.grain.value if mapping else _answer(found, "grain"),
        "source": mapping.source if mapping else _answer(found, "source"),
        "zone": mapping.zone if mapping else _answer(found, "zone"),
        "columns": [{"column": name, "means": roles.get(name, [])} for name in found.header],
        "dropped": as_json(found.dropped),
        "concluded": [each for each in questions if each["answer"] is not None],
        "questions": [each for each in questions if each["answer"] is None],
        "preview": as_json(found.preview),
        "notes": _issues(found.notes, words),
        "issues": _issues(found.issues, words),
        "mapping": mapping.text if mapping else None,
    }


def _answer(found: "Inspection", key: str) -> str | None:
    """What was concluded, or answered, to a question; None where it is open or was not asked."""
    return next((each.answer for each in found.questions if each.key == key), None)


def _issues(issues: "tuple[Issue, ...]", words: Words) -> list[dict[str, Any]]:
    from kpi_core.ingest.issue_text import sentence
    from kpi_core.reports.as_json import as_json

    return [dict(as_json(issue)) | {"message": sentence(issue, words)} for issue in issues]


def _roles(mapping: "Mapping") -> Iterator[tuple[str, list[str]]]:
    """What each column of a mapping is used for, in the words of the mapping document."""
    roles: dict[str, list[str]] = {}

    def add(column: str | None, role: str) -> None:
        if column is not None and role not in roles.setdefault(column, []):
            roles[column].append(role)

    for name in ("id", "stage", "at", "date"):
        add(getattr(mapping, name), name)
    for stage in mapping.stages:
        add(stage.date, f"stages.{stage.stage}")
        for column in stage.where:
            add(column, "where")
        add(stage.amount, "amount")
        add(stage.quality, "quality")
    for count in mapping.counts:
        add(count.column, f"counts.{count.stage or count.measure}")
        for column in count.where:
            add(column, "where")
    for column in mapping.periods:
        add(column, "periods")
    for name in ("channel", "campaign", "owner", "account", "amount", "quality"):
        add(getattr(mapping, name), name)
    for name, column in mapping.attributes.items():
        add(column, f"attributes.{name}")
    yield from roles.items()
