"""The mappings that ship, and how one is found by its name, its path or a file's header."""

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from pathlib import Path

from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
from kpi_core.ingest.meaning.section import Problem


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


def fitting(header: Collection[str]) -> tuple[Mapping, ...]:
    """The mappings that ship whose columns are all there, the one that knows most of them first."""
    fits = [mapping for mapping in mappings() if mapping.fits(header)]
    return tuple(
        sorted(fits, key=lambda mapping: len(set(mapping.columns) & set(header)), reverse=True)
    )
