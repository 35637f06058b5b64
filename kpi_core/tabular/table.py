"""A table of text: a header, and rows under the numbers of their records."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from kpi_core.domain.issue import Issue
from kpi_core.tabular.rows import HeldRows, Rows


@dataclass(frozen=True)
class Table:
    """A table as read. Cells are the text that stands in the file, untrimmed; nothing is guessed.

    `rows` counts those that hold data, with the ones that `issues` rejects; `left_out` counts the
    others by what they are. `title` is what stands above the header; the days are those of the
    period that it names, both ends counting.
    """

    header: tuple[str, ...] = ()
    rows: int = 0
    issues: Sequence[Issue] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    title: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    body: Rows = field(default_factory=HeldRows)

    @property
    def refused(self) -> bool:
        """The file as a whole could not be read; `issues` says why."""
        return not self.header

    def stage(self, scratch: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make the rows the temporary relation `name`: `line`, the record's number, and c0, c1, ...

        An empty cell is either empty text or null. Many rows become a view of a file, which is
        good as long as this table is there.
        """
        self.body.stage(scratch, name)

    def head(self, count: int) -> list[tuple[int, list[str]]]:
        """The first rows, each with its record's number."""
        return self.body.head(count)


def reachable(cells: Iterable[str]) -> tuple[str, ...]:
    """A header in which every column has a name of its own: `column 5`, `name (2)`."""
    plain = [cell.strip() or f"column {at}" for at, cell in enumerate(cells, start=1)]
    written = set(plain)
    times: Counter[str] = Counter()
    names = []
    for name in plain:
        times[name] += 1
        own = name
        while times[name] > 1 and (own := f"{name} ({times[name]})") in written:
            times[name] += 1
        names.append(own)
    return tuple(names)
