"""A table of a TOML document, read with care: every mistake is noted by its path."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from kpi_core.i18n import problem

Choice = TypeVar("Choice", bound=StrEnum)

MOST_PROBLEMS = 100
"""So many errors of a mapping are listed."""
LONGEST_PATH = 200


class Problem(problem.Problem):
    """One mistake in a mapping. `code` names the sentence in the catalogs (`mapping.<code>`)."""

    namespace = "mapping"


@dataclass(frozen=True)
class Section:
    """A table at a path such as `stages[1]`, the first of its kind. `problems` is shared by all."""

    table: Mapping[str, Any]
    problems: list[Problem]
    path: str = ""

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def note(self, key: str, code: str, **params: str) -> None:
        """Note a mistake at a key: the first of very many, each short enough for a sentence."""
        if len(self.problems) < MOST_PROBLEMS:
            if "value" in params:
                params["value"] = shown(params["value"])
            self.problems.append(Problem(shown(self.at(key), LONGEST_PATH), code, params))

    def allow(self, keys: Collection[str]) -> None:
        """Note every key that is not one of these."""
        for key in self.table:
            if key not in keys:
                self.note(key, "unknown_key", choices=", ".join(keys))

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A text that is not blank. None where it is absent or wrong."""
        value = self.table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.note(key, "not_text", value=shown(value))
        elif required:
            self.note(key, "missing")
        return None

    def sign(self, key: str) -> str | None:
        """A single character, which may be a tab. None where it is absent or wrong."""
        value = self.table.get(key)
        if isinstance(value, str) and len(value) == 1:
            return value
        if value is not None:
            self.note(key, "not_a_sign", value=shown(value))
        return None

    def whole(self, key: str) -> int | None:
        """A whole number, 0 or more. None where it is absent or wrong."""
        value = self.table.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if value is not None:
            self.note(key, "not_whole", value=shown(value))
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is absent or wrong."""
        value = self.table.get(key, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.note(key, "not_a_list", value=shown(value))
        return ()

    def choice(
        self, key: str, choices: type[Choice], code: str, *, required: bool = True
    ) -> Choice | None:
        """One of the values of an enum. None where it is absent or wrong."""
        value = self.table.get(key)
        if isinstance(value, str) and value in list(choices):
            return choices(value)
        if value is not None:
            self.note(key, code, value=shown(value), choices=", ".join(choices))
        elif required:
            self.note(key, "missing_choice", choices=", ".join(choices))
        return None

    def section(self, key: str) -> "Section":
        """The table under a key; empty where it is absent or wrong."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.note(key, "not_a_section", value=shown(value))
            value = {}
        return Section(value, self.problems, self.at(key))

    def sections(self, key: str) -> Iterator["Section"]:
        """The tables of a list, `[[key]]`, of which there must be one at least."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not value:
            self.note(key, "no_sections")
            return
        for number, each in enumerate(value, start=1):
            if isinstance(each, dict):
                yield Section(each, self.problems, f"{self.at(key)}[{number}]")
            else:
                self.note(f"{key}[{number}]", "not_a_section", value=shown(each))


def shown(value: object, most: int = 60) -> str:
    """A value short enough for a sentence."""
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
