"""One change of what is current: an import applied, or a set of leads read again from the log."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.facts import cache, tally_sql
from kpi_core.facts.batch import ATTRIBUTE, COLUMNS, EVENTS, FIELDS, LEADS
from kpi_core.facts.sql import literal, query, quoted

AT_A_TIME = 2_000_000
"""Rows that are resolved at once: this bounds memory, and is how often progress is reported."""
_KEYS = 1 << 64

OWN = ("amount", "quality", *FIELDS)
"""What an event states of itself, beside its stage and time."""


@dataclass(frozen=True)
class Statements:
    """Rows that say something of leads of one source: SQL, to follow `from`, and their columns."""

    kind: str
    relation: str
    columns: tuple[str, ...]


@dataclass
class Change:
    """The comparison of two states of some leads of a source; afterwards the new one is kept.

    Temporary tables: `old_events`, `old_leads` are what the cache has of the touched leads,
    `new_events`, `new_leads` what is added, or, where `replaces`, what takes its place.
    `current_rows` is what is current of them: side 0 before, side 1 after.
    """

    cursor: DuckDBPyConnection
    source: str
    thing: str
    replaces: bool = False
    check: Callable[[], None] = field(default=lambda: None)
    described: list[str] = field(default_factory=list)

    # --- what is stated ---

    def read(self, statements: Iterable[Statements], where: str = "") -> None:
        """Make `new_events` and `new_leads` of statements; `where` chooses rows by their `key`."""
        given: dict[str, list[Statements]] = {EVENTS: [], LEADS: []}
        for each in statements:
            given[each.kind].append(each)
        self._number_activities(given[EVENTS])
        attributes = dict.fromkeys(
            name for each in given[LEADS] for name in each.columns if name.startswith(ATTRIBUTE)
        )
        self._create("new_events", [self._events(each, where) for each in given[EVENTS]], (
            "key", "import_id", "line", "stage", "occurred_at", "withdrawn", *OWN))
        self.described = [*FIELDS, *dict.fromkeys([*cache.attributes(self.cursor), *attributes])]
        self._create("new_leads", [self._leads(each, where) for each in given[LEADS]], (
            "key", "import_id", "line", *self.described))

    def _create(self, name: str, selects: Sequence[str], columns: Sequence[str]) -> None:
        empty = ", ".join(f"cast(null as {_TYPES.get(each, 'varchar')}) as {quoted(each)}"
                          for each in columns)
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
        own = ", ".join(
            f"e.{each}" if each in has else f"cast(null as {_TYPES.get(each, 'varchar')}) as {each}"
            for each in OWN
        )
        withdrawn = "coalesce(e.withdrawn, false)" if "withdrawn" in has else "false"
        at = "e.occurred_at" if "occurred_at" in has else "cast(null as timestamp)"
        kind = "(s.kind = 'activity') = (e.activity is not null)" if "activity" in has else (
            "s.kind <> 'activity'")
        rows = f"select *, {self._key()} as key from {given.relation}"
        return (
            f"select e.key, e.import_id, e.line, s.stage, {at} as occurred_at, "
            f"{withdrawn} as withdrawn, {own} from ({rows}) e join stages s on s.name = {name} "
            f"and {kind} where true {where}"
        )

    def _leads(self, given: Statements, where: str) -> str:
        chosen = ", ".join(
            f"e.{quoted(each)}" if each in given.columns else f"cast(null as varchar) as {quoted(each)}"
            for each in self.described
        )
        rows = f"select *, {self._key()} as key from {given.relation}"
        return f"select e.key, e.import_id, e.line, {chosen} from ({rows}) e where true {where}"

    # --- which leads are touched ---

    def touch_all(self) -> None:
        """Every lead that is stated is touched."""
        self.cursor.execute(
            "create or replace temp table touched as "
            "select key from new_events union select key from new_leads"
        )

    def touch_differing(self, mapping: int) -> None:
        """Those of which the mapping has not said the same before, and nothing else since."""
        self.touch_all()
        stated = "key in (select key from touched)"
        contents = []
        for name, rows, columns in (
            ("event", "events", ("stage", "occurred_at", "withdrawn", *OWN)),
            ("lead", "leads", tuple(self.described)),
        ):
            missing = [] if name == "event" else [
                each for each in self.described if each not in cache.described(self.cursor)
            ]
            old = ", ".join("null" if each in missing else quoted(each) for each in columns)
            new = ", ".join(quoted(each) for each in columns)
            contents.append((
                f"select {{side}} as side, key, bit_xor(hash({old}, '{name}')) as content, "
                f"count(*) as row_count from {rows} where {stated} and import_id in "
                f"(select import_id from imports where mapping = {mapping}) group by key",
                f"select 1 as side, key, bit_xor(hash({new}, '{name}')) as content, "
                f"count(*) as row_count from new_{rows} group by key",
            ))
        parts = " union all ".join(part.format(side=0) for pair in contents for part in pair)
        self.cursor.execute(
            "create or replace temp table same as select key from ("
            "select side, key, bit_xor(content) as content, sum(row_count) as row_count "
            f"from ({parts}) p group by side, key) c group by key "
            "having count(*) = 2 and min(content) = max(content) and min(row_count) = max(row_count)"
        )
        self.cursor.execute(
            "delete from same where key in (select key from contested "
            f"where mapping = {mapping}) or key in (select e.key from events e join imports i "
            "on i.import_id = e.import_id join stages s on s.stage = e.stage "
            f"where s.kind = 'outcome' and i.mapping <> {mapping} and e.{stated})"
        )
        self.cursor.execute("delete from touched where key in (select key from same)")

    def touched(self) -> int:
        """How many leads are touched."""
        return int(cache.one(self.cursor, "select count(*) from touched"))

    # --- what is current of them, before and after ---

    def resolve(self, *, known: bool = True) -> None:
        """Make `current_rows`. Not `known`: the cache has nothing of the source."""
        cursor = self.cursor
        for rows in ("events", "leads"):
            cursor.execute(
                f"create or replace temp table old_{rows} as select * from {rows} "
                + ("where key in (select key from touched)" if known else "where false")
            )
        for name in self.described:
            cursor.execute(f"alter table old_leads add column if not exists {quoted(name)} varchar")
        after = [] if self.replaces else ["old"]
        for rows, columns in (
            ("events", ("key", "import_id", "line", "stage", "occurred_at", "withdrawn", *OWN)),
            ("leads", ("key", "import_id", "line", *self.described)),
        ):
            chosen = ", ".join(quoted(each) for each in columns)
            parts = [f"select 0 as side, {chosen} from old_{rows}"]
            parts += [f"select 1 as side, {chosen} from {of}_{rows}" for of in after]
            parts.append(
                f"select 1 as side, {chosen} from new_{rows} "
                "where key in (select key from touched)"
            )
            cursor.execute(
                f"create or replace temp view stated_{rows} as {' union all '.join(parts)}"
            )
        self._resolve()

    def resolve_all(self) -> None:
        """Make `current_rows` of all that the cache has of the source's thing, on side 1."""
        self.described = cache.described(self.cursor)
        mine = (
            "import_id in (select import_id from imports "
            f"where source = {literal(self.source)} and thing = {literal(self.thing)})"
        )
        for rows in ("events", "leads"):
            self.cursor.execute(
                f"create or replace temp view stated_{rows} as "
                f"select 1 as side, * from {rows} where {mine}"
            )
        self._resolve()

    def _resolve(self) -> None:
        total = int(cache.one(self.cursor, "select count(*) from stated_events"))
        slices = max(1, -(-total // AT_A_TIME))
        self.cursor.execute("drop table if exists current_rows")
        for place in range(slices):
            self.check()
            self._resolve_slice(place, slices)

    def _resolve_slice(self, place: int, slices: int) -> None:
        cursor = self.cursor
        first, beyond = _KEYS * place // slices, _KEYS * (place + 1) // slices
        within = "" if slices == 1 else f"where key between {first} and {beyond - 1}"
        cursor.execute(
            f"create or replace temp view said_events as select * from stated_events {within}"
        )
        cursor.execute(f"create or replace temp table plain as {query('plain')}")
        cursor.execute(
            "create or replace temp table resolved as select e.side, e.key, e.stage, "
            f"e.occurred_at, {', '.join(f'e.{each}' for each in OWN)} "
            "from said_events e join plain p on p.side = e.side and p.key = e.key "
            "where not e.withdrawn"
        )
        cursor.execute(
            "create or replace temp table unresolved as select e.* from said_events e "
            "anti join plain p on p.side = e.side and p.key = e.key"
        )
        if cache.one(cursor, "select 1 from unresolved limit 1"):
            cursor.execute("create or replace temp view said_events as from unresolved")
            cursor.execute(f"insert into resolved {query('current')}")
        self._describe(within)
        create = "insert into current_rows" if place else "create temp table current_rows as"
        fields = ", ".join(
            f"coalesce(r.{each}, d.{each}{', c.channel' if each == 'channel' else ''}) as {each}"
            for each in FIELDS
        )
        more = "".join(f", d.{quoted(each)}" for each in self.described if each not in FIELDS)
        cursor.execute(
            f"{create} select r.side, r.key, r.stage, r.occurred_at, r.amount, r.quality, "
            f"{fields}{more} from resolved r "
            "left join described_leads d on d.side = r.side and d.key = r.key "
            "left join first_channels c on c.side = r.side and c.key = r.key"
        )

    def _describe(self, within: str) -> None:
        """Make `described_leads` and, for events without a channel, `first_channels`."""
        cursor = self.cursor
        cursor.execute(
            f"create or replace temp view said_leads as select * from stated_leads {within}"
        )
        several = cache.one(
            cursor,
            "select 1 from said_leads group by side, key having count(*) > 1 limit 1",
        )
        if several:
            newest = ", ".join(
                f"max_by({quoted(each)}, case when {quoted(each)} is not null then said_order end) "
                f"as {quoted(each)}"
                for each in self.described
            )
            cursor.execute(
                f"create or replace temp table described_leads as select side, key, {newest} from ("
                "select l.*, cast(i.sequence as decimal(38, 0)) * 4294967296 - l.line as said_order "
                "from said_leads l join imports i on i.import_id = l.import_id) s "
                "group by side, key"
            )
        else:
            cursor.execute(
                "create or replace temp table described_leads as "
                "select * exclude (import_id, line) from said_leads"
            )
        if cache.one(cursor, "select 1 from resolved where channel is not null limit 1"):
            first = query("first_channel")
        else:
            first = "select side, key, channel from resolved where false"
        cursor.execute(f"create or replace temp table first_channels as {first}")

    # --- what follows ---

    def signed_cells(self) -> None:
        """Make `cells`: what changes per stage, day and channel, in leads, amount and quality."""
        sign = "case when side = 1 then 1 else -1 end"
        self.cursor.execute(
            "create or replace temp table cells as select stage, "
            "cast(occurred_at as date) as on_day, coalesce(channel, '') as channel, "
            f"sum({sign}) as leads, "
            f"sum({sign} * cast(amount as decimal(38, 9))) as amount, "
            f"sum(case when amount is not null then {sign} end) as amounts, "
            f"sum({sign} * cast(quality as decimal(38, 9))) as quality, "
            f"sum(case when quality is not null then {sign} end) as qualities "
            "from current_rows group by stage, cast(occurred_at as date), coalesce(channel, '')"
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
            if tally_sql.is_plain(each) and each.stage is not None and each.stage in numbers:
                number = numbers[each.stage]
                if number in touched:
                    parts.append(
                        f"select {literal(each.key)}, on_day, channel, "
                        f"{columns[each.kind]} from cells "
                        f"where stage = {number} and on_day is not null"
                    )
        looked_at = [
            each for each in mine
            if not tally_sql.is_plain(each) and each.kind is not TallyKind.MEASURE
            and {numbers.get(str(name)) for name in (each.stage, each.name, each.to_stage) if name}
            & touched
        ]
        more = tally_sql.conditional(looked_at, numbers, self.described)
        if more.sql:
            parts.append(more.sql)
        if parts:
            cursor.execute(
                "insert into daily select aggregate, on_day, channel, sum(facts), sum(value) from ("
                "select null::varchar as aggregate, null::date as on_day, null::varchar as channel,"
                " null::bigint as facts, null::decimal(38, 9) as value where false union all "
                f"{' union all '.join(parts)}) d where value is not null "
                "group by aggregate, on_day, channel having sum(facts) <> 0 or sum(value) <> 0",
                more.params,
            )

    def _always(self) -> Iterable[str]:
        """What is counted for receipts and screens whatever the plans ask for."""
        leads = tally_sql.LEADS + self.source + "\x1f" + self.thing
        yield (
            f"select {literal(leads)}, null, '', sum(case when side = 1 then 1 else -1 end), "
            "sum(case when side = 1 then 1 else -1 end) "
            "from (select distinct side, key from current_rows) k"
        )
        yield (
            f"select {literal(tally_sql.UNDATED)} || s.name, null, '', c.leads, c.leads from cells c "
            "join stages s on s.stage = c.stage where c.on_day is null and s.kind <> 'activity'"
        )
        yield (
            f"select {literal(tally_sql.ACTIVITY)} || s.name, c.on_day, '', c.leads, c.leads from cells c "
            "join stages s on s.stage = c.stage where s.kind = 'activity' and c.on_day is not null"
        )
        yield (
            f"select {literal(tally_sql.AMOUNT_OF)} || s.name, c.on_day, '', c.amounts, c.amount from cells c "
            "join stages s on s.stage = c.stage where c.amount is not null and c.on_day is not null"
        )

    def store(self, mapping: int | None) -> None:
        """Keep what was read in the cache's tables. `mapping` is that of an import applied."""
        cursor = self.cursor
        cache.add_attributes(cursor, [each for each in self.described if each not in FIELDS])
        if self.replaces:
            for rows in ("events", "leads", "contested"):
                cursor.execute(f"delete from {rows} where key in (select key from touched)")
        else:
            cursor.execute(
                "insert into contested select distinct o.key, i.mapping from ("
                "select key, import_id from old_events union select key, import_id from old_leads"
                f") o join imports i on i.import_id = o.import_id where i.mapping = {mapping} "
                f"and o.key not in (select key from contested where mapping = {mapping})"
            )
        events = ("key", "import_id", "line", "stage", "occurred_at", "withdrawn", *OWN)
        leads = ("key", "import_id", "line", *self.described)
        for rows, columns in (("events", events), ("leads", leads)):
            names = ", ".join(quoted(each) for each in columns)
            cursor.execute(
                f"insert into {rows} ({names}) select {names} from new_{rows} "
                "where key in (select key from touched)"
            )
        if self.replaces:
            cursor.execute(
                "insert into contested select key, mapping from ("
                "select distinct n.key, n.import_id, i.mapping from ("
                "select key, import_id from new_events union select key, import_id from new_leads"
                ") n join imports i on i.import_id = n.import_id) s "
                "group by key, mapping having count(*) > 1"
            )


_TYPES = {**COLUMNS[EVENTS], "key": "ubigint", "import_id": "integer", "stage": "smallint"}
