"""Which lead each row is about, and what is said of it: channel, owner, attributes."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, replace

from kpi_core.ingest.facts.asking import any_row
from kpi_core.ingest.facts.kinds import Id, Text
from kpi_core.ingest.facts.notes import Notes
from kpi_core.ingest.facts.reading import Cells, Reading
from kpi_core.ingest.facts.sql import literal
from kpi_core.ingest.finding import Code, about_file
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.storage.facts import Severity

DESCRIBED = ("channel", "campaign", "owner", "account")
STAGE_ATTRIBUTE = "stage"


@dataclass(frozen=True)
class Subjects:
    """The columns that say of whom a row speaks. `file` stands for the file in made-up ids."""

    reading: Reading
    id: Cells | None
    file: str
    described: Map[str, Cells]
    attributes: Map[str, Cells]

    @classmethod
    def wanted(
        cls, reading: Reading, mapping: Mapping, file: str, secret: bytes | None
    ) -> "Subjects":
        """Have the columns read that a mapping names."""

        def text(column: str) -> Cells:
            return reading.of(column, Text(column in mapping.keep))

        described = {name: getattr(mapping, name) for name in DESCRIBED}
        return cls(
            reading,
            None if mapping.id is None else reading.of(mapping.id, Id(secret)),
            file,
            {name: text(column) for name, column in described.items() if column is not None},
            {name: text(column) for name, column in mapping.attributes.items()},
        )

    def with_attribute(self, name: str, cells: Cells) -> "Subjects":
        """With one attribute more."""
        return replace(self, attributes={**self.attributes, name: cells})

    @property
    def lead(self) -> str:
        """SQL for the lead's id."""
        return self.id.value if self.id else f"{literal(self.file + ':')} || line"

    @property
    def known(self) -> str:
        """SQL for the rows that speak of a lead, and not of a test of the source."""
        return f"not test and {self.id.value} is not null" if self.id else "not test"

    def describing(self) -> str:
        """SQL for channel, campaign, owner and account, in this order and by these names."""
        return ", ".join(
            f"{self.described[name].value if name in self.described else 'null::varchar'} as {name}"
            for name in DESCRIBED
        )

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

    def say(self, relation: str, taken: str) -> str | None:
        """Make the relation of attributes of the rows where `taken` holds; None if there is none.

        One row per lead and attribute that has a value; of several values the last.
        """
        parts = [
            f"select line, {self.lead} as lead, {literal(name)} as name, {each.value} as value "
            f"from {self.reading.rows} where {each.value} is not null and ({taken})"
            for name, each in self.attributes.items()
        ]
        if not parts:
            return None
        every = " union all ".join(parts)
        self.reading.staged.scratch.execute(
            f"create or replace temp view {relation} as "
            "select max(line) as line, lead, name, arg_max(value, line) as value "
            f"from ({every}) group by lead, name"
            if self.id
            else f"create or replace temp view {relation} as {every}"
        )
        return relation


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
