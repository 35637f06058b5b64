"""A problem in a user's document: its place, what was found, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kpi_core.i18n.catalog import Words


@dataclass(frozen=True)
class Problem:
    """`code` names the sentence in the catalogs, `<namespace>.<code>`."""

    namespace: ClassVar[str]
    path: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, words: Words) -> str:
        """Path, finding and repair in one line."""
        return words(f"{self.namespace}.{self.code}", path=self.path, **self.params)
