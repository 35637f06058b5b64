"""A mapping in the spelling of a file's header: case, width and spaces do not matter."""

import tomllib
from collections.abc import Collection
from collections.abc import Mapping as Map
from typing import Any

import tomli_w

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.parsing.text_column import folded

OF_A_FILE = (
    "id", "channel", "campaign", "owner", "account", "stage", "at", "date", "amount", "quality",
)  # fmt: skip
OF_A_STAGE = ("date", "amount", "quality", "column")
LISTS = ("optional", "keep")
BY_COLUMN = ("dates", "numbers", "periods", "passed_over", "where")


def spelled_as(mapping: Mapping, header: Collection[str]) -> Mapping:
    """The mapping with its columns called as a file calls them; itself where it has them so."""
    names = _names(mapping, header)
    if not names:
        return mapping
    document = _renamed(tomllib.loads(mapping.text), names, OF_A_FILE)
    again = read_mapping(tomli_w.dumps(document))
    return again if isinstance(again, Mapping) else mapping


def _names(mapping: Mapping, header: Collection[str]) -> dict[str, str]:
    """What columns that the file lacks are called in it. None of several that might be it."""
    columns = {*mapping.columns, *mapping.dates, *mapping.numbers, *mapping.passed_over}
    missing = columns.difference(header)
    if not missing:
        return {}
    alike: dict[str, list[str]] = {}
    for name in header:
        if name not in columns:
            alike.setdefault(folded(name), []).append(name)
    found = {column: alike.get(folded(column), []) for column in missing}
    return {column: names[0] for column, names in found.items() if len(names) == 1}


def _renamed(section: Map[str, Any], names: Map[str, str], single: Collection[str]) -> Any:
    """A part of a document, in which the keys of `single` name a column each."""
    found: dict[str, Any] = {}
    for key, value in section.items():
        if key in single:
            found[key] = names.get(value, value)
        elif key in LISTS:
            found[key] = [names.get(each, each) for each in value]
        elif key in BY_COLUMN:
            found[key] = {names.get(column, column): each for column, each in value.items()}
        elif key == "attributes":
            found[key] = {name: names.get(column, column) for name, column in value.items()}
        elif key in ("stages", "counts"):
            found[key] = [_renamed(each, names, OF_A_STAGE) for each in value]
        else:
            found[key] = value
    return found
