"""What imports say, read from the log: their files and the small facts beside their rows."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from duckdb import DuckDBPyConnection

from kpi_core.facts.applied import in_order, note_imports
from kpi_core.facts.batch import KINDS, NUMBERS, Grain
from kpi_core.facts.change import Change, Statements
from kpi_core.facts.daily_numbers import NumberChange
from kpi_core.facts.log import Log, columns_of
from kpi_core.records import fact_files, ledger, small_facts
from kpi_core.records.fact_files import FactFile
from kpi_core.records.ledger import ImportRecord
from kpi_core.records.records import Records
from kpi_core.sql_text import quoted

_numbers = count()


@dataclass(frozen=True)
class LogReader:
    """Ledger and log of a data folder, from which a cache is filled."""

    records: Records
    log: Log

    def ledger_of(self, source: str) -> list[ImportRecord]:
        """The imports of a source, newest first."""
        with self.records.reading() as conn:
            return list(ledger.imports_of(conn, source))

    def counted(
        self,
        cursor: DuckDBPyConnection,
        source: str,
        thing: str | None = None,
        *,
        undone: int | None = None,
    ) -> list[ImportRecord]:
        """The imports of a source that are applied and whose facts count, in their order.

        One can be taken as `undone`.
        """
        applied = {
            import_id
            for (import_id,) in cursor.execute(
                "select import_id from imports where source = ?", [source]
            ).fetchall()
        }
        rows = [
            replace(each, undone_at=each.imported_at) if each.import_id == undone else each
            for each in self.ledger_of(source)
        ]
        return [each for each in in_order(rows, thing) if each.import_id in applied]

    def statements(
        self, cursor: DuckDBPyConnection, records: Collection[ImportRecord]
    ) -> list[Statements]:
        """What imports say, from their files and their small facts."""
        ids = [each.import_id for each in records]
        with self.records.reading() as conn:
            files = fact_files.files(conn, ids)
            small = small_facts.small(conn, ids)
        for file in files:
            if problem := self.log.problem(file, thorough=True):
                raise problem
        return [*_of_files(cursor, self.log, files, ids), *of_small(cursor, small)]

    def numbers(
        self, cursor: DuckDBPyConnection, counted: Iterable[ImportRecord]
    ) -> list[Statements]:
        """What imports say of days."""
        kinds = [each for each in counted if each.grain == Grain.DAY]
        return [each for each in self.statements(cursor, kinds) if each.kind == NUMBERS]

    def load(self, cursor: DuckDBPyConnection, source: str, leads: str | None) -> None:
        """Fill the tables of an empty cache with what a source says of some leads, or of all.

        `leads` is SQL for the `key` of each; those of all its things.
        """
        where = "" if leads is None else f"and e.key in ({leads})"
        counted = in_order(self.ledger_of(source), None)
        for each in counted:
            note_imports(cursor, [each])
        for thing in sorted({each.thing for each in counted}):
            mine = [each for each in counted if each.thing == thing]
            statements = self.statements(cursor, mine)
            change = Change(cursor, source, thing, replaces=True)
            change.read([s for s in statements if s.kind != NUMBERS], where)
            change.touch_all()
            change.store(None)
            numbers = NumberChange(cursor, source)
            numbers.read([s for s in statements if s.kind == NUMBERS])
            numbers.store()


def _of_files(
    cursor: DuckDBPyConnection, log: Log, files: Sequence[FactFile], ids: Sequence[int]
) -> Iterator[Statements]:
    for kind in KINDS:
        mine = [file for file in files if file.kind == kind]
        if not mine:
            continue
        relation = log.scan(mine)
        if any(not set(file.import_ids) <= set(ids) for file in mine):
            listed = ", ".join(map(str, ids))
            relation = f"(select * from {relation} where import_id in ({listed}))"
        columns = cursor.execute(f"describe select * from {relation}").fetchall()
        yield Statements(kind, relation, tuple(name for name, *_ in columns))


def of_small(
    cursor: DuckDBPyConnection, small: Sequence[small_facts.SmallFacts]
) -> Iterator[Statements]:
    """Small facts as temporary tables, one for all that have the same columns."""
    by_shape: dict[tuple[str, tuple[str, ...]], dict[str, list[Any]]] = {}
    for each in small:
        names = ("import_id", *each.columns)
        columns = by_shape.setdefault((each.kind, names), {name: [] for name in names})
        length = len(next(iter(each.columns.values()), []))
        columns["import_id"] += [each.import_id] * length
        for name, values in each.columns.items():
            columns[name] += values
    for (kind, names), columns in by_shape.items():
        types = {"import_id": "integer"} | columns_of(kind, names[1:])
        lists = ", ".join(f"unnest(x.{quoted(name)}) as {quoted(name)}" for name in names)
        relation = f"small_{kind}_{next(_numbers)}"
        cursor.execute(
            f"create or replace temp table {relation} as select {lists} "
            "from (select from_json($rows, $shape) as x)",
            {
                "rows": json.dumps(columns, ensure_ascii=False),
                "shape": json.dumps({name: [types[name]] for name in names}),
            },
        )
        yield Statements(kind, relation, names)
