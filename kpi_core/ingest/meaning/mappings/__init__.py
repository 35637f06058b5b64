"""The mappings that ship, and how one is found by its name, its path or a file's header."""

from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from kpi_core.ingest.meaning.fingerprint import fingerprint
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.meaning.section import Problem


class Saved(Protocol):
    """A mapping that was kept, with the fingerprint of the header it was made for."""

    @property
    def text(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


Known = Mapping | Saved


@cache
def mappings() -> tuple[Mapping, ...]:
    """The mappings that ship, by name."""
    found = []
    for file in files("kpi_core.ingest.meaning.mappings").iterdir():
        if file.name.endswith(".toml"):
            mapping = read_mapping(file.read_text(encoding="utf-8"))
            if not isinstance(mapping, Mapping):
                raise ValueError(f"{file.name}: {mapping}")
            found.append(mapping)
    return tuple(sorted(found, key=lambda mapping: mapping.name))


def load_mapping(name_or_path: str | Path) -> Mapping | tuple[Problem, ...]:
    """The mapping of that name, or the one in that file; or what is wrong with it."""
    for mapping in mappings():
        if mapping.name == str(name_or_path):
            return mapping
    try:
        text = Path(name_or_path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # no file, no text, or no name a file could have
        known = ", ".join(mapping.name for mapping in mappings())
        return (Problem(str(name_or_path), "no_such_mapping", {"choices": known}),)
    return read_mapping(text)


def fitting(header: Collection[str], saved: Iterable[Known] = ()) -> tuple[Mapping, ...]:
    """The mappings that read a file with this header, the one to be taken first.

    Saved with a header just like it, in the order given; then whatever else has all its columns
    there, the one that knows most of them first, saved ones before those that ship.
    """
    own = fingerprint(header)
    alike: list[Mapping] = []
    others: list[Mapping] = []
    for each in saved:
        mapping = each if isinstance(each, Mapping) else read_mapping(each.text)
        if not isinstance(mapping, Mapping) or not mapping.fits(header):
            continue
        is_alike = not isinstance(each, Mapping) and each.fingerprint == own
        (alike if is_alike else others).append(mapping)
    others += [mapping for mapping in mappings() if mapping.fits(header)]
    others.sort(key=lambda mapping: len(set(mapping.columns) & set(header)), reverse=True)
    return (*alike, *others)


def certain(header: Collection[str], saved: Iterable[Known] = ()) -> Mapping | None:
    """The mapping that reads a file with this header without a question. None to ask.

    One that was made for another header has to know half of the columns: `Id` and `CreatedDate`
    alone are in every export of a CRM, whatever its rows are.
    """
    saved = tuple(saved)
    own = fingerprint(header)
    for mapping in fitting(header, saved):
        known = len(set(mapping.columns) & set(header))
        is_alike = any(
            not isinstance(each, Mapping) and (each.fingerprint, each.text) == (own, mapping.text)
            for each in saved
        )
        if is_alike or known * 2 >= len(header):
            return mapping
    return None
