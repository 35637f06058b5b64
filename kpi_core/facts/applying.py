"""Imports against what is current: compared, stored, or taken out of a cache again."""

from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally
from kpi_core.facts import receipts
from kpi_core.facts.applied import (
    mapping_of,
    newest_sequence,
    note_imports,
    note_mappings,
    sequence_of,
)
from kpi_core.facts.batch import NUMBERS, Grain
from kpi_core.facts.change import Change, Statements
from kpi_core.facts.daily_numbers import NumberChange
from kpi_core.facts.log_reader import LogReader
from kpi_core.facts.receipts import Comparison
from kpi_core.records.ledger import ImportRecord
from kpi_core.sql_text import literal


class NotApart(Exception):
    """Imports of a run meet one another, or have cases to be named: each is to be applied alone."""


def apply(
    cursor: DuckDBPyConnection,
    run: Sequence[ImportRecord],
    statements: Sequence[Statements],
    tallies: Sequence[Tally],
    reader: LogReader,
) -> dict[int, Comparison]:
    """Apply an import, or a run of them, and say what each changed.

    They are counted as if one came after the other. NotApart where that takes one by one.
    """
    compared = compare(cursor, run, statements, reader)
    counts = count(cursor, run, statements, compared, reader)
    if compared.leads is not None:
        compared.leads.add_up(tallies)
        compared.leads.store(mapping_of(cursor, run[0]))
    if compared.numbers is not None:
        compared.numbers.add_up(tallies)
        compared.numbers.store()
    return counts


@dataclass(frozen=True)
class Compared:
    """What imports change, not stored yet. `is_older`: one with later data through is there."""

    leads: Change | None
    numbers: NumberChange | None
    is_older: bool


def compare(
    cursor: DuckDBPyConnection,
    run: Sequence[ImportRecord],
    statements: Sequence[Statements],
    reader: LogReader,
) -> Compared:
    """Compare imports with what is current. They are noted among the imports of the cursor."""
    of_leads = [each for each in statements if each.kind != NUMBERS]
    of_days = [each for each in statements if each.kind == NUMBERS]
    record, imports = run[0], tuple(each.import_id for each in run)
    newest = newest_sequence(cursor, record)
    known = newest is not None
    is_older = newest is not None and min(map(sequence_of, run)) < newest
    if len(run) > 1 and (of_days or not known):
        raise NotApart
    note_imports(cursor, run)
    change = numbers = None
    if of_leads:
        change = Change(
            cursor, record.source, record.thing, replaces=is_older, known=known, imports=imports
        )
        change.read(of_leads)
        if not change.is_apart():
            raise NotApart
        if known and not is_older and record.grain != Grain.PUSH:
            change.touch_differing(mapping_of(cursor, record))
        elif known:
            change.touch_all()
        if is_older:
            rest = [
                each
                for each in reader.counted(cursor, record.source, record.thing)
                if each.import_id not in imports and each.grain != Grain.DAY
            ]
            logged = [s for s in reader.statements(cursor, rest) if s.kind != NUMBERS]
            change.read([*of_leads, *logged], "and e.key in (select key from touched)")
        change.resolve()
        change.signed_cells()
    if of_days:
        numbers = NumberChange(cursor, record.source)
        numbers.read(of_days)
        numbers.resolve()
    return Compared(change, numbers, is_older)


def count(
    cursor: DuckDBPyConnection,
    run: Sequence[ImportRecord],
    statements: Sequence[Statements],
    compared: Compared,
    reader: LogReader,
) -> dict[int, Comparison]:
    """The counts of each import that was compared, for its receipt."""
    counts = {each.import_id: Comparison() for each in run}
    change, record = compared.leads, run[0]
    if change is not None:
        counts |= receipts.compare(cursor, change)
        if change.known and record.grain in (Grain.LEAD, Grain.SNAPSHOT):
            if len(run) == 1:
                of_leads = [each for each in statements if each.kind != NUMBERS]
                cases = _cases(cursor, record, of_leads, reader)
                counts[record.import_id] = counts[record.import_id].plus(cases)
            elif receipts.may_have_cases(cursor, run):
                raise NotApart
    if compared.numbers is not None:
        days = compared.numbers.compare().plus(compared.numbers.missing_days())
        counts[record.import_id] = counts[record.import_id].plus(days)
    return counts


