"""A plan's document as JSON, which has no dates: they are texts in it."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from typing import Any

import tomli_w

from kpi_core.documents.toml import NotToml, read_toml
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.rewrite import rewritten
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import MAX_CHARACTERS, read_plan


class NotJson(Exception):
    """A text that is not one JSON object. `line` and `column` are None where it has no place."""

    def __init__(self, line: int | None = None, column: int | None = None) -> None:
        super().__init__(line, column)
        self.line, self.column = line, column


def plan_document(text: str) -> dict[str, Any] | None:
    """The document of a plan's text; None where it is not TOML."""
    document = read_toml(text, MAX_CHARACTERS)
    return None if isinstance(document, NotToml) else document


def plan_text(content: str, kept: str) -> str | tuple[Problem, ...]:
    """A JSON document as a plan's text, with the comments of the text `kept`; its mistakes.

    A document that says what `kept` says gives `kept` itself. NotJson for what is not JSON.
    """
    found = _read(content)
    try:
        document = _as_toml(found)
        text = tomli_w.dumps(document)
        problems = read_plan(text)
        if isinstance(problems, tuple):
            return problems
        return kept if _says(kept, document) else rewritten(kept, document)
    except RecursionError:
        return (Problem("", "too_deep"),)


def _read(content: str) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno, error.colno) from error
    except (RecursionError, ValueError) as error:  # too deep, or an integer of too many digits
        raise NotJson from error
    if not isinstance(found, dict):
        raise NotJson
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _says(text: str, document: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == document
    except tomllib.TOMLDecodeError:
        return False


def _as_toml(value: Any, key: str = "") -> Any:
    """The value without nulls, and with dates and times where the plan has some."""
    match value:
        case dict():
            return {name: _as_toml(each, name) for name, each in value.items() if each is not None}
        case list():
            return [_as_toml(each, key) for each in value if each is not None]
        case str() if key in _keys("date"):
            return _or_text(date.fromisoformat, value)
        case str() if key in _keys("time"):
            return _or_text(time.fromisoformat, value)
        case _:
            return value


def _or_text(read: Any, text: str) -> Any:
    """Text that cannot be read stays: the plan's own check says what is wrong with it."""
    try:
        return read(text)
    except ValueError:
        return text


@cache
def _keys(kind: str) -> frozenset[str]:
    """The keys of the plan that hold dates, or times of day."""
    schema = Plan.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    return frozenset(
        name
        for table in tables
        for name, each in table.get("properties", {}).items()
        if kind in _formats(each)
    )


def _formats(schema: dict[str, Any]) -> Iterator[str]:
    if "format" in schema:
        yield schema["format"]
    parts = [*schema.get("anyOf", ()), *filter(None, [schema.get("items")])]
    for each in parts:
        yield from _formats(each)
