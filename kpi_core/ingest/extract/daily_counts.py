"""A row per day, week or month, with counts of leads or values of measures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kpi_core.domain.issue import Severity
from kpi_core.domain.issue_code import Code, about_file
from kpi_core.ingest.extract.cell_sql import all_of, any_of, literal
from kpi_core.ingest.extract.column_types import Moment, OneOf, Text
from kpi_core.ingest.extract.extraction import Source
from kpi_core.ingest.extract.lead_columns import note_dropped
from kpi_core.ingest.extract.staging import any_row, one_row
from kpi_core.ingest.extract.typed_columns import Cells
from kpi_core.mapping.document import CountColumn, Per
from kpi_core.parsing.dates import read_dates
from kpi_core.parsing.periods import read_months, read_weeks

EACH, NUMBERS = "each_number_read", "numbers_read"


@dataclass(frozen=True)
class DayOf(Moment):
    """A date, or a month or a week by its name: 2024-03, 2024年3月, 2026-W05. Gives a day of it."""

    per: Per = Per.DAY

    def read(self, values: "pd.Series[str]") -> pd.DataFrame:
        read = {Per.DAY: read_dates, Per.WEEK: read_weeks, Per.MONTH: read_months}[self.per]
        return read(values, self.reading).rename(columns={"at": "value"})


@dataclass(frozen=True)
class Counted:
    """One column with numbers. `day` is theirs where it is not in the row."""

    count: CountColumn
    number: Cells
    day: date | None
    conditions: tuple[Cells, ...]

    @property
    def spoken_of(self) -> str:
        """Where the number is for this stage or measure."""
        return all_of(f"coalesce({each.value}, false)" for each in self.conditions)


def read_days(source: Source) -> str:
    """The relation of numbers: of stages, counted elsewhere, and of measures.

    A blank cell says nothing; a row of nothing else is an issue. What is for a week or a month
    stands on its last day. Numbers for one day, stage or measure, and channel add up, which is
    flagged where they are from several rows.
    """
    mapping, reading, notes = source.mapping, source.reading, source.notes
    channel = (
        None
        if mapping.channel is None
        else source.column(mapping.channel, Text(mapping.channel in mapping.keep))
    )
    date = None if mapping.date is None else source.column(mapping.date, _day(source, mapping.date))
    counted = list(_counted(source, date))
    source.read()
    if reading.tests:
        notes.at(Code.TEST_LEAD, f"{reading.rows} where test", severity=Severity.FLAGGED)
    if channel is not None:
        note_dropped(reading, notes, [channel])
    dated = _note_dates(source, date)
    for number in dict.fromkeys(each.number for each in counted):
        asked = any_of(each.spoken_of for each in counted if each.number == number)
        reading.note(notes, number, all_of([dated, asked]))
    said = any_of(f"{each.number.value} is not null and {each.spoken_of}" for each in counted)
    asked = any_of(each.spoken_of for each in counted)
    source.left_over(all_of([dated, asked]), said)
    day = None if date is None else _day_sql(source, date)
    _add_up(source, counted, dated, day, channel)
    if date is not None:
        _note_several(source, date)
    if mapping.per is not Per.DAY or mapping.periods:
        notes.add([about_file(Code.PERIOD_AT_ITS_END, severity=Severity.FLAGGED)])
    return NUMBERS


def _day(source: Source, column: str) -> DayOf:
    moment = source.day(column)
    return DayOf(moment.reading, moment.sample, moment.now, per=source.mapping.per)


def _day_sql(source: Source, date: Cells) -> str:
    """The day on which the numbers of a row stand."""
    weekdays = f"select count(distinct isodow({date.value})) from {source.reading.rows}"
    (found,) = one_row(source.staged.scratch, weekdays)
    return last_day_sql(date.value, source.mapping.per, same_weekday=found == 1)


def _counted(source: Source, date: Cells | None) -> Iterator[Counted]:
    """Have the numbers read: each column for its stage or measure, or each period for each."""
    last = last_days(source.mapping.periods, source.mapping.per)
    for count in source.mapping.counts:
        conditions = tuple(
            source.column(column, OneOf(values)) for column, values in count.where.items()
        )
        columns = [count.column] if count.column is not None else list(last)
        for column in columns:
            number = source.column(column, source.number(column, Code.NUMBER_UNREADABLE))
            day = None if date is not None else last[column]
            yield Counted(count, number, day, conditions)


def _note_dates(source: Source, date: Cells | None) -> str:
    """Note the days that are missing or cannot be read; SQL for the rows that have one."""
    reading, notes = source.reading, source.notes
    if date is None:
        return "not test"
    reading.note(notes, date, "not test")
    reading.note_ahead(notes, date, "not test")
    missing = f"{reading.rows} where {reading.blank(date)} and not test"
    notes.at(Code.DATE_MISSING, missing, column=date.column)
    return f"not test and {date.value} is not null"


def _add_up(
    source: Source, counted: list[Counted], dated: str, day: str | None, channel: Cells | None
) -> None:
    """One number per day, stage or measure, and channel, at the first of its lines."""
    scratch = source.staged.scratch
    of_channel = "cast(null as varchar)" if channel is None else channel.value
    parts = []
    for each in counted:
        stage, measure = each.count.stage, each.count.measure
        stands_on = day if each.day is None else f"date {literal(each.day.isoformat())}"
        parts.append(
            f"select line, {'null' if stage is None else literal(stage)}::varchar as stage, "
            f"{'null' if measure is None else literal(measure)}::varchar as measure, "
            f"{stands_on} as day, {of_channel} as channel, {each.number.value} as value "
            f"from {source.reading.rows} "
            f"where {all_of([dated, f'{each.number.value} is not null', each.spoken_of])}"
        )
    scratch.execute(f"create or replace temp table {EACH} as {' union all '.join(parts)}")
    scratch.execute(
        f"create or replace temp table {NUMBERS} as "
        "select min(line) as line, stage, measure, cast(day as date) as day, channel, "
        "sum(value) as value "
        f"from {EACH} group by stage, measure, day, channel"
    )


def _note_several(source: Source, date: Cells) -> None:
    """Flag each row whose numbers were added to those of an earlier row."""
    scratch, staged = source.staged.scratch, source.staged
    scratch.execute(
        f"create or replace temp table lines_added as select distinct e.line from {EACH} e "
        f"join {NUMBERS} n on n.day = e.day "
        "and n.stage is not distinct from e.stage and n.measure is not distinct from e.measure "
        "and n.channel is not distinct from e.channel where e.line > n.line"
    )
    if any_row(scratch, "lines_added"):
        source.notes.at(
            Code.SAME_DAY_ADDED,
            f"(select s.line, trim({staged.cell(date.column)}) as cell "
            f"from {staged.relation} s join lines_added a on a.line = s.line)",
            column=date.column,
            cell="cell",
            severity=Severity.FLAGGED,
        )


def last_day_sql(moment: str, per: Per, *, same_weekday: bool) -> str:
    """SQL for the day on which a number for the period with this moment in it stands.

    A week is the seven days from the one that is written, where all of them are the same
    weekday, and else one from Monday to Sunday.
    """
    if per is Per.MONTH:
        return f"last_day(cast({moment} as date))"
    if per is Per.WEEK:
        first = moment if same_weekday else f"date_trunc('week', {moment})"
        return f"cast({first} as date) + 6"
    return f"cast({moment} as date)"


def last_days(periods: dict[str, date], per: Per) -> dict[str, date]:
    """The last day of each period, given its first: of a month where all begin with one."""
    if per is Per.WEEK:
        return {column: first + timedelta(days=6) for column, first in periods.items()}
    if per is Per.MONTH or all(first.day == 1 for first in periods.values()):
        return {column: _end_of_month(first) for column, first in periods.items()}
    return dict(periods)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
