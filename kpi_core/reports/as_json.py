"""Reports as plain data for JSON: fields by their names, dates in ISO form, nothing rounded."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from math import isfinite
from pathlib import PurePath
from typing import Any

from kpi_core.domain.period import Month


def as_json(value: object) -> Any:
    """Dictionaries, lists, texts, numbers, booleans and None, whatever the report is made of.

    What a report derives from its fields is given too. A whole number is an integer; one that
    JSON cannot write (infinite, or not a number) is None.
    """
    match value:
        case Enum():
            return as_json(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            if value.is_integer():
                return int(value)
            return value if isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case Month() | PurePath():
            return str(value)
        case Mapping():
            return {str(as_json(key)): as_json(each) for key, each in value.items()}
        case list() | tuple():
            return [as_json(each) for each in value]
        case set() | frozenset():
            return sorted((as_json(each) for each in value), key=str)
    if is_dataclass(value):
        names = [each.name for each in fields(value)]
        names += [name for name, each in vars(type(value)).items() if isinstance(each, property)]
        return {name: as_json(getattr(value, name)) for name in names}
    if hasattr(value, "model_dump"):  # a part of the plan document
        return as_json(value.model_dump(by_alias=True, exclude_none=True))
    raise TypeError(f"{type(value).__name__} has no place in a report")
