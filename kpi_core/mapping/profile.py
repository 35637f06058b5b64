"""What the columns of a table hold: looked at once, closely where something hangs on every cell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.mapping.document import Per
from kpi_core.mapping.synonyms import DATED, is_called_date, roles, says_something, stages_of_date
from kpi_core.parsing.date_evidence import DateEvidence, date_evidence
from kpi_core.parsing.number_evidence import NumberEvidence, number_evidence
from kpi_core.parsing.periods import month, week
from kpi_core.parsing.pii import PersonKind, person_kind
from kpi_core.parsing.text_column import narrowed, trimmed_sql
from kpi_core.tabular.table import Table

LOOKED_AT = 10_000
"""So many first rows are looked at for what a column is about."""
KEPT_VALUES = 1_000
AT_A_TIME = 200_000
MOSTLY = 0.8
"""A column is one of dates, or numbers, where this share of its first values reads so."""
HALF = 0.5
"""Of dates also where this share does, and it is called by the name of a stage."""
FIRST_VALUES = 300
MOST_COLUMNS = 200
"""Of more columns only those are looked at whose headers say something."""
GLANCED_AT = 30
NAMED_BY = 100

_COMPACT = re.compile(
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?:\d{6})?$|\d{1,2}[./-]\d{1,2}[./-]\d|\d{4}[./-]"
)


@dataclass(frozen=True)
class ColumnProfile:
    """A column. `filled` and `distinct` count within the rows looked at; `sample` has the first
    distinct values. `dates` and `numbers` are about every cell, None where most are none: a
    bare number may be either.
    """

    header: str
    position: int
    filled: int
    distinct: int
    sample: tuple[str, ...] = ()
    person: PersonKind | None = None
    dates: DateEvidence | None = None
    numbers: NumberEvidence | None = None
    period: Per | None = None
    """Most cells are months, or weeks, and no days: 2026年1月, 2026-W05."""

    @property
    def cell(self) -> str:
        """The column as SQL, trimmed; null where blank."""
        return trimmed_sql(f"c{self.position}")


@dataclass(frozen=True)
class Profile:
    """The columns of the relation `relation` in `scratch`, of whose rows `looked_at` were seen."""

    columns: tuple[ColumnProfile, ...]
    rows: int
    looked_at: int
    relation: str
    scratch: DuckDBPyConnection = field(repr=False, compare=False)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.header for column in self.columns)

    def __getitem__(self, header: str) -> ColumnProfile:
        return self._by_header[header]

    @cached_property
    def _by_header(self) -> dict[str, ColumnProfile]:
        return {column.header: column for column in self.columns}

    def values(self, header: str, limit: int) -> tuple[str, ...]:
        """The distinct values of a column in all rows, the most frequent first; at most so many."""
        column = self[header]
        if column.distinct > limit:
            return column.sample[:limit]
        found = self.scratch.execute(
            f"select {column.cell} as value from {self.relation} where value is not null "
            "group by value order by count(*) desc, value limit $limit",
            {"limit": limit},
        ).fetchall()
        return tuple(value for (value,) in found)

    def is_whole(self) -> bool:
        """Whether every row was looked at."""
        return self.looked_at >= self.rows

    def repeats(self, header: str) -> float:
        """How many different values a column has in all rows, for each cell that is filled."""
        column = self[header]
        if self.is_whole():
            return column.distinct / max(column.filled, 1)
        query = f"select count({column.cell}), count(distinct {column.cell}) from {self.relation}"
        ((filled, distinct),) = self.scratch.execute(query).fetchall()
        return float(distinct / max(filled, 1))

    def filled_by(self, header: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """How many cells of each column are filled in rows with a cell in this one, and without."""
        owner = self[header].cell
        counts = [
            f"count({column.cell}) filter (where {owner} is {state} null)"
            for state in ("not", "")
            for column in self.columns
        ]
        query = f"select {', '.join(counts)} from (from {self.relation} limit {self.looked_at})"
        (found,) = self.scratch.execute(query).fetchall()
        return found[: len(self.columns)], found[len(self.columns) :]

    def one_each(self, headers: Sequence[str]) -> bool:
        """Whether no two rows have the same cells in all of these columns."""
        cells = ", ".join(self[header].cell for header in headers)
        query = f"select count(*) = count(distinct row({cells})) from {self.relation}"
        ((once,),) = self.scratch.execute(query).fetchall()
        return bool(once)

    def repeated_rows(self) -> int:
        """How many rows are wholly the same as one before."""
        cells = ", ".join(column.cell for column in self.columns)
        query = f"select count(*) - count(distinct row({cells})) from {self.relation}"
        ((count,),) = self.scratch.execute(query).fetchall()
        return int(count)


def profile(scratch: DuckDBPyConnection, relation: str, table: Table) -> Profile:
    """What the columns of a staged table hold."""
    query = f"select * exclude (line) from {relation} limit {LOOKED_AT}"
    first = scratch.execute(query).fetchall()
    cells = zip(*first, strict=True) if first else ((),) * len(table.header)
    columns = [
        _first_look(each, name, at, closely=at < MOST_COLUMNS or says_something(name))
        for at, (name, each) in enumerate(zip(table.header, cells, strict=True))
    ]
    whole = len(first) < LOOKED_AT
    wanted = [each for each in columns if not whole or each.distinct > FIRST_VALUES]
    closely = {each.header: each for each in _look_closely(scratch, relation, wanted)}
    columns = [closely.get(each.header, each) for each in columns]
    return Profile(tuple(columns), table.rows, len(first), relation, scratch)


def _first_look(
    cells: Sequence[str | None], header: str, position: int, *, closely: bool
) -> ColumnProfile:
    filled = [bare for cell in cells if cell is not None and (bare := cell.strip())]
    values = tuple(dict.fromkeys(filled))
    seen = ColumnProfile(header, position, len(filled), len(values), values[:KEPT_VALUES])
    if not values or not closely:
        return seen
    seen = replace(seen, person=person_kind(header, values[:NAMED_BY]))
    dated_from = dated_share(header)
    has_digits = sum(map(_has_digit, values[:GLANCED_AT]))
    if dated_from == MOSTLY and not _mostly(has_digits, len(values[:GLANCED_AT])):
        return seen
    first = pd.Series(values[:FIRST_VALUES], dtype="str")
    numbers = number_evidence(first)
    if _mostly(numbers.readable, numbers.total):
        seen = replace(seen, numbers=numbers)
        if not _may_be_dates(header, values[:GLANCED_AT]):
            return seen
    dates = date_evidence(first)
    if _mostly(max(dates.readable, dates.unit_cells, dates.numbered), dates.total):
        return replace(seen, dates=dates)
    period = _period(values[:GLANCED_AT])
    if period is None and are_dates(dates.readable + dates.unit_cells, dates.total, dated_from):
        return replace(seen, dates=dates)
    return replace(seen, period=period)


def dated_share(header: str) -> float:
    """The share of cells from which on a column is one of dates; of one called so, any cell."""
    if is_called_date(header):
        return 0.0
    return HALF if stages_of_date(header) else MOSTLY


def are_dates(readable: int, total: int, share: float) -> bool:
    """Whether so many of the cells make a column one of dates."""
    return readable > 0 and readable >= share * total


def _has_digit(value: str) -> bool:
    return any(sign.isdigit() for sign in value)


def _may_be_dates(header: str, numbers: Sequence[str]) -> bool:
    """Whether numbers may be days, by what the column is called or by their look: 20260105."""
    if not DATED.isdisjoint(roles(header)) or stages_of_date(header):
        return True
    return all(_COMPACT.match(narrowed(number)) for number in numbers)


def _period(values: Sequence[str]) -> Per | None:
    texts = [narrowed(value) for value in values]
    for per, read in ((Per.MONTH, month), (Per.WEEK, week)):
        if _mostly(sum(read(text) is not None for text in texts), len(texts)):
            return per
    return None


def _mostly(readable: int, total: int) -> bool:
    return total > 0 and readable >= MOSTLY * total


def _look_closely(
    scratch: DuckDBPyConnection, relation: str, columns: Sequence[ColumnProfile]
) -> list[ColumnProfile]:
    """With evidence from every cell. Plain columns are told apart in one pass over the table."""
    typed = [each for each in columns if each.dates is not None or each.numbers is not None]
    plain = _plain(scratch, relation, typed)
    return [
        each if each not in typed or each.header in plain else _closely(scratch, relation, each)
        for each in columns
    ]


def _plain(
    scratch: DuckDBPyConnection, relation: str, columns: Sequence[ColumnProfile]
) -> frozenset[str]:
    """The columns whose cells are all like the first ones: bare ISO dates or bare numbers."""
    tests = {}
    for column in columns:
        cell, longest = f"c{column.position}", max(map(len, column.sample), default=0)
        kind = "timestamp" if column.dates is not None else "bigint"
        if _reads_bare(scratch, column.sample, kind):
            tests[column.header] = (
                f"count({cell}) = count(try_cast({cell} as {kind}))"
                f" and coalesce(max(strlen({cell})), 0) <= {longest}"
            )
    if not tests:
        return frozenset()
    query = f"select {', '.join(tests.values())} from {relation}"
    (passed,) = scratch.execute(query).fetchall()
    return frozenset(name for name, ok in zip(tests, passed, strict=True) if ok)


def _reads_bare(scratch: DuckDBPyConnection, sample: Sequence[str], kind: str) -> bool:
    if kind == "timestamp" and any(
        len(value) > len("2026-01-05 09:14:00.000000") for value in sample
    ):
        return False
    query = f"select bool_and(try_cast(value as {kind}) is not null) from unnest($sample) t(value)"
    ((bare,),) = scratch.execute(query, {"sample": list(sample)}).fetchall()
    return bool(bare)


def _closely(scratch: DuckDBPyConnection, relation: str, column: ColumnProfile) -> ColumnProfile:
    """With evidence from each distinct value, in pieces."""
    scratch.execute(f"select distinct {column.cell} from {relation}")
    dates, numbers = (
        column.dates and date_evidence(_NOTHING),
        column.numbers and number_evidence(_NOTHING),
    )
    while piece := scratch.fetchmany(AT_A_TIME):
        values = pd.Series([value for (value,) in piece if value is not None], dtype="str")
        dates = dates and dates + date_evidence(values)
        numbers = numbers and numbers + number_evidence(values)
    return replace(column, dates=dates, numbers=numbers)


_NOTHING = pd.Series([], dtype="str")
