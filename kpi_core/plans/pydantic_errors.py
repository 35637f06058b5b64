"""What pydantic finds wrong with a document, as problems in our own words."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Document
from kpi_core.plans.errors import Loc, Problem, path_of, shown

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "union_tag_not_found": "missing_kind",
    "union_tag_invalid": "not_one_of",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "string_type": "not_text",
    "string_too_short": "empty",
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
    "dict_type": "not_a_table",
    "model_type": "not_a_table",
    "model_attributes_type": "not_a_table",
    "greater_than": "not_above",
    "greater_than_equal": "not_at_least",
    "less_than": "not_below",
    "less_than_equal": "not_at_most",
}
"""pydantic's error types by the sentence we give for them; our own types name theirs."""

_BOUNDS = ("gt", "ge", "lt", "le", "max_length")
_ABOUT_KIND = ("union_tag_not_found", "union_tag_invalid")


def complaints(error: ValidationError, *, single_kpi: bool) -> Iterator[Problem]:
    """One problem per error, in the document's order."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # its entries have mistakes of their own; pydantic counts the sound ones
        code = _code(detail)
        params = {"value": shown(detail["input"]), **_params(detail)}
        if code == "unknown_key" and (near := _nearest(detail["loc"])):
            code, params = "unknown_key_near", {**params, "near": near}
        yield Problem(path_of(_place(detail), single_kpi=single_kpi), code, params)


def _code(detail: ErrorDetails) -> str:
    if detail["type"] == "formula":
        return f"formula_{detail['ctx']['fault']}"
    return _CODES.get(detail["type"], detail["type"])


def _params(detail: ErrorDetails) -> dict[str, str]:
    context = detail.get("ctx", {})
    params = {name: str(value) for name, value in context.items() if name == "part"}
    if expected := context.get("expected", context.get("expected_tags")):
        params["expected"] = ", ".join(re.findall(r"'([^']*)'", expected))
    if detail["type"] == "union_tag_invalid":
        params["value"] = shown(context["tag"])
    for name in _BOUNDS:
        if name in context:
            params["bound"] = f"{context[name]:g}"
    return params


def _place(detail: ErrorDetails) -> Loc:
    """The error's place in the document: without the kind that pydantic puts behind its number."""
    loc = detail["loc"]
    if loc[0] in ("kpi", "indicators"):
        loc = (*loc[:2], *loc[3:])
    return (*loc, "kind") if detail["type"] in _ABOUT_KIND else loc


def _nearest(loc: Loc) -> str | None:
    """The key that was probably meant by one that is unknown; None where no key is near."""
    models = [Plan]
    for step in loc[:-1]:
        if isinstance(step, str):
            models = _below(models, step) or [m for m in models if _kind(m) == step] or models
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    near = difflib.get_close_matches(str(loc[-1]), sorted(keys), n=1)
    return near[0] if near else None


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
