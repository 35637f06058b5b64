"""What the columns of a table may be, by their headers and their cells together."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from duckdb import DuckDBPyConnection

from kpi_core.domain.stage import Stage
from kpi_core.mapping import synonyms
from kpi_core.mapping.document import Merge
from kpi_core.mapping.period_columns import parts_of_period
from kpi_core.mapping.profile import ColumnProfile, Profile, are_dates, dated_share, profile
from kpi_core.mapping.synonyms import DATED, Role
from kpi_core.tabular.table import Table

PERIODS = (Role.DAY, Role.WEEK, Role.MONTH)
RELATION = "inspected"
"""Where the cells of the table lie in the scratch database."""
BEGINS = "*"
"""What kintone writes where a record begins."""
FEW_VALUES = 60
"""A column with more different values than these names no stage."""
FILLED = 0.9
"""An id is there in this share of the rows at least."""
OWN = 0.98
"""An id of the row itself has this share of different values at least."""

_LIKE_AN_ID = re.compile(
    r"(?:\bid|[a-z]ID|_id|番号|コード|\bcode|\bno\.?|\bkey|\buuid|[\W_]nr\.?|nummer|number|\bnum\.?"
    r"|(?<![a-z])no\.?|#|numéro|número|编号|編號|번호)$",
    re.IGNORECASE,
)
_CODE = re.compile(r"[0-9a-f-]{12,}|\d{6,}", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Column:
    """A column by what it may be. `stages` is that of synonyms.stages_of_date.

    `kept`: the user keeps it though it looks like personal data.
    """

    profile: ColumnProfile
    roles: tuple[Role, ...]
    stages: tuple[Stage | None, ...] | None
    kept: bool = False

    @property
    def header(self) -> str:
        """Its name."""
        return self.profile.header

    @cached_property
    def is_date(self) -> bool:
        """Its cells are dates; bare numbers, few, or none at all, only where the header says so."""
        if not self.profile.filled:
            return self.stages is not None and len(self.stages) == 1 and self.stages != (None,)
        shown = self.profile.dates
        if shown is None:
            return False
        says_so = self.stages is not None or any(role in DATED for role in self.roles)
        readable = shown.readable + (shown.unit_cells if says_so else 0)
        if are_dates(readable, shown.total, dated_share(self.header)):
            return True
        return any(role in PERIODS for role in self.roles)

    @property
    def is_period(self) -> bool:
        """Its cells are days, weeks or months; bare numbers only where the header says so."""
        if self.is_date or self.profile.period is None:
            return self.is_date
        return self.profile.numbers is None or any(role in PERIODS for role in self.roles)

    @property
    def is_number(self) -> bool:
        """Its cells are numbers."""
        return self.profile.numbers is not None and not self.is_period

    @property
    def is_personal(self) -> bool:
        """It looks like personal data and is left out unless the user keeps it."""
        return self.profile.person is not None and not self.kept

    @property
    def names_few(self) -> bool:
        """Its cells are words of a short list."""
        few = 0 < self.profile.distinct <= FEW_VALUES
        return few and not self.is_date and not self.is_number and not self.is_personal

    @cached_property
    def names_stage(self) -> bool:
        """One of its few words names a stage, or all are codes, as systems give to their stages."""
        words = self.profile.sample
        if not self.names_few:
            return False
        return any(map(synonyms.stages_of_value, words)) or all(map(_CODE.fullmatch, words))

    @cached_property
    def names_outcome(self) -> bool:
        """One of its few words says won or lost, whatever the column is called."""
        outcomes = ((Stage.WON,), (Stage.LOST,))
        words = self.profile.sample
        return self.names_few and any(synonyms.stages_of_value(each) in outcomes for each in words)


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of a table. `first_day` and `last_day` are those of the period it names."""

    profile: Profile
    columns: tuple[Column, ...]
    first_day: date | None = None
    last_day: date | None = None
    _own: dict[str, bool] = field(default_factory=dict)

    def __getitem__(self, header: str) -> Column:
        return self._by_header[header]

    @cached_property
    def _by_header(self) -> dict[str, Column]:
        return {column.header: column for column in self.columns}

    def of(self, *roles: Role) -> list[Column]:
        """The columns that may have one of these roles, the likeliest first; those with cells."""
        found = [
            (role, column) for role in roles for column in self.columns if role in column.roles
        ]
        found = [(role, column) for role, column in found if column.profile.filled]
        found.sort(key=lambda each: (roles.index(each[0]), synonyms.place(each[0], each[1].header)))
        return list(dict.fromkeys(column for _, column in found))

    @cached_property
    def dates(self) -> tuple[Column, ...]:
        """The columns of dates, birthdays left out."""
        return tuple(
            column
            for column in self.columns
            if column.is_date and not column.is_personal and Role.BIRTHDAY not in column.roles
        )

    @cached_property
    def periods(self) -> tuple[Column, ...]:
        """The columns that say for which day, week or month a row is."""
        months = [each for each in self.columns if each.is_period and each not in self.dates]
        return (*(each for each in months if not each.is_personal), *self.dates)

    @cached_property
    def dated(self) -> bool:
        """Its rows say when, in a column for that or by a column for each month."""
        stated = [each for each in self.periods if Role.OTHER_DATE not in each.roles]
        return bool(stated or self.months)

    @cached_property
    def numbers(self) -> tuple[Column, ...]:
        """The columns of numbers that are no ids, nor years or other parts of a period."""
        ids = {Role.ID, Role.OTHER_ID, Role.ROW_NUMBER}
        parts = {
            part
            for column in self.columns
            if column.is_period
            for part in parts_of_period(column.header, self._by_header)
        }
        return tuple(
            column
            for column in self.columns
            if column.is_number
            and not column.is_personal
            and not ids & set(column.roles)
            and column.header not in parts
            and not synonyms.is_bare_period(column.header)
        )

    @cached_property
    def is_deals(self) -> bool:
        """Its rows are deals: what is created is an opportunity. Not where leads are dated too,
        or have ids and deals have none.
        """
        early = {Stage.LEAD, Stage.MARKETING_QUALIFIED}
        leads = any(column.stages and set(column.stages) <= early for column in self.dates)
        leads = leads or any(synonyms.is_lead_id(column.header) for column in self.columns)
        leads = leads and not any(synonyms.is_deal_id(column.header) for column in self.columns)
        return not leads and any(Role.DEAL in column.roles for column in self.columns)

    @property
    def base(self) -> Stage:
        """The stage that a row has by being there."""
        return Stage.OPPORTUNITY if self.is_deals else Stage.LEAD

    @cached_property
    def months(self) -> dict[str, tuple[int, int]]:
        """The columns that are months: numbers of one each."""
        found = {column.header: synonyms.month_of(column.header) for column in self.numbers}
        return {header: month for header, month in found.items() if month is not None}

    @cached_property
    def ids(self) -> tuple[Column, ...]:
        """What may be the id of a lead, the likeliest first; without mail addresses."""
        known = self._filled(self.of(Role.ID))
        counters = self._filled(self.of(Role.ROW_NUMBER))
        others = [
            column
            for column in self._filled(self.columns)
            if not column.roles and _LIKE_AN_ID.search(column.header) and self.is_own(column)
        ]
        return tuple(dict.fromkeys([*known, *others, *counters]))

    @property
    def mails(self) -> list[Column]:
        """The columns of mail addresses, the likeliest first."""
        return [
            column
            for column in self.of(Role.MAIL)
            if column.profile.filled >= FILLED * self.records
        ]

    def is_own(self, column: Column) -> bool:
        """Whether each record has a value of its own."""
        if self.merge is not None:
            return column.profile.distinct >= OWN * min(column.profile.filled, self.records) > 0
        if column.header not in self._own:
            self._own[column.header] = self.profile.repeats(column.header) >= OWN
        return self._own[column.header]

    @cached_property
    def merge(self) -> Merge | None:
        """How several rows tell that they are one record; None where each row is one."""
        if self.columns and self.columns[0].profile.sample == (BEGINS,):
            return Merge.KINTONE
        return None if self._continued is None else Merge.CONTINUATION

    @property
    def records(self) -> int:
        """How many records the rows looked at are."""
        if self.merge is Merge.KINTONE:
            return self.columns[0].profile.filled
        return self.profile.looked_at if self._continued is None else self._continued.profile.filled

    @cached_property
    def continues(self) -> bool:
        """Nothing is an id, and rows without the date of a lead seem to go on with the one above.

        It may be that they are leads of which little is known, so it has to be asked.
        """
        if self.ids or self.mails:
            return False
        dated = (
            column
            for column in self.dates
            if Role.CREATED in column.roles or self.base in (column.stages or ())
        )
        return any(map(self._goes_on_without, dated))

    @cached_property
    def _continued(self) -> Column | None:
        """The id without which a row goes on with the record above."""
        ids = (column for column in self.of(Role.ID) if not column.is_personal)
        return next(filter(self._goes_on_without, ids), None)

    def _goes_on_without(self, column: Column) -> bool:
        """Rows without it are bare in half of the columns at least that the others always fill."""
        if column.profile.filled >= self.profile.looked_at:
            return False
        with_it, without = self.profile.filled_by(column.header)
        rows = column.profile.filled
        always = [at for at, filled in enumerate(with_it) if filled >= FILLED * rows]
        bare = [at for at in always if not without[at]]
        return len(bare) > 1 and len(bare) * 2 >= len(always) and any(without)

    @cached_property
    def stage_columns(self) -> list[Column]:
        """What may name the stage, the likeliest first: by header, then by words of an outcome.

        What a field was changed to is a stage only if it looks like one: logs hold any field.
        """
        called = self.of(Role.STAGE, Role.NEW_VALUE, Role.STATUS)
        found = [
            column
            for column in called
            if column.names_few and (Role.NEW_VALUE not in column.roles or column.names_stage)
        ]
        return [*found, *(each for each in self.word_columns if each.names_outcome)]

    @cached_property
    def is_log(self) -> bool:
        """Its rows say what a field was changed to."""
        return any(Role.NEW_VALUE in column.roles for column in self.columns)

    @cached_property
    def word_columns(self) -> list[Column]:
        """Columns of few words that are nothing else by their header."""
        return [each for each in self.columns if each.names_few and not each.roles]

    def _filled(self, columns: Iterable[Column]) -> list[Column]:
        enough = FILLED * self.records
        return [
            column
            for column in columns
            if column.profile.filled >= enough > 0 and not column.is_date and not column.is_personal
        ]


def layout(table: Table, kept: Collection[str], scratch: DuckDBPyConnection) -> Layout:
    """The columns of a table, by what they may be. `kept` are personal ones to be kept."""
    table.stage(scratch, RELATION)
    profiled = profile(scratch, RELATION, table)
    columns = tuple(
        Column(
            column,
            synonyms.roles(column.header),
            synonyms.stages_of_date(column.header),
            column.header in kept,
        )
        for column in profiled.columns
    )
    return Layout(profiled, columns, table.first_day, table.last_day)
