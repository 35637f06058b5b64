"""What differs between two documents of a plan, and how two people's changes come together."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
"""Keys from the top; an entry of a list of tables by its `id`, a rule by its `when`."""

Document = Mapping[str, Any]

_IDENTITY = ("id", "when")
_LISTS_OF_TABLES = frozenset({"kpi", "indicators", "actions", "rules"})


@dataclass(frozen=True)
class Difference:
    """One place and its two values; None where one of the documents has none."""

    path: Path
    before: Any
    after: Any


@dataclass(frozen=True)
class Merged:
    """My document with what others changed elsewhere.

    `taken` are their changes that are in it. Of each of `conflicts` `before` is mine, which
    stands, and `after` is theirs.
    """

    document: dict[str, Any]
    taken: tuple[Difference, ...]
    conflicts: tuple[Difference, ...]


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """Every place where two documents differ, in the order of the keys of both."""
    return tuple(_differing((), before, after))


def merged(base: Document, mine: Document, theirs: Document) -> Merged:
    """Two people's changes of one document: each place as the one who changed it has it."""
    own = differences(base, mine)
    document = deepcopy(dict(mine))
    taken, conflicts = [], []
    for change in differences(base, theirs):
        rivals = [each for each in own if _overlap(each.path, change.path)]
        if not rivals:
            _put(document, change.path, change.after)
            taken.append(change)
        elif change not in rivals:
            conflicts.append(Difference(change.path, value_at(mine, change.path), change.after))
    return Merged(document, tuple(taken), tuple(conflicts))


def value_at(document: Document, path: Path) -> Any:
    """The value at a place; None where there is none."""
    value: Any = document
    for step in path:
        value = _keyed(value).get(step) if isinstance(value, Mapping | list | tuple) else None
    return value


def with_value(document: Document, path: Path, value: Any) -> dict[str, Any]:
    """The document with another value at a place; None takes out what is there."""
    changed = deepcopy(dict(document))
    _put(changed, path, value)
    return changed


def _differing(path: Path, before: Any, after: Any) -> Iterator[Difference]:
    if _is_same(before, after):
        return
    if _has_parts(path, before) and _has_parts(path, after):
        old, new = _keyed(before), _keyed(after)
        for key in dict.fromkeys((*old, *new)):
            yield from _differing((*path, key), old.get(key), new.get(key))
        return
    yield Difference(path, before, after)


def _is_same(before: Any, after: Any) -> bool:
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _has_parts(path: Path, value: Any) -> bool:
    """A table, or a list of tables that are known by name."""
    if isinstance(value, Mapping):
        return True
    return path[-1:] != () and path[-1] in _LISTS_OF_TABLES and bool(_named(value))


def _named(value: Any) -> bool:
    return isinstance(value, Sequence) and all(
        isinstance(each, Mapping) and _name(each) is not None for each in value
    )


def _name(table: Mapping[str, Any]) -> str | None:
    return next((str(table[key]) for key in _IDENTITY if key in table), None)


def _keyed(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {str(_name(each)): each for each in value if isinstance(each, Mapping)}


def _overlap(one: Path, other: Path) -> bool:
    """The same place, or one within the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _put(document: Any, path: Path, value: Any) -> None:
    *way, last = path
    for step in way:
        document = _step(document, step)
    if isinstance(document, list):
        place = next((n for n, each in enumerate(document) if _name(each) == last), len(document))
        document[place : place + 1] = [] if value is None else [deepcopy(value)]
    elif value is None:
        document.pop(last, None)
    else:
        document[last] = deepcopy(value)


def _step(document: Any, step: str) -> Any:
    if isinstance(document, list):
        return next(each for each in document if _name(each) == step)
    return document.setdefault(step, [] if step in _LISTS_OF_TABLES - {"kpi"} else {})