def _cases(
    cursor: DuckDBPyConnection,
    record: ImportRecord,
    statements: Sequence[Statements],
    reader: LogReader,
) -> Comparison:
    """Blanks where a date stays, and leads that a full list lacks."""
    counts = Comparison()
    if record.grain == Grain.LEAD:  # a snapshot has no cells for dates, so none is blank
        covered = [name for what, name in record.covers if what == "stage"]
        counts = receipts.blank_over_date(
            cursor, covered, names_of(record, statements), record.import_id
        )
    gone = receipts.gone(cursor, record)
    if gone is not None:
        rest = [
            each
            for each in reader.counted(cursor, record.source, record.thing)
            if each.import_id != record.import_id and each.grain != Grain.DAY
        ]
        logged = [s for s in reader.statements(cursor, rest) if s.kind != NUMBERS]
        counts = counts.plus(receipts.named_gone(cursor, gone, names_of(record, logged)))
    return counts


def names_of(record: ImportRecord, statements: Sequence[Statements]) -> str:
    """SQL, to follow `from`, for the `key` and the id of each `lead` that is stated."""
    names = " union all ".join(
        f"select hash({literal(record.source)}, {literal(record.thing)}, lead) as key, lead "
        f"from {each.relation}"
        for each in statements
    )
    return f"({names}) l"


def apply_run(
    cursor: DuckDBPyConnection,
    run: Sequence[ImportRecord],
    statements: Sequence[Statements],
    tallies: Sequence[Tally],
) -> None:
    """Apply imports that follow one another in the order of their source; no counts are made."""
    first = run[0]
    known = newest_sequence(cursor, first) is not None
    note_imports(cursor, run)
    of_leads = [each for each in statements if each.kind != NUMBERS]
    if of_leads:
        change = Change(cursor, first.source, first.thing, known=known)
        change.read(of_leads)
        if known and len(run) == 1:
            change.touch_differing(mapping_of(cursor, first))
        elif known:
            change.touch_all()
        change.resolve()
        change.signed_cells()
        change.add_up(tallies)
        change.store(mapping_of(cursor, first))
    numbers = [each for each in statements if each.kind == NUMBERS]
    if numbers:
        of_days = NumberChange(cursor, first.source)
        of_days.read(numbers)
        of_days.resolve()
        of_days.add_up(tallies)
        of_days.store()


def take_out(
    cursor: DuckDBPyConnection,
    owner: ImportRecord,
    counted: Sequence[ImportRecord],
    tallies: Sequence[Tally],
    reader: LogReader,
) -> None:
    """Take an import's facts out; `counted` are those of its source that still count."""
    change = Change(cursor, owner.source, owner.thing, replaces=True)
    cursor.execute(
        "create or replace temp table touched as select distinct key from ("
        "select key from events where import_id = $id union all "
        "select key from leads where import_id = $id)",
        {"id": owner.import_id},
    )
    cursor.execute(
        "create or replace temp table touched_days as select distinct is_stage, name, day "
        "from numbers where import_id = $id",
        {"id": owner.import_id},
    )
    numbers = NumberChange(cursor, owner.source, replaces=True)
    has_numbers, has_leads = not numbers.is_empty, change.touched() > 0
    rest = [each for each in counted if each.thing == owner.thing]
    if has_leads:
        of_leads = reader.statements(cursor, [e for e in rest if e.grain != Grain.DAY])
        change.read(
            [each for each in of_leads if each.kind != NUMBERS],
            "and e.key in (select key from touched)",
        )
        settle(change, tallies)
    if has_numbers:
        numbers.read_again(reader.numbers(cursor, counted))
        numbers.resolve()
        numbers.add_up(tallies)
        numbers.store()
    cursor.execute("delete from imports where import_id = $id", {"id": owner.import_id})
    note_mappings(cursor, owner.source, owner.thing)


def settle(change: Change, tallies: Sequence[Tally]) -> None:
    """Resolve what was read again and keep it."""
    change.resolve()
    change.signed_cells()
    change.add_up(tallies)
    change.store(None)
