"""Long lists in parts that one statement can carry."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVar

_CHUNK = 500

Item = TypeVar("Item")


def chunks(items: Collection[Item]) -> Iterator[list[Item]]:
    """The items in their order, at most 500 at a time."""
    rest = iter(items)
    while some := list(islice(rest, _CHUNK)):
        yield some
