"""Looking words up: a catalog per language, one TOML file per room of the product."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Language(StrEnum):
    """The languages of the interface; equals everywhere."""

    JA = "ja"
    EN = "en"

    @classmethod
    def of(cls, locale: str | None) -> "Language":
        """The language for a browser's locale such as `ja-JP`; English for any other."""
        return cls.JA if (locale or "").lower().startswith("ja") else cls.EN


@cache
def entries(language: Language) -> dict[str, str | dict[str, str]]:
    """All entries by `room.key`; an entry with singular and plural is a table `{one, other}`."""
    found: dict[str, str | dict[str, str]] = {}
    for file in files("kpi_core.i18n").joinpath(language.value).iterdir():
        if file.name.endswith(".toml"):
            room = file.name.removesuffix(".toml")
            for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found[f"{room}.{key}"] = entry
    return found


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: Language

    def __call__(self, key: str, **blanks: object) -> str:
        """The text of `room.key` with its blanks filled; `count` chooses singular or plural.

        KeyError for a key that no catalog has: a mistake of ours, found by tests.
        """
        entry = entries(self.language)[key]
        if isinstance(entry, dict):
            entry = entry["one" if blanks["count"] in (1, "1") and "one" in entry else "other"]
        return entry.format(**blanks)

    def pick(self, text: "str | Mapping[str, str] | None") -> str:
        """A user's own text, which may come in both languages; whichever there is."""
        if text is None:
            return ""
        if isinstance(text, str):
            return text
        return text.get(self.language.value) or next(iter(text.values()), "")
