"""The columns of a staged table read in one pass: values, unread cells beside them, codes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code
from kpi_core.ingest.extract.cell_sql import literal
from kpi_core.ingest.extract.column_types import Kind
from kpi_core.ingest.extract.row_issues import Notes
from kpi_core.ingest.extract.staging import Staged, one_row
from kpi_core.parsing.text_column import trimmed_sql

MADE_ID = "made_id"
"""The column with the ids of rows that have none."""
ROW_HASH = "row_hash"
AT_A_TIME = 100_000
"""Distinct cells that Python reads in one go."""


@dataclass(frozen=True)
class Cells:
    """A column as it is read: in SQL its values, the cells that had to be looked at, the codes."""

    column: str
    kind: Kind
    place: int

    @property
    def value(self) -> str:
        """What a cell says; null for a blank one and for one that cannot be read."""
        return f"v{self.place}"

    @property
    def cell(self) -> str:
        """The trimmed cell where it could not be read quickly, or is notable; null elsewhere."""
        return f"t{self.place}"

    @property
    def zone(self) -> str:
        """The number of the zone in which it is written; null without one."""
        return f"z{self.place}"

    @property
    def code(self) -> str:
        """What is wrong with it; null where nothing is."""
        return f"k{self.place}"


@dataclass
class Reading:
    """The columns to be read of a table, and, after `run`, the relation `rows` of what they say.

    `rows` has `line`, `test` (true of a row that only tests the source), and the columns of each
    of the Cells.
    """

    staged: Staged
    check: Callable[[], None]
    rows: str = "rows_read"
    columns: list[Cells] = field(default_factory=list)
    coded: set[int] = field(default_factory=set)
    told: dict[int, int] = field(default_factory=dict)
    count: int = 0
    tests: int = 0
    identified_by: tuple[str, ...] | None = None
    zones: list[str] = field(default_factory=list)

    def of(self, column: str, kind: Kind) -> Cells:
        """A column to be read as this kind; the same one where that is asked for twice."""
        for known in self.columns:
            if (known.column, known.kind) == (column, kind):
                return known
        self.columns.append(Cells(column, kind, len(self.columns)))
        return self.columns[-1]

    def identify(self, columns: tuple[str, ...]) -> None:
        """Have ids made of what these columns say: the same for alike rows, numbered in a file."""
        self.identified_by = columns

    def run(self, test: str) -> None:
        """Read. `test` is SQL over the staged cells: the row only tests the source."""
        self.staged.scratch.execute(
            f"create or replace temp table {self.rows} as {self._look(test)}"
        )
        self._count()
        looked_up = [each for each in self.columns if each.place in self.coded]
        for each in looked_up:
            self._look_up(each)
        if looked_up:
            self._join(looked_up)
        if self.identified_by is not None:
            self._identify()

    def blank(self, cells: Cells) -> str:
        """SQL for the rows in which nothing is written there, or only that there is nothing."""
        if cells.place in self.coded:
            return f"({cells.value} is null and {cells.code} is null)"
        return f"({cells.value} is null)"

    def zone(self, cells: Cells) -> str:
        """SQL for the zone in which a moment is written; null without one."""
        if not self.zones or not cells.kind.has_zones:
            return "cast(null as varchar)"
        names = " ".join(f"when {n} then {literal(name)}" for n, name in enumerate(self.zones))
        return f"case {cells.zone} {names} end"

    def _numbered(self, zone: str) -> int:
        if zone not in self.zones:
            self.zones.append(zone)
        return self.zones.index(zone)

    def note(
        self,
        notes: Notes,
        cells: Cells,
        where: str,
        severity: Severity | str = Severity.REJECTED,
        *,
        repeat: bool = True,
    ) -> None:
        """Note what is wrong with the cells of the rows for which `where` holds."""
        if cells.place in self.coded:
            source = f"{self.rows} where {cells.code} is not null and ({where})"
            cell = cells.cell if repeat else None
            notes.each(cells.code, source, column=cells.column, cell=cell, severity=severity)

    def note_ahead(self, notes: Notes, cells: Cells, where: str) -> None:
        """Flag the moments that lie ahead, of the rows for which `where` holds."""
        if self.told[cells.place]:
            ahead = cells.kind.notable(cells.value)
            source = f"{self.rows} where {ahead} and ({where})"
            notes.at(
                Code.DATE_IN_FUTURE, source, column=cells.column, cell=cells.cell,
                severity=Severity.FLAGGED,
            )  # fmt: skip

    def _look(self, test: str) -> str:
        """SQL for the rows as they can be read at once, with the cells that are left."""
        quick, looked = ["line", f"coalesce({test}, false) as test"], ["line", "test"]
        for each in self.columns:
            if each.column not in self.staged.header:
                nothing = f"cast(null as {each.kind.sql_type})"
                looked.append(f"{nothing} as {each.value}, cast(null as varchar) as {each.cell}")
                if each.kind.has_zones:
                    looked.append(f"cast(null as utinyint) as {each.zone}")
                continue
            cell, value = self.staged.cell(each.column), f"q{each.place}"
            quick += [f"{each.kind.quick(cell)} as {value}", f"{cell} as r{each.place}"]
            look = f"{value} is null or {each.kind.notable(value)}"
            bare = trimmed_sql(f"r{each.place}")
            looked.append(
                f"{value} as {each.value}, case when {look} then {bare} end as {each.cell}"
            )
            if each.kind.has_zones:
                looked.append(f"{self._zone_of(each, value)} as {each.zone}")
        if self.identified_by is not None:
            quick.append(f"{self._row_hash(self.identified_by)} as {ROW_HASH}")
            looked.append(ROW_HASH)
        rows = f"select {', '.join(quick)} from {self.staged.relation}"
        return f"select {', '.join(looked)} from ({rows})"

    def _zone_of(self, cells: Cells, value: str) -> str:
        found = cells.kind.quick_zones(f"r{cells.place}", value)
        parts = " ".join(f"when {at} then {self._numbered(name)}" for at, name in found.items())
        number = f"case when {value} is null then null {parts} end" if parts else "null"
        return f"cast({number} as utinyint)"

    def _row_hash(self, columns: tuple[str, ...]) -> str:
        cells = [trimmed_sql(self.staged.cell(column)) for column in columns]
        joined = " || chr(31) || ".join(f"coalesce({cell}, '')" for cell in cells)
        return f"sha256({joined or literal('')})"

    def _identify(self) -> None:
        """Give each row its id: the hash of its cells, and its number among alike rows."""
        scratch, read, self.rows = self.staged.scratch, self.rows, "rows_identified"
        scratch.execute(
            f"create or replace temp table {self.rows} as select * exclude ({ROW_HASH}), "
            f"{ROW_HASH} || '#' || row_number() over (partition by {ROW_HASH} order by line) "
            f"as {MADE_ID} from {read}"
        )
        scratch.execute(f"drop table {read}")

    def _count(self) -> None:
        self.check()
        unread = [
            f"count(*) filter ({e.cell} is not null and {e.value} is null)" for e in self.columns
        ]
        told = [f"count({each.cell})" for each in self.columns]
        self.count, self.tests, *each = one_row(
            self.staged.scratch,
            f"select {', '.join(['count(*)', 'count(*) filter (test)', *unread, *told])} "
            f"from {self.rows}",
        )
        for cells, left, seen in zip(
            self.columns, each[: len(unread)], each[len(unread) :], strict=True
        ):
            self.told[cells.place] = seen
            if left:
                self.coded.add(cells.place)

    def _look_up(self, cells: Cells) -> None:
        """Read each distinct cell that is left; the answers are the table `look_<place>`."""
        scratch, left, look = self.staged.scratch, f"left_{cells.place}", f"look_{cells.place}"
        scratch.execute(
            f"create or replace temp table {left} as select distinct {cells.cell} as cell "
            f"from {self.rows} where {cells.value} is null and {cells.cell} is not null"
        )
        scratch.execute(
            f"create or replace temp table {look} "
            f"(cell varchar, value {cells.kind.sql_type}, code varchar, zone utinyint)"
        )
        first = 0
        while True:
            self.check()
            chunk = f"rowid between {first} and {first + AT_A_TIME - 1}"
            found = scratch.execute(f"select cell from {left} where {chunk}").df()
            values = found["cell"].astype("str")
            if values.empty:
                break
            read = cells.kind.read(values)
            frame = pd.DataFrame({"cell": values, "value": read["value"], "code": read["code"]})
            frame["zone"] = pd.array([None] * len(values), dtype="UInt8")
            if "zone" in read:
                numbers = {zone: self._numbered(zone) for zone in read["zone"].dropna().unique()}
                frame["zone"] = read["zone"].map(numbers).astype("UInt8")
            scratch.register("cells_read", frame)
            scratch.execute(f"insert into {look} from cells_read")
            scratch.unregister("cells_read")
            first += AT_A_TIME
        scratch.execute(f"drop table {left}")

    def _join(self, looked_up: list[Cells]) -> None:
        """Put the answers in place."""
        self.check()
        chosen, joins = ["line", "test"], []
        if self.identified_by is not None:
            chosen.append(ROW_HASH)
        for each in self.columns:
            if each in looked_up:
                look = f"look_{each.place}"
                value = f"coalesce({each.value}, {look}.value) as {each.value}"
                chosen += [value, each.cell, f"{look}.code as {each.code}"]
                if each.kind.has_zones:
                    chosen.append(f"coalesce({each.zone}, {look}.zone) as {each.zone}")
                joins.append(
                    f"left join {look} on {look}.cell = {each.cell} and {each.value} is null"
                )
            else:
                chosen += [each.value, each.cell]
                if each.kind.has_zones:
                    chosen.append(each.zone)
        scratch = self.staged.scratch
        looked_at, self.rows = self.rows, "rows_joined"
        scratch.execute(
            f"create or replace temp table {self.rows} as "
            f"select {', '.join(chosen)} from {looked_at} {' '.join(joins)}"
        )
        for name in (looked_at, *(f"look_{each.place}" for each in looked_up)):
            scratch.execute(f"drop table {name}")
