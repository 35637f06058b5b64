"""One change of what is current: an import applied, or a set of leads read again from the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.facts import aggregate_sql, cache, zones
from kpi_core.facts.batch import ATTRIBUTE, COLUMNS, EVENTS, FIELDS, LEADS
from kpi_core.facts.cache import OWN
from kpi_core.facts.queries import query
from kpi_core.sql_text import literal, quoted

AT_A_TIME = 1_500_000
"""Rows that are resolved at once: this bounds memory."""
FEW = 1_000
"""Leads of small imports are compared one by one, whatever they say again."""
_KEYS = 1 << 64

BASIC = ("key", "import_id", "line", "stage", "occurred_at", "withdrawn")


@dataclass(frozen=True)
class Statements:
    """Rows that say something of leads of one source: SQL, to follow `from`, and their columns."""

    kind: str
    relation: str
    columns: tuple[str, ...]


@dataclass
class Change:
    """The comparison of two states of some leads of a source; afterwards the new one is kept.

    Temporary relations: `old_events`, `old_leads` are what the cache has of the touched leads,
    `new_events`, `new_leads` what is added, or, where `replaces`, what takes its place; `touched`
    are the leads looked at. `current_rows` is what is current of them: side 0 before, side 1 after.
    `own` and `described` are the columns in which events and leads state anything. Not `known`:
    the cache has nothing of the source. `imports` are those that are applied; of several, each lead
    is named by one.
    """

    cursor: DuckDBPyConnection
    source: str
    thing: str
    replaces: bool = False
    known: bool = True
    imports: tuple[int, ...] = ()
    own: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    is_settled: bool = True
    all_touched: bool = True
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    # --- what is stated ---

    def read(self, statements: Iterable[Statements], where: str = "") -> None:
        """Make `new_events` and `new_leads` of statements; `where` chooses rows by their `key`."""
        given: dict[str, list[Statements]] = {EVENTS: [], LEADS: []}
        for each in statements:
            given[each.kind].append(each)
        self._number_activities(given[EVENTS])
        stated = {name for each in given[EVENTS] for name in each.columns}
        stated |= set(cache.own(self.cursor))
        self.own = [each for each in OWN if each in stated]
        attributes = [
            name for each in given[LEADS] for name in each.columns if name.startswith(ATTRIBUTE)
        ]
        self.described = [*FIELDS, *dict.fromkeys([*cache.attributes(self.cursor), *attributes])]
        self._create(
            "new_events", [self._events(each, where) for each in given[EVENTS]], (*BASIC, *self.own)
        )
        self._create(
            "new_leads",
            [self._leads(each, where) for each in given[LEADS]],
            ("key", "import_id", "line", *self.described),
        )

    def _create(self, name: str, selects: Sequence[str], columns: Sequence[str]) -> None:
        empty = ", ".join(_null(each) for each in columns)
        rows = " union all ".join(selects) or f"select {empty} where false"
        self.cursor.execute(f"create or replace temp table {name} as {rows}")

    def _key(self) -> str:
        return f"hash({literal(self.source)}, {literal(self.thing)}, lead)"

    def _number_activities(self, given: Iterable[Statements]) -> None:
        """Give activities that are new a number."""
        for each in given:
            if "activity" in each.columns:
                self.cursor.execute(
                    "insert into stages select "
                    f"greatest({cache.ACTIVITIES_FROM}, coalesce((select max(stage) + 1 from stages"
                    "), 0)) + row_number() over (order by activity) - 1, activity, 'activity', '', "
                    f"0, cast(1 as bigint) << {cache.ACTIVITY_BIT - 1} from (select distinct "
                    f"activity from {each.relation} where activity is not null and activity not in "
                    "(select name from stages where kind = 'activity'))"
                )

    def _events(self, given: Statements, where: str) -> str:
        has = given.columns
        named = [f"e.{each}" for each in ("activity", "stage") if each in has]
        name = f"coalesce({', '.join(named)})" if len(named) > 1 else named[0]
        withdrawn = "coalesce(e.withdrawn, false)" if "withdrawn" in has else "false"
        at = "e.occurred_at" if "occurred_at" in has else "cast(null as timestamp)"
        if "zone" in has:
            at = zones.comparable(at, "e.zone", cache.home_of(self.cursor))
        own = "".join(f", e.{each}" if each in has else f", {_null(each)}" for each in self.own)
        kind = (
            "(s.kind = 'activity') = (e.activity is not null)"
            if "activity" in has
            else ("s.kind <> 'activity'")
        )
        rows = f"select *, {self._key()} as key from {given.relation}"
        return (
            f"select e.key, e.import_id, e.line, s.stage, {at} as occurred_at, "
            f"{withdrawn} as withdrawn{own} from ({rows}) e join stages s on s.name = {name} "
            f"and {kind} where true {where}"
        )

    def _leads(self, given: Statements, where: str) -> str:
        chosen = ", ".join(
            f"e.{quoted(each)}" if each in given.columns else _null(each) for each in self.described
        )
        rows = f"select *, {self._key()} as key from {given.relation}"
        return f"select e.key, e.import_id, e.line, {chosen} from ({rows}) e where true {where}"

    @property
    def given(self) -> str:
        """SQL for the imports that are applied."""
        return ", ".join(map(str, self.imports)) or "null"

    def is_apart(self) -> bool:
        """Each lead is named by one of the imports; `named_by` has it, where they are several."""
        if len(self.imports) < 2:
            return True
        self.cursor.execute(
            "create or replace temp table named_by as "
            f"select key, import_id from new_events where import_id in ({self.given}) "
            f"union select key, import_id from new_leads where import_id in ({self.given})"
        )
        return not cache.one(
            self.cursor, "select 1 from named_by group by key having count(*) > 1 limit 1"
        )

    def owner(self, of: str) -> tuple[str, str]:
        """SQL for the import that names the lead of a row, and the join that it takes."""
        if len(self.imports) < 2:
            return f"cast({self.given} as integer)", ""
        return "n.import_id", f"join named_by n on n.key = {of}.key"

    # --- which leads are touched ---

    def touch_all(self) -> None:
        """Every lead that is stated is touched."""
        self.cursor.execute(
            "create or replace temp table touched as "
            "select key from new_events union select key from new_leads"
        )

    def touch_differing(self, mapping: int) -> None:
        """All but those of which the mapping has said the same before, and no other one since."""
        self.touch_all()
        if self.touched() <= FEW:
            return
        mine = f"import_id in (select import_id from imports where mapping = {mapping})"
        parts = []
        for rows, columns in (
            ("events", ("stage", "occurred_at", "withdrawn", *self.own)),
            ("leads", tuple(each for each in self.described)),
        ):
            new = ", ".join(quoted(each) for each in columns)
            old = ", ".join(
                self._stored(rows, each).removesuffix(f" as {quoted(each)}") for each in columns
            )
            for side, cells, relation, where in (
                (0, old, rows, f"where {mine}"),
                (1, new, f"new_{rows}", ""),
            ):
                parts.append(
                    f"select {side} as side, key, sum(hash({cells}, '{rows}')) as content, "
                    f"count(*) as row_count from {relation} {where} group by key"
                )
        self.cursor.execute(
            "create or replace temp table same as select key from ("
            "select side, key, sum(content) as content, sum(row_count) as row_count "
            f"from ({' union all '.join(parts)}) p group by side, key) c group by key "
            "having count(*) = 2 and min(content) = max(content) "
            "and min(row_count) = max(row_count)"
        )
        said = (
            "select key, import_id, occurred_at from events "
            "union all select key, import_id, cast(null as timestamp) from leads"
        )
        self.cursor.execute(
            f"delete from same where key in (select key from contested where mapping = {mapping}) "
            f"or key in (with said as ({said}), mine as ("
            "select s.key, min(i.sequence) as sequence, min(i.through) as through from said s "
            f"join imports i on i.import_id = s.import_id where i.mapping = {mapping} "
            "group by s.key) select s.key from said s join imports i on i.import_id = s.import_id "
            f"join mine m on m.key = s.key where i.mapping <> {mapping} "
            "and (i.sequence > m.sequence or s.occurred_at > m.through))"
        )
        self.cursor.execute("delete from touched where key in (select key from same)")
        self.all_touched = False

    def touched(self) -> int:
        """How many leads are touched."""
        return int(cache.one(self.cursor, "select count(*) from touched"))

    # --- what is current of them, before and after ---

    def resolve(self) -> None:
        """Make `current_rows`."""
        where = "where key in (select key from touched)"
        for rows, columns in self._tables():
            chosen = ", ".join(self._stored(rows, each) for each in columns)
            self.cursor.execute(
                f"create or replace temp table old_{rows} as select {chosen} from {rows} "
                + (where if self.known else "where false")
            )
        after = [] if self.replaces or not self.known else ["old"]
        for rows, columns in self._tables():
            chosen = ", ".join(quoted(each) for each in columns)
            parts = [f"select 1 as side, {chosen} from {of}_{rows}" for of in after]
            parts.append(
                f"select 1 as side, {chosen} from new_{rows} {where if self.known else ''}"
            )
            if self.known:
                parts.append(f"select 0 as side, {chosen} from old_{rows}")
            self.cursor.execute(
                f"create or replace temp view stated_{rows} as {' union all '.join(parts)}"
            )
        self._resolve()

    def resolve_all(self) -> None:
        """Make `current_rows` of all that the cache has of the source's thing, on side 1."""
        self.own, self.described = cache.own(self.cursor), cache.described(self.cursor)
        self.known = False
        mine = (
            "import_id in (select import_id from imports "
            f"where source = {literal(self.source)} and thing = {literal(self.thing)})"
        )
        for rows, columns in self._tables():
            chosen = ", ".join(quoted(each) for each in columns)
            self.cursor.execute(
                f"create or replace temp view stated_{rows} as "
                f"select 1 as side, {chosen} from {rows} where {mine}"
            )
        self._resolve()

    def _stored(self, rows: str, column: str) -> str:
        """SQL for a column of the cache's `events` or `leads`; null where it has none yet."""
        if not self.columns:
            self.columns = {
                "events": (*BASIC, *cache.own(self.cursor)),
                "leads": (*BASIC, *cache.described(self.cursor)),
            }
        return quoted(column) if column in self.columns[rows] else _null(column)

    def _tables(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (
            ("events", (*BASIC, *self.own)),
            ("leads", ("key", "import_id", "line", *self.described)),
        )

    def _resolve(self) -> None:
        """Of leads of which nothing is stated twice, what is stated is current."""
        cursor = self.cursor
        cursor.execute("create or replace temp view said_events as from stated_events")
        cursor.execute(f"create or replace temp table unsettled as {query('unsettled')}")
        self.is_settled = not cache.one(cursor, "select 1 from unsettled limit 1")
        own = "".join(f", e.{each}" for each in self.own)
        settled = f"select e.side, e.key, e.stage, e.occurred_at{own} from stated_events e "
        if self.is_settled:
            cursor.execute(
                f"create or replace temp view resolved as {settled} where not e.withdrawn"
            )
        else:
            self._work_out()
            cursor.execute(
                f"create or replace temp view resolved as {settled} "
                "anti join unsettled u on u.side = e.side and u.key = e.key where not e.withdrawn "
                f"union all select side, key, stage, occurred_at{own.replace('e.', '')} "
                "from worked_out"
            )
        self._describe()
        fields = "".join(f", {self._field(each)} as {each}" for each in FIELDS)
        more = "".join(f", d.{quoted(each)}" for each in self.described if each not in FIELDS)
        numbers = "".join(
            f", r.{each}" if each in self.own else f", {_null(each)}"
            for each in ("amount", "quality")
        )
        is_view = self.is_settled and not self.known
        cursor.execute("drop view if exists current_view")
        cursor.execute("drop table if exists current_table")
        cursor.execute(
            f"create temp {'view current_view' if is_view else 'table current_table'} as "
            f"select r.side, r.key, r.stage, r.occurred_at{numbers}{fields}{more} from resolved r "
            "left join described_leads d on d.side = r.side and d.key = r.key "
            "left join first_channels c on c.side = r.side and c.key = r.key"
        )
        cursor.execute(
            "create or replace temp view current_rows as "
            f"from {'current_view' if is_view else 'current_table'}"
        )

    def _field(self, name: str) -> str:
        """SQL for a field of a current row: its own, else its lead's."""
        given = [f"r.{name}"] if name in self.own else []
        given.append(f"d.{name}")
        if name == "channel":
            given.append("c.channel")
        return f"coalesce({', '.join(given)})"

    def _work_out(self) -> None:
        """Make `worked_out`: what is current of the leads that are unsettled."""
        cursor = self.cursor
        cursor.execute(
            "create or replace temp table unresolved as select e.* from stated_events e "
            "join unsettled u on u.side = e.side and u.key = e.key"
        )
        missing = "".join(f", {_null(each)}" for each in OWN if each not in self.own)
        total = int(cache.one(cursor, "select count(*) from unresolved"))
        slices = max(1, -(-total // AT_A_TIME))
        for place in range(slices):
            first, beyond = _KEYS * place // slices, _KEYS * (place + 1) // slices
            within = "" if slices == 1 else f"where key between {first} and {beyond - 1}"
            cursor.execute(
                "create or replace temp view said_events as "
                f"select *{missing} from unresolved {within}"
            )
            create = "insert into" if place else "create or replace temp table"
            cursor.execute(f"{create} worked_out {'' if place else 'as '}{query('current')}")

    def _describe(self) -> None:
        """Make `described_leads` and, for events without a channel, `first_channels`."""
        cursor = self.cursor
        several = cache.one(
            cursor,
            "select 1 from stated_leads group by side, key having count(*) > 1 limit 1",
        )
        if several:
            newest = ", ".join(
                f"max_by({quoted(each)}, case when {quoted(each)} is not null then said_order end) "
                f"as {quoted(each)}"
                for each in self.described
            )
            cursor.execute("drop view if exists described_leads")
            cursor.execute(
                "create or replace temp table described_table as "
                f"select side, key, {newest} from (select l.*, row_number() over ("
                "partition by l.side, l.key order by i.sequence, l.line) as said_order "
                "from stated_leads l join imports i on i.import_id = l.import_id) s "
                "group by side, key"
            )
            cursor.execute("create temp view described_leads as from described_table")
        else:
            cursor.execute("create or replace temp view described_leads as from stated_leads")
        first = "select 1 as side, 0::ubigint as key, '' as channel where false"
        if "channel" in self.own and cache.one(
            cursor, "select 1 from resolved where channel is not null limit 1"
        ):
            first = query("first_channel")
        cursor.execute(f"create or replace temp table first_channels as {first}")

    # --- what follows ---

    def signed_cells(self) -> None:
        """Make `cells`: what changes per import, stage, day and channel."""
        sign = "case when side = 1 then 1 else -1 end"
        owner, join = self.owner("c")
        self.cursor.execute(
            f"create or replace temp table cells as select {owner} as import_id, stage, "
            "cast(occurred_at as date) as on_day, coalesce(channel, '') as channel, "
            f"sum({sign}) as leads, "
            f"sum({sign} * cast(amount as decimal(38, 9))) as amount, "
            f"sum(case when amount is not null then {sign} end) as amounts, "
            f"sum({sign} * cast(quality as decimal(38, 9))) as quality, "
            f"sum(case when quality is not null then {sign} end) as qualities "
            f"from current_rows c {join} "
            f"group by {owner}, stage, cast(occurred_at as date), coalesce(channel, '')"
        )

    def add_up(self, tallies: Sequence[Tally], *, only: bool = False) -> None:
        """Add to `daily` what changes of the tallies; `only` those, not what is always counted."""
        cursor = self.cursor
        numbers = cache.stage_numbers(cursor)
        touched = {row[0] for row in cursor.execute("select distinct stage from cells").fetchall()}
        mine = [each for each in tallies if each.source in (None, self.source)]
        parts = [] if only else list(self._always())
        columns = {
            TallyKind.REACHED: "leads, leads",
            TallyKind.AMOUNT: "amounts, amount",
            TallyKind.QUALITY: "qualities, quality",
        }
        for each in mine:
            if aggregate_sql.is_plain(each) and each.stage is not None and each.stage in numbers:
                number = numbers[each.stage]
                if number in touched:
                    parts.append(
                        f"select {literal(each.key)}, on_day, channel, "
                        f"{columns[each.kind]} from cells "
                        f"where stage = {number} and on_day is not null"
                    )
        looked_at = [
            each
            for each in mine
            if not aggregate_sql.is_plain(each)
            and each.kind not in (TallyKind.MEASURE, TallyKind.LEVEL)
            and {numbers.get(str(name)) for name in (each.stage, each.name, each.to_stage) if name}
            & touched
        ]
        parts = [f"select *, '' as part from ({each}) p" for each in parts]
        if apart := {each.zone for each in looked_at if each.zone is not None}:
            zones.make_local_days(cursor, cache.home_of(cursor), sorted(apart))
        more = aggregate_sql.conditional(looked_at, numbers, self.described)
        if more.sql:
            parts.append(more.sql)
        if parts:
            cursor.execute(
                "insert into daily select aggregate, on_day, channel, sum(facts), sum(value), part "
                "from (select null::varchar as aggregate, null::date as on_day, "
                "null::varchar as channel, null::bigint as facts, null::decimal(38, 9) as value, "
                "null::varchar as part where false union all "
                f"{' union all '.join(parts)}) d where value is not null "
                "group by aggregate, on_day, channel, part "
                "having sum(facts) <> 0 or sum(value) <> 0",
                more.params,
            )

    def _always(self) -> Iterable[str]:
        """What is counted for receipts and screens whatever the plans ask for."""
        leads = aggregate_sql.LEADS + self.source + "\x1f" + self.thing
        yield (
            f"select {literal(leads)}, null, '', sum(case when side = 1 then 1 else -1 end), "
            "sum(case when side = 1 then 1 else -1 end) "
            "from (select distinct side, key from current_rows) k"
        )
        for prefix, kinds in (
            (aggregate_sql.RECORDED, "s.kind in ('lead', 'activity')"),
            (aggregate_sql.OUTCOMES, "s.kind not in ('lead', 'activity')"),
        ):
            yield (
                f"select {literal(prefix + self.source)}, c.on_day, '', c.leads, c.leads "
                "from cells c join stages s on s.stage = c.stage "
                f"where {kinds} and c.on_day is not null"
            )
        for prefix, columns, where in (
            (
                aggregate_sql.UNDATED,
                "null, '', c.leads, c.leads",
                "s.kind <> 'activity' and c.on_day is null",
            ),
            (
                aggregate_sql.ACTIVITY,
                "c.on_day, '', c.leads, c.leads",
                "s.kind = 'activity' and c.on_day is not null",
            ),
            (
                aggregate_sql.AMOUNT_OF,
                "c.on_day, '', c.amounts, c.amount",
                "c.amount is not null and c.on_day is not null",
            ),
        ):
            yield (
                f"select {literal(prefix)} || s.name, {columns} from cells c "
                f"join stages s on s.stage = c.stage where {where}"
            )

    def store(self, mapping: int | None) -> None:
        """Keep what was read in the cache's tables. `mapping` is that of an import applied."""
        cursor = self.cursor
        cache.add_own(cursor, self.own)
        cache.add_attributes(cursor, [each for each in self.described if each not in FIELDS])
        if self.replaces:
            for rows in ("events", "leads", "contested"):
                cursor.execute(f"delete from {rows} where key in (select key from touched)")
        elif self.known:
            cursor.execute(
                "insert into contested select distinct o.key, i.mapping from ("
                "select key, import_id from old_events union select key, import_id from old_leads"
                f") o join imports i on i.import_id = o.import_id where i.mapping = {mapping} "
                f"and o.key not in (select key from contested where mapping = {mapping})"
            )
        where = "where key in (select key from touched)" if self.known else ""
        for rows, columns in self._tables():
            names = ", ".join(quoted(each) for each in columns)
            cursor.execute(f"insert into {rows} ({names}) select {names} from new_{rows} {where}")
        if self.replaces:
            cursor.execute(
                "insert into contested select key, mapping from ("
                "select distinct n.key, n.import_id, i.mapping from ("
                "select key, import_id from new_events union select key, import_id from new_leads"
                ") n join imports i on i.import_id = n.import_id) s "
                "group by key, mapping having count(*) > 1"
            )


_TYPES = {**COLUMNS[EVENTS], "key": "ubigint", "import_id": "integer", "stage": "smallint"}


def _null(column: str) -> str:
    """SQL for a column in which nothing is stated."""
    return f"cast(null as {_TYPES.get(column, 'varchar')}) as {quoted(column)}"
