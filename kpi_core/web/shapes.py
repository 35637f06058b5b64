"""The JSON schema of what `as_json` makes of a dataclass, read off its types."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from kpi_core.domain.period import Month
from kpi_core.plans.document_values import Text

Node = dict[str, Any]

_PLAIN: dict[object, Node] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    types.NoneType: {"type": "null"},
    # Wall clocks of the plan's zone, without an offset: no `date-time` in the sense of OpenAPI.
    datetime: {"type": "string", "description": "ISO 8601"},
    date: {"type": "string", "format": "date"},
    Month: {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    Text: {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "additionalProperties": {"type": "string"}},
        ]
    },
}


def obj(properties: Mapping[str, Node], *, optional: tuple[str, ...] = ()) -> Node:
    """An object of these properties and no others; all are there but the optional ones."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def listed(items: Node) -> Node:
    """A list."""
    return {"type": "array", "items": items}


def shape(kind: Any) -> Node:
    """The schema of a type; TypeError for one that no answer is made of."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if is_dataclass(kind):
        return obj(properties(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {"type": "object"}  # a part of the plan document, as it was written
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [shape(each) for each in get_args(kind)]}
    if origin is tuple and get_args(kind)[1:] == (...,):
        return listed(shape(get_args(kind)[0]))
    if origin is tuple:
        items = [shape(each) for each in get_args(kind)]
        count = len(items)
        return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [each.value for each in kind]}
    raise TypeError(f"{kind} has no schema")


def properties(kind: Any) -> dict[str, Node]:
    """The schemas of a dataclass's fields, and of what it derives from them."""
    hints = get_type_hints(kind, include_extras=True)
    found = {each.name: shape(hints[each.name]) for each in fields(kind)}
    for name, each in vars(kind).items():
        if isinstance(each, property):
            found[name] = shape(get_type_hints(each.fget)["return"])
    return found
