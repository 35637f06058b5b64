"""One mistake in something that was given: where it is, what was found, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kpi_core.i18n.catalog import Words


@dataclass(frozen=True)
class Problem:
    """`code` names the sentence in the catalogs, `<room>.<code>`: each kind of thing has a room."""

    room: ClassVar[str]
    path: str
    code: str
    blanks: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, words: Words) -> str:
        """Path, finding and repair in one line."""
        return words(f"{self.room}.{self.code}", path=self.path, **self.blanks)
