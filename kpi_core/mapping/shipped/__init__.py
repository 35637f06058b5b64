"""The mappings that ship, and how one is found by its name, its path or a file's header."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.fingerprint import fingerprint
from kpi_core.mapping.header_match import spelled_as
from kpi_core.mapping.parse import read_mapping
from kpi_core.mapping.toml_table import Problem
from kpi_core.mapping.unused_columns import unread


class Saved(Protocol):
    """A mapping that was kept, with the fingerprint of the header it was made for."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


Known = Mapping | Saved


@cache
def mappings() -> tuple[Mapping, ...]:
    """The mappings that ship, by name."""
    found = []
    for file in files("kpi_core.mapping.shipped").iterdir():
        if file.name.endswith(".toml"):
            mapping = read_mapping(file.read_text(encoding="utf-8"))
            if not isinstance(mapping, Mapping):
                raise ValueError(f"{file.name}: {mapping}")
            found.append(mapping)
    return tuple(sorted(found, key=lambda mapping: mapping.name))


def named(saved: Iterable[Saved] = ()) -> dict[str, Mapping | tuple[Problem, ...]]:
    """Every mapping by its name: those that ship, and saved ones, which come before them.

    What is wrong with it for one that this version of the program cannot read.
    """
    ships = {mapping.name: mapping for mapping in mappings()}
    return {**ships, **{each.name: read_mapping(each.text) for each in saved}}


def load_mapping(
    name_or_path: str | Path, saved: Iterable[Saved] = ()
) -> Mapping | tuple[Problem, ...]:
    """The mapping of that name, or the one in that file; or what is wrong with it."""
    found = named(saved).get(str(name_or_path))
    if found is not None:
        return found
    try:
        text = Path(name_or_path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # no file, no text, or no name a file could have
        known = ", ".join(mapping.name for mapping in mappings())
        return (Problem(str(name_or_path), "no_such_mapping", {"choices": known}),)
    return read_mapping(text)


def fitting(header: Collection[str], saved: Iterable[Known] = ()) -> tuple[Mapping, ...]:
    """The mappings that read a file with this header, the one to be taken first.

    Saved with a header just like it, in the order given; then whatever else has all its columns
    there, the one that knows most of them first, saved ones before those that ship. All are in
    the file's spelling.
    """
    return tuple(mapping for mapping, _ in _fitting(header, saved))


def certain(
    header: Collection[str], saved: Iterable[Known] = (), rows: Sequence[Sequence[str]] = ()
) -> Mapping | None:
    """The mapping that reads a file with this header without a question. None to ask.

    One that was made for another header has to know half of the columns: `Id` and `CreatedDate`
    alone are in every export of a CRM, whatever its rows are. Nor may it pass over a stage, or
    a date of one: `rows` are the first of the file.
    """
    for mapping, is_alike in _fitting(header, saved):
        known = len(set(mapping.columns) & set(header))
        if is_alike or (known * 2 >= len(header) and not unread(mapping, header, rows)):
            return mapping
    return None


def _fitting(header: Collection[str], saved: Iterable[Known]) -> list[tuple[Mapping, bool]]:
    """Those of `fitting`, each with whether it was saved for just such a header."""
    own = fingerprint(header)
    alike: list[tuple[Mapping, bool]] = []
    others: list[tuple[Mapping, bool]] = []
    for each in (*saved, *mappings()):
        mapping = each if isinstance(each, Mapping) else read_mapping(each.text)
        if isinstance(mapping, Mapping):
            is_alike = not isinstance(each, Mapping) and each.fingerprint == own
            mapping = spelled_as(mapping, header)
            if mapping.fits(header):
                (alike if is_alike else others).append((mapping, is_alike))
    others.sort(key=lambda found: len(set(found[0].columns) & set(header)), reverse=True)
    return [*alike, *others]
