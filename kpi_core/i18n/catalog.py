"""The catalogs of every text that a user sees: one folder per language, one file per namespace."""

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
    """All entries by `namespace.key`; one with singular and plural is a table `{one, other}`."""
    found: dict[str, str | dict[str, str]] = {}
    for file in files("kpi_core.i18n").joinpath(language.value).iterdir():
        if file.name.endswith(".toml"):
            namespace = file.name.removesuffix(".toml")
            for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
                found[f"{namespace}.{key}"] = entry
    return found


@dataclass(frozen=True)
class Words:
    """Looks texts up in the catalog of one language."""

    language: Language

    def __call__(self, key: str, **params: object) -> str:
        """The text of `namespace.key` with its params; `count` chooses singular or plural.

        KeyError for an unknown key, which is a bug that tests find.
        """
        entry = entries(self.language)[key]
        if isinstance(entry, dict):
            entry = entry["one" if params["count"] in (1, "1") and "one" in entry else "other"]
        return entry.format(**params)

    def localize(self, text: "str | Mapping[str, str] | None") -> str:
        """A user's own text in this language, or else in the one it has."""
        if text is None:
            return ""
        if isinstance(text, str):
            return text
        return text.get(self.language.value) or next(iter(text.values()), "")
