"""Numbers counted elsewhere: one per source, stage or measure, day and channel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.receipt import MonthChange
from kpi_core.facts import aggregate_sql, cache
from kpi_core.facts.change import Statements
from kpi_core.facts.queries import query
from kpi_core.facts.receipts import Comparison, by_month, cases_of, plain_key
from kpi_core.sql_text import literal

MEASURE = "measure:"
"""How the aggregates of measures begin that receipts compare."""


@dataclass
class NumberChange:
    """The comparison of two states of a source's numbers; afterwards the new one is kept.

    `old_numbers` are those stored of the days and names that are touched, `new_numbers` those
    added, or, where `replaces`, those that take their place. `current_numbers` is what is current.
    """

    cursor: DuckDBPyConnection
    source: str
    replaces: bool = False

    def read(self, given: Iterable[Statements]) -> None:
        """Make `new_numbers` of statements."""
        parts = []
        for each in given:
            has = each.columns
            stage, measure = (
                f"{name}" if name in has else "cast(null as varchar)"
                for name in ("stage", "measure")
            )
            channel = "coalesce(channel, '')" if "channel" in has else "''"
            parts.append(
                f"select {literal(self.source)} as source, coalesce({stage}, {measure}) as name, "
                f"{stage} is not null as is_stage, cast(day as date) as day, "
                f"{channel} as channel, value, import_id, line "
                f"from {each.relation} where value is not null"
            )
        rows = " union all ".join(parts) or "select * from numbers where false"
        self.cursor.execute(f"create or replace temp table new_numbers as {rows}")
        self.cursor.execute(
            "create or replace temp table touched_days as "
            "select distinct is_stage, name, day from new_numbers"
        )

    def read_again(self, given: Iterable[Statements]) -> None:
        """Make `new_numbers` of statements about the days that are touched already."""
        self.cursor.execute("alter table touched_days rename to days_before")
        self.read(given)
        self.cursor.execute("drop table touched_days")
        self.cursor.execute("alter table days_before rename to touched_days")
        self.cursor.execute(
            "delete from new_numbers where not exists (select 1 from touched_days t "
            "where t.is_stage = new_numbers.is_stage and t.name = new_numbers.name "
            "and t.day = new_numbers.day)"
        )

    def touch_all(self) -> None:
        """All names and days that the cache has of the source are touched."""
        self.cursor.execute(
            "create or replace temp table touched_days as "
            "select distinct is_stage, name, day from numbers where source = $source",
            {"source": self.source},
        )

    @property
    def is_empty(self) -> bool:
        """No day is touched."""
        return not cache.one(self.cursor, "select 1 from touched_days limit 1")

    def resolve(self) -> None:
        """Make `current_numbers`: side 0 before, side 1 after."""
        cursor = self.cursor
        cursor.execute(
            "create or replace temp table old_numbers as select n.* from numbers n "
            "join touched_days t on t.is_stage = n.is_stage and t.name = n.name and t.day = n.day "
            f"where n.source = {literal(self.source)}"
        )
        after = "" if self.replaces else "union all select 1 as side, * from old_numbers "
        cursor.execute(
            "create or replace temp view said_numbers as select 0 as side, * from old_numbers "
            f"{after}union all select 1 as side, * from new_numbers"
        )
        cursor.execute(f"create or replace temp table current_numbers as {query('numbers')}")

    def resolve_all(self) -> None:
        """Make `current_numbers` of all that the cache has of the source, on side 1."""
        self.cursor.execute(
            "create or replace temp view said_numbers as select 1 as side, * from numbers "
            f"where source = {literal(self.source)}"
        )
        self.cursor.execute(f"create or replace temp table current_numbers as {query('numbers')}")

    def compare(self) -> Comparison:
        """The counts of facts, and what changes per month."""
        new, changed, unchanged = self.cursor.execute(query("compare_numbers")).fetchall()[0]
        return Comparison(new, changed, unchanged, months=self._months())

    def _months(self) -> tuple[MonthChange, ...]:
        rows = self.cursor.execute(
            "select name, is_stage, cast(date_trunc('month', day) as date) as on_month, "
            "sum(case when side = 1 then value else -value end) from current_numbers "
            "group by name, is_stage, cast(date_trunc('month', day) as date) order by 1, 3"
        ).fetchall()
        if not rows:
            return ()
        keys = {
            (name, is_stage): plain_key(name) if is_stage else MEASURE + name
            for name, is_stage, *_ in rows
        }
        before = by_month(self.cursor, keys.values(), min(row[2] for row in rows))
        return tuple(
            MonthChange(name, month, stood, stood + float(change))
            for name, is_stage, month, change in rows
            for stood in [float(before.get((keys[name, is_stage], month), 0))]
        )

    def missing_days(self) -> Comparison:
        """Days within those covered that an older import has and this one lacks: they stay."""
        found = (
            "select o.name, cast(o.day as varchar) as day, min(o.channel) as channel "
            "from numbers o join (select is_stage, name, min(day) as first, max(day) as last "
            "from new_numbers group by is_stage, name) c on c.is_stage = o.is_stage "
            "and c.name = o.name and o.day between c.first and c.last "
            "left join new_numbers n on n.is_stage = o.is_stage and n.name = o.name "
            "and n.day = o.day and n.channel = o.channel "
            f"where o.source = {literal(self.source)} and n.day is null group by o.name, o.day"
        )
        return cases_of(
            self.cursor, "missing_day", found, "select name, day from ({found}) f order by 1, 2"
        )

    def add_up(self, tallies: Sequence[Tally], *, only: bool = False) -> None:
        """Add to `daily` what changes of the tallies; `only` those, not what is always counted."""
        rendered = aggregate_sql.Rendered()
        sign = "case when side = 1 then 1 else -1 end"
        value = "case when side = 1 then value else -value end"
        parts = [
            f"select {literal(MEASURE)} || name as aggregate, day as on_day, '' as channel, "
            f"{sign} as facts, {value} as value, '' as part from current_numbers "
            f"where not is_stage and {not only}",
            f"select {literal(aggregate_sql.RECORDED + self.source)}, day, '', {sign}, {sign}, '' "
            f"from current_numbers where {not only}",
        ]
        for each in tallies:
            if each.kind not in (TallyKind.REACHED, TallyKind.MEASURE, TallyKind.LEVEL):
                continue
            if each.source not in (None, self.source):
                continue
            name = rendered.param(each.stage.value if each.stage else each.name)
            where = [
                f"name = {name}",
                "is_stage" if each.stage else "not is_stage",
                *(
                    aggregate_sql.meets(
                        condition, (), rendered, having=("channel",), cell="nullif(channel, '')"
                    )
                    for condition in each.conditions
                ),
            ]
            part = literal(self.source if each.kind is TallyKind.LEVEL else "")
            parts.append(
                f"select {literal(each.key)}, day, channel, {sign}, {value}, {part} "
                f"from current_numbers where {' and '.join(where)}"
            )
        self.cursor.execute(
            "insert into daily select aggregate, on_day, channel, sum(facts), "
            f"sum(cast(value as decimal(38, 9))), part from ({' union all '.join(parts)}) d "
            "group by aggregate, on_day, channel, part "
            "having sum(facts) <> 0 or sum(cast(value as decimal(38, 9))) <> 0",
            rendered.params,
        )

    def store(self) -> None:
        """Keep what was read, but for what says the same as what is stored."""
        cursor = self.cursor
        if self.replaces:
            cursor.execute(
                "delete from numbers where source = $source and exists (select 1 from touched_days "
                "t where t.is_stage = numbers.is_stage and t.name = numbers.name "
                "and t.day = numbers.day)",
                {"source": self.source},
            )
        cursor.execute("insert into numbers select * from new_numbers")
