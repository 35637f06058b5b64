"""A plan's text brought to another document: comments, order and form of what stays are kept."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.items import AoT, Array, InlineTable, Item, Table

Values = Mapping[str, Any]

_TABLES = frozenset(
    {"kgi", "kpi", "calendar", "checkpoints", "levels", "wall", "targets", "teams", "definition"}
)
"""Keys whose tables get a heading of their own."""
_LISTS_OF_TABLES = frozenset({"kpi", "indicators", "actions", "rules"})
_IDENTITY = ("id", "when")
"""Keys by which an entry of such a list is known again."""
_LONGEST_LINE = 60
_LARGEST_WHOLE = 1e15


def rewritten(text: str, document: Values) -> str:
    """The TOML `text` with the values of `document`; an empty text gives a new one.

    ValueError for a text that is not TOML. What the result declares is always `document`: where
    the form cannot be kept, the comments go.
    """
    wanted = _plain(document)
    try:
        kept = tomlkit.parse(text)
    except tomlkit.exceptions.ParseError as error:
        raise ValueError(str(error)) from error
    _bring(kept, wanted)
    result = tomlkit.dumps(kept)
    return result if _declares(result, wanted) else _written(wanted)


def _written(document: Values) -> str:
    new = tomlkit.document()
    _bring(new, document)
    return tomlkit.dumps(new)


def _declares(text: str, document: Values) -> bool:
    try:
        return tomllib.loads(text) == document
    except tomllib.TOMLDecodeError:
        return False


def _plain(value: Any) -> Any:
    """The value without what TOML does not have: None is left out, whole floats are integers."""
    match value:
        case Mapping():
            return {str(k): _plain(each) for k, each in value.items() if each is not None}
        case list() | tuple():
            return [_plain(each) for each in value]
        case float() if value.is_integer() and abs(value) < _LARGEST_WHOLE:
            return int(value)
        case str():
            return str(value)
        case _:
            return value


def _bring(table: Any, wanted: Values) -> None:
    """Bring a table to the wanted values, key by key. Simple values go before tables."""
    for key in [key for key in table if key not in wanted]:
        del table[key]
    new = [key for key in wanted if key not in table]
    for key in wanted:
        if key in table:
            _bring_value(table, key, wanted[key])
    for key in sorted(new, key=lambda key: _has_heading(key, wanted[key])):
        table[key] = _fitting(table, key, wanted[key])


def _bring_value(table: Any, key: str, wanted: Any) -> None:
    item = table[key]
    if _same(item, wanted):
        return
    if isinstance(item, Table | InlineTable | Container) and isinstance(wanted, Mapping):
        _bring(item, wanted)
    elif isinstance(item, AoT) and _is_list_of_tables(wanted):
        _bring_tables(item, wanted)
    elif isinstance(item, Array) and isinstance(wanted, list):
        _bring_array(item, wanted)
    else:
        table[key] = _fitting(table, key, wanted)


def _fitting(table: Any, key: str, value: Any) -> Any:
    """A value as it may stand in the table: within braces nothing has a heading of its own."""
    return _inline(value) if isinstance(table, InlineTable) else _item(key, value)


def _same(item: Any, wanted: Any) -> bool:
    plain = item.unwrap() if isinstance(item, Item) else item
    if isinstance(plain, bool) != isinstance(wanted, bool):
        return False
    return bool(plain == wanted)


def _bring_tables(tables: AoT, wanted: Sequence[Values]) -> None:
    """Entries that are known again keep their comments, also where others come or go."""
    names = [_identity(each) for each in wanted]
    for place in reversed(range(len(tables))):
        if _identity(tables[place]) not in names:
            del tables[place]
    for place, each in enumerate(wanted):
        if place < len(tables) and _identity(tables[place]) == names[place]:
            _bring(tables[place], each)
        else:
            tables.insert(place, _table(each))
    while len(tables) > len(wanted):
        del tables[-1]


def _identity(table: Values) -> Any:
    return next((table[key] for key in _IDENTITY if key in table), None)


def _bring_array(array: Array, wanted: Sequence[Any]) -> None:
    while len(array) > len(wanted):
        del array[-1]
    for place, each in enumerate(wanted):
        if place >= len(array):
            array.append(_inline(each))
        elif not _same(array[place], each):
            if isinstance(array[place], InlineTable) and isinstance(each, Mapping):
                _bring(array[place], each)
            else:
                array[place] = _inline(each)


def _has_heading(key: str, value: Any) -> bool:
    return (key in _TABLES and isinstance(value, Mapping)) or (
        key in _LISTS_OF_TABLES and _is_list_of_tables(value)
    )


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _item(key: str, value: Any) -> Any:
    if key in _LISTS_OF_TABLES and _is_list_of_tables(value):
        tables = tomlkit.aot()
        for each in value:
            tables.append(_table(each))
        return tables
    if key in _TABLES and isinstance(value, Mapping):
        return _table(value)
    return _inline(value)


def _table(values: Values) -> Table:
    table = tomlkit.table()
    for key in sorted(values, key=lambda key: _has_heading(key, values[key])):
        table[key] = _item(key, values[key])
    return table


def _inline(value: Any) -> Any:
    """A value on its key's line; a list whose entries are long has a line for each."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, each in value.items():
            table[key] = _inline(each)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for each in value:
            array.append(_inline(each))
        return array.multiline(len(array.as_string()) > _LONGEST_LINE)
    if isinstance(value, str | bool | int | float | date | time):
        return tomlkit.item(value)
    raise TypeError(f"No value of a plan: {value!r}")
