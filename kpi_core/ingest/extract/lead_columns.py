"""Which lead each row is about, and what is said of it: channel, owner, attributes."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, replace

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.facts.batch import ATTRIBUTE, FIELDS
from kpi_core.ingest.extract.cell_sql import literal
from kpi_core.ingest.extract.column_types import CUT_ID, Id, Text
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.staging import Staged, any_row, one_row
from kpi_core.ingest.extract.typed_columns import MADE_ID, Cells, Reading
from kpi_core.mapping.document import Mapping
from kpi_core.sql_text import quoted

STAGE_ATTRIBUTE = "stage"


@dataclass(frozen=True)
class Subjects:
    """The columns that say of whom a row speaks."""

    reading: Reading
    id: Cells | None
    described: Map[str, Cells]
    attributes: Map[str, Cells]

    @classmethod
    def wanted(cls, reading: Reading, mapping: Mapping, secret: bytes | None) -> "Subjects":
        """Have the columns read that a mapping names; without an id, rows are identified."""

        def text(column: str) -> Cells:
            return reading.of(column, Text(column in mapping.keep))

        if mapping.id is None:
            reading.identify(mapping.columns)
        described = {name: getattr(mapping, name) for name in FIELDS}
        return cls(
            reading,
            None if mapping.id is None else _id(reading, mapping.id, secret),
            {name: text(column) for name, column in described.items() if column is not None},
            {name: text(column) for name, column in mapping.attributes.items()},
        )

    def with_attribute(self, name: str, cells: Cells) -> "Subjects":
        """With one attribute more."""
        return replace(self, attributes={**self.attributes, name: cells})

    @property
    def lead(self) -> str:
        """SQL for the lead's id."""
        return self.id.value if self.id else MADE_ID

    @property
    def known(self) -> str:
        """SQL for the rows that speak of a lead, and not of a test of the source."""
        return f"not test and {self.id.value} is not null" if self.id else "not test"

    def describing(self) -> str:
        """SQL for those of channel, campaign, owner and account that are mapped, by these names."""
        return "".join(f", {each.value} as {name}" for name, each in self.described.items())

    def note(self, notes: Notes) -> None:
        """Note what is wrong with the ids, and what was left out."""
        rows = self.reading.rows
        if self.reading.tests:
            notes.at(Code.TEST_LEAD, f"{rows} where test", severity=Severity.FLAGGED)
        if self.id is None:
            notes.add([about_file(Code.ROWS_WITHOUT_ID, severity=Severity.FLAGGED)])
        else:
            missing = f"{rows} where {self.reading.blank(self.id)} and not test"
            notes.at(Code.ID_MISSING, missing, column=self.id.column)
            self.reading.note(notes, self.id, "not test", repeat=False)
        note_dropped(self.reading, notes, [*self.described.values(), *self.attributes.values()])

    def describe(self, relation: str, taken: str) -> str:
        """Make the relation of what each row where `taken` holds says of its lead."""
        self.reading.staged.scratch.execute(
            f"create or replace temp view {relation} as select line, {self.lead} as lead"
            f"{self.describing()}{self._attributes('{}')} "
            f"from {self.reading.rows} where {taken}"
        )
        return relation

    def describe_events(self, relation: str, taken: str) -> str | None:
        """Make the relation of the attributes of the leads of events; None without attributes.

        One row per lead; of several values the last.
        """
        if not self.attributes:
            return None
        chosen, grouped = "select line", ""
        last = "{}"
        if self.id:
            chosen, grouped, last = "select max(line) as line", f" group by {self.lead}", _LAST
        self.reading.staged.scratch.execute(
            f"create or replace temp view {relation} as {chosen}, {self.lead} as lead"
            f"{self._attributes(last)} from {self.reading.rows} where {taken}{grouped}"
        )
        return relation

    def _attributes(self, chosen: str) -> str:
        return "".join(
            f", {chosen.format(each.value)} as {quoted(ATTRIBUTE + name)}"
            for name, each in self.attributes.items()
        )


_LAST = "arg_max({}, line)"
EXACT_DIGITS = 15
"""A spreadsheet keeps so many of a number; noughts stand for the others."""


def _id(reading: Reading, column: str, secret: bytes | None) -> Cells:
    return reading.of(column, Id(secret, cut=_are_cut(reading.staged, column)))


def _are_cut(staged: Staged, column: str) -> bool:
    """Whether so many of the longest numbers end in noughts as do not by chance.

    One number in ten ends in one nought, one in a hundred in two: chance is left with one in a
    thousand, whichever of the numbers are the ones that end so.
    """
    bare = f"regexp_replace(trim({staged.cell(column)}), '^[''’＇]', '')"
    (count, noughts) = one_row(
        staged.scratch,
        f"select count(*), sum(strlen(digits) - {EXACT_DIGITS}) filter "
        f"(where regexp_full_match(digits, {literal(CUT_ID)})) from (select distinct "
        f"regexp_extract({bare}, '^([1-9][0-9]{{{EXACT_DIGITS},}})(?:[.]0+)?$', 1) as digits "
        f"from {staged.relation}) where digits <> ''",
    )
    return bool((noughts or 0) >= 3 + 0.3 * count)


def note_dropped(reading: Reading, notes: Notes, columns: list[Cells]) -> None:
    """Say once of each column that mail addresses in it were left out."""
    dropped = [
        about_file(Code.MAIL_DROPPED, column=column, severity=Severity.FLAGGED)
        for column in dict.fromkeys(each.column for each in columns if _holds_mail(reading, each))
    ]
    notes.add(dropped)


def _holds_mail(reading: Reading, cells: Cells) -> bool:
    if cells.place not in reading.coded:
        return False
    return any_row(reading.staged.scratch, f"{reading.rows} where {cells.code} is not null")
