"""What pydantic finds wrong with a document, as places, codes and params of our own sentences."""

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_core.documents.fields import Document

Loc = tuple[int | str, ...]
"""The way to a value: keys, and positions from 0."""
Mistake = tuple[Loc, str, dict[str, str]]
"""A place, the code of a sentence, and its params."""

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "union_tag_not_found": "missing_kind",
    "union_tag_invalid": "not_one_of",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "string_type": "not_text",
    "string_too_short": "empty",
    "string_pattern_mismatch": "empty",
    "string_too_long": "text_too_long",
    "too_short": "empty_list",
    "too_long": "too_many",
    "float_type": "not_a_number",
    "finite_number": "not_a_number",
    "int_type": "not_whole",
    "int_from_float": "not_whole",
    "date_type": "not_a_date",
    "time_type": "not_a_time",
    "bool_type": "not_a_switch",
    "tuple_type": "not_a_list",
    "frozen_set_type": "not_a_list",
    "dict_type": "not_a_table",
    "model_type": "not_a_table",
    "model_attributes_type": "not_a_table",
    "greater_than": "not_above",
    "greater_than_equal": "not_at_least",
    "less_than": "not_below",
    "less_than_equal": "not_at_most",
}
"""pydantic's error types by the sentence we give for them; our own types name theirs."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BOUNDS = {"gt", "ge", "lt", "le", "max_length"}
ONE, BOTH = "<one language>", "<both languages>"
_PYDANTICS_OWN = {ONE, BOTH, "[key]"}
"""Steps that pydantic adds to the place of a mistake; no path shows them."""
SHOWN_CHARACTERS = 60


def mistakes(error: ValidationError, model: type[Document]) -> Iterator[Mistake]:
    """One per error, in the document's order; the place as pydantic has it."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # its entries have mistakes of their own; pydantic counts the sound ones
        loc, code = detail["loc"], _CODES.get(detail["type"], detail["type"])
        params = {"value": shown(detail["input"]), **_params(detail)}
        yield unknown_key(loc, _keys(model, loc)) if code == "unknown_key" else (loc, code, params)


def unknown_key(loc: Loc, keys: Sequence[str]) -> Mistake:
    """A key that is none of these: with the one that was probably meant, if one is near."""
    if near := difflib.get_close_matches(str(loc[-1]), sorted(keys), n=1):
        return loc, "unknown_key_near", {"near": near[0]}
    return loc, "unknown_key", {"choices": ", ".join(keys)}


def _params(detail: ErrorDetails) -> dict[str, str]:
    context = detail.get("ctx", {})
    params = {name: str(value) for name, value in context.items() if name not in _BOUNDS}
    if expected := context.get("expected", context.get("expected_tags")):
        params["expected"] = ", ".join(re.findall(r"'([^']*)'", expected))
    if detail["type"] == "union_tag_invalid":
        params["value"] = shown(context["tag"])
    for name in _BOUNDS & context.keys():
        params["bound"] = f"{context[name]:g}"
    return params


def _keys(model: type[Document], loc: Loc) -> list[str]:
    """The keys of the table that holds the place."""
    models: list[Any] = [model]
    for step in loc[:-1]:
        if isinstance(step, str):
            models = _below(models, step) or [m for m in models if _kind(m) == step] or models
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _below(models: list[Any], key: str) -> list[Any]:
    return [
        table
        for model in models
        for name, field in model.model_fields.items()
        if key == (field.alias or name)
        for table in _tables(field.annotation)
    ]


def _kind(model: Any) -> str | None:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation)[0] if kind else None


def _tables(annotation: Any) -> Iterator[type[Document]]:
    if isinstance(annotation, type) and issubclass(annotation, Document):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)


def path_of(loc: Loc) -> str:
    """`("kpi", "targets", "2026-13", "[key]")` as `kpi.targets.2026-13`; positions from 1."""
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step + 1}]"
        elif step not in _PYDANTICS_OWN:
            bare = step if _BARE.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            path += ("." if path else "") + _cut(bare)
    return path


def shown(value: Any) -> str:
    """A value as the document has it, cut to a length that fits a sentence."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{_cut(value)}"'
        case list() | tuple():
            return "[…]"
        case dict():
            return "{…}"
        case int() if value.bit_length() > 200:
            return "…"
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
