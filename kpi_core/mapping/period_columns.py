"""A period that stands in two columns, year and month or year and week, as one column of its own.

A mapping has one column for the date; "Year + Month" is one, and reads 2026-03.
"""

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.header_match import spelled_as
from kpi_core.mapping.synonyms import Role, is_part_of_period
from kpi_core.parsing.periods import month_of_year, week_of_year
from kpi_core.parsing.text_column import trimmed_sql
from kpi_core.tabular.rows import Rows
from kpi_core.tabular.table import Table

JOINS = " + "
"""Between the names of the two columns, in the name of the one that is made of them."""
ROWS_LOOKED_AT = 1_000
MOSTLY = 0.8
"""Two columns are a period where this share of the first rows reads so."""
MOST_PERIODS = 5_000
"""So many pairs of cells are read; further ones, if any, are no periods."""
WEEKS_OF_A_MONTH = 6


@dataclass(frozen=True)
class Part:
    """What a column may be beside a year: how the two are read, and how they are written as one."""

    role: Role
    read: Callable[[str, str], date | None]

    def written(self, year: str, other: str) -> str:
        """2026-03 or 2026-W05; what stands in the two cells where that is no period."""
        first = self.read(year, other)
        if first is None:
            return f"{year.strip()} {other.strip()}".strip()
        if self.role is Role.MONTH:
            return f"{first:%Y-%m}"
        numbered = first.isocalendar()
        return f"{numbered.year}-W{numbered.week:02}"


MONTH, WEEK = Part(Role.MONTH, month_of_year), Part(Role.WEEK, week_of_year)


@dataclass(frozen=True)
class RowsWithPeriod:
    """Rows with their period before them: c0 is made of the cells at `year` and `other`."""

    body: Rows
    width: int
    """Of the rows as they are, without the period."""
    year: int
    other: int
    part: Part

    def stage(self, scratch: duckdb.DuckDBPyConnection, name: str) -> None:
        """As a table. What stands in the file is staged beside it."""
        apart = f"{name}_apart"
        self.body.stage(scratch, apart)
        year, other = (f"coalesce({trimmed_sql(f'a.c{at}')}, '')" for at in (self.year, self.other))
        pairs = scratch.execute(
            f'select {year} as year, {other} as other from "{apart}" a '
            "group by all order by count(*) desc, year, other limit $most",
            {"most": MOST_PERIODS},
        ).fetchall()
        scratch.execute(
            f'create or replace temp table "{name}_periods" '
            "(year varchar, other varchar, period varchar)"
        )
        if read := [(y, o, self.part.written(y, o)) for y, o in pairs]:
            scratch.executemany(f'insert into "{name}_periods" values (?, ?, ?)', read)
        cells = ", ".join(f"a.c{at} as c{at + 1}" for at in range(self.width))
        scratch.execute(
            f'create or replace temp table "{name}" as '
            f"select a.line, coalesce(p.period, trim({year} || ' ' || {other})) as c0, {cells} "
            f'from "{apart}" a left join "{name}_periods" p '
            f"on p.year = {year} and p.other = {other} order by a.line"
        )

    def head(self, count: int) -> list[tuple[int, list[str]]]:
        """The first of them, with their numbers."""
        return [
            (line, [self.part.written(cells[self.year], cells[self.other]), *cells])
            for line, cells in self.body.head(count)
        ]


def parts_of_period(name: str, header: Collection[str]) -> tuple[str, ...]:
    """The columns that the column of this name is made of; empty for any other."""
    if JOINS not in name:
        return ()
    steps = name.split(JOINS)
    for at in range(1, len(steps)):
        parts = (JOINS.join(steps[:at]), JOINS.join(steps[at:]))
        if all(part in header for part in parts):
            return parts
    return ()


def with_period(table: Table) -> Table:
    """The table with the period of its rows as its first column.

    The same table where no two columns are plainly a year and a month or a week, or where
    several might be.
    """
    rows = [cells for _, cells in table.head(ROWS_LOOKED_AT)]
    found = _period(table.header, rows)
    if found is None:
        return table
    year, other, part = found
    name = f"{table.header[year]}{JOINS}{table.header[other]}"
    if name in table.header:
        return table
    body = RowsWithPeriod(table.body, len(table.header), year, other, part)
    return replace(table, header=(name, *table.header), body=body)


def as_mapped(table: Table, mapping: Mapping) -> Table:
    """The table as the mapping was made for it: with the period in one column if it reads that."""
    if spelled_as(mapping, table.header).fits(table.header):
        return table
    joined = with_period(table)
    return joined if spelled_as(mapping, joined.header).fits(joined.header) else table


def _period(header: tuple[str, ...], rows: list[list[str]]) -> tuple[int, int, Part] | None:
    """Where the year and the other part stand. A week of a year is closer than its month."""
    weeks = _pairs(header, rows, WEEK)
    months = _pairs(header, rows, MONTH)
    if weeks and months and _weeks_of_months(rows, weeks[0][1]):
        weeks = []
    for part, pairs in ((WEEK, weeks), (MONTH, months)):
        if pairs:
            year, other = pairs[0]
            return (year, other, part) if _agree(rows, pairs, part) else None
    return None


def _pairs(header: tuple[str, ...], rows: list[list[str]], part: Part) -> list[tuple[int, int]]:
    """The places of a year and another part, by name and by most of their cells, if any."""
    years, others = (
        [at for at, name in enumerate(header) if is_part_of_period(name, role)]
        for role in (Role.YEAR, part.role)
    )
    return [
        (year, other)
        for year, other in itertools.product(years, others)
        if year != other and _reads(rows, year, other, part)
    ]


def _reads(rows: list[list[str]], year: int, other: int, part: Part) -> bool:
    cells = [(row[year], row[other]) for row in rows]
    filled = [pair for pair in cells if any(map(str.strip, pair))]
    return sum(part.read(*pair) is not None for pair in filled) >= MOSTLY * len(filled)


def _agree(rows: list[list[str]], pairs: list[tuple[int, int]], part: Part) -> bool:
    """Several pairs, such as a month by its number and by its name, say the same in each row."""
    return all(
        len({part.read(row[year], row[other]) for year, other in pairs}) == 1 for row in rows
    )


def _weeks_of_months(rows: list[list[str]], at: int) -> bool:
    """Weeks that are never above the sixth, beside months, are counted within the month."""
    numbers = ["".join(filter(str.isdigit, row[at])) for row in rows]
    return all(int(each) <= WEEKS_OF_A_MONTH for each in numbers if each)
