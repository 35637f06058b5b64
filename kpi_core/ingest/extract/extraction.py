"""One table on its way to facts: its rows, its mapping, and what was noted of it so far."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from kpi_core.domain.issue_code import Code
from kpi_core.domain.stage import Stage
from kpi_core.facts.zones import on_clock
from kpi_core.ingest.extract.cell_sql import any_of
from kpi_core.ingest.extract.column_types import MINUS_ONE, Kind, Moment, Number
from kpi_core.ingest.extract.lead_columns import Subjects
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.staging import Staged, one_row
from kpi_core.ingest.extract.typed_columns import Cells, Reading
from kpi_core.mapping.covered_stages import covered_stages
from kpi_core.mapping.document import Mapping
from kpi_core.parsing.dates import Clock, DateReading
from kpi_core.parsing.pii import is_test_lead_sql
from kpi_core.parsing.stated_zones import zone_of_header

MOST_TESTS = 200
"""Columns of words that are looked at for what says that a row is a test."""


@dataclass
class Source:
    """A staged table with its mapping.

    `head` are its first rows. `now` is a wall clock. `secret` is the key of hashed mail addresses.
    `home` is the zone of who imports, `stated` the one that stands above the table.
    """

    staged: Staged
    mapping: Mapping
    notes: Notes
    reading: Reading
    now: datetime
    secret: bytes | None
    first_day: date | None
    head: tuple[tuple[str, ...], ...]
    home: str | None = None
    stated: str | None = None

    def subjects(self) -> Subjects:
        """Have the columns read that say of whom the rows speak."""
        return Subjects.wanted(self.reading, self.mapping, self.secret)

    @property
    def covered_stages(self) -> frozenset[Stage]:
        """The stages that the file has columns for."""
        return covered_stages(self.mapping, self.staged.header)

    def column(self, column: str, kind: Kind) -> Cells:
        """Have a column read."""
        return self.reading.of(column, kind)

    def day(self, column: str) -> Moment:
        """How the days of a column are read: on the clock of `home`."""
        return Moment(self._date_reading(column), self._sample(column), self.now)

    def moment(self, column: str) -> Moment:
        """How the dates and times of a column are read: as written, each with its zone.

        Where the mapping says by which other clock they count, they are read by that.
        """
        reading = self._date_reading(column)
        clock = Clock(self.home, keeps=self.mapping.zone in (None, self.home))
        if clock.keeps:
            clock = replace(clock, zone=reading.stated or self.home)
            reading = replace(reading, zone=None, stated=None)
        return Moment(reading, self._sample(column), self.now, clock)

    def on_clock(self, at: str, zone: str) -> str:
        """SQL for a moment by which those of one file are compared."""
        return at if self.home is None else on_clock(at, zone, self.home)

    def _date_reading(self, column: str) -> DateReading:
        stated = zone_of_header(column) or self.stated
        return self.mapping.date_reading(column, self.first_day, home=self.home, stated=stated)

    def number(self, column: str, code: Code = Code.AMOUNT_UNREADABLE) -> Number:
        """How the numbers of a column are read."""
        return Number(self.mapping.number_reading(column), code)

    def number_or_none(self, column: str | None) -> Cells | None:
        """Have a column of numbers read where there is one.

        Where -1 is its only number below nought, -1 says that there is none.
        """
        if column is None:
            return None
        number = self.number(column)
        if self._only_minus_one(column):
            number = replace(number, minus_one_is_none=True)
        return self.column(column, number)

    def _only_minus_one(self, column: str) -> bool:
        cell = f"trim({self.staged.cell(column)})"
        below = f"{self.staged.relation} where starts_with({cell}, '-')"
        one = f"regexp_full_match({cell}, '{MINUS_ONE}')"
        (found, others) = one_row(
            self.staged.scratch,
            "select count(*), count(*) filter "
            f"(where regexp_matches({cell}, '[0-9]') and not {one}) from {below}",
        )
        return bool(found and not others)

    def read(self) -> None:
        """Read all columns that were asked for."""
        self.reading.run(self._tests())

    def _tests(self) -> str:
        """SQL over the staged cells for the rows that only test the source."""
        typed = {e.column for e in self.reading.columns if isinstance(e.kind, Moment | Number)}
        words = [name for name in self.staged.header if name not in typed | {self.mapping.id}]
        return any_of(_is_test(self.staged.cell(name)) for name in words[:MOST_TESTS])

    def left_over(self, spoken_of: str, taken: str) -> None:
        """Note each row that should say something, says nothing, and of which nothing was noted."""
        left = f"{self.reading.rows} where ({spoken_of}) and not coalesce({taken}, false)"
        self.notes.at(
            Code.NOTHING_IN_ROW, f"{left} and line not in ({self.notes.rejected_lines()})"
        )

    def _sample(self, column: str) -> tuple[str, ...]:
        if column not in self.staged.header:
            return ()
        place = self.staged.header.index(column)
        found = (row[place].strip() for row in self.head)
        return tuple(dict.fromkeys(cell for cell in found if cell))


def _is_test(cell: str) -> str:
    """Quick for the many cells that have no such sign in them."""
    return f"(case when contains({cell}, '<') then {is_test_lead_sql(cell)} else false end)"
