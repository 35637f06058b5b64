"""The relations that questions read, as Parquet files: full of ties, blanks and contradictions."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import duckdb
import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.facts import cache, zones
from kpi_core.facts.queries import query
from kpi_core.records.stages import StageRow
from tests.facts.files import at

LEADS, LINES = 1_200, 1_500
"""How many leads there are, and how many lines each import has."""

OWN_STAGES = (
    StageRow("demo_held", 2, "lead"),
    StageRow("paused", 4, "outcome"),
    StageRow("upsold", 5, "repeating"),
)
STAGES = (
    StageRow("lead", 0, "lead"),
    StageRow("marketing_qualified", 1, "lead"),
    StageRow("sales_qualified", 2, "lead"),
    StageRow("opportunity", 3, "lead"),
    StageRow("lost", 4, "outcome"),
    StageRow("won", 4, "outcome"),
    StageRow("churned", 5, "outcome"),
    StageRow("renewed", 5, "repeating"),
    *OWN_STAGES,
)
ACTIVITIES = {1000: "login", 1001: "社内研修"}

NEWEST, NEWEST_NUMBERS = 7, 14
"""The imports that are compared with what was current before them."""


class Import(NamedTuple):
    """A row of `imports`."""

    import_id: int
    source: str
    thing: str
    sequence: int
    mapping: int
    only_mapping: bool = False
    continues: bool = False
    history: bool = False
    follows: bool = False
    first_event: datetime | None = None
    through: datetime = at("06-30")
    breakdown: str = ""
    adds: bool = False


_SECOND_HISTORY = at("03-29 02:30")
IMPORTS = (
    Import(1, "crm", "lead", 10, 1, through=at("03-29 02:30")),
    Import(2, "crm", "lead", 20, 2, False, True, True, False, at("2024-01-01")),
    Import(3, "crm", "lead", 60, 1, through=at("10-25 02:30")),
    Import(4, "crm", "lead", 40, 2, False, True, True, True, _SECOND_HISTORY),
    Import(5, "crm", "lead", 50, 3, continues=True),
    Import(6, "crm", "lead", 30, 4),
    Import(NEWEST, "crm", "lead", 70, 1, through=at("10-25 02:30")),
    Import(8, "shop", "account", 15, 5, only_mapping=True),
    Import(9, "shop", "account", 25, 5, only_mapping=True),
    Import(11, "ads", "lead", 1, 6, breakdown="channel"),
    Import(12, "ads", "lead", 2, 6),
    Import(13, "ads", "lead", 3, 6, breakdown="campaign", adds=True),
    Import(NEWEST_NUMBERS, "ads", "lead", 4, 6, breakdown="channel"),
)

CLOCKS = tuple(
    at(text)
    for text in (
        # Both sides of Berlin's and New York's changes, and what lies between them.
        *("2026-03-29 01:59:59", "2026-03-29 02:00", "2026-03-29 02:30", "2026-03-29 03:00"),
        *("2026-10-25 01:59:59", "2026-10-25 02:30", "2026-10-25 03:00", "2026-10-25 23:59:59"),
        *("2026-03-08 02:30", "2026-11-01 01:30", "2026-03-29 00:00", "2026-10-25 00:00"),
        # Ends of days, months, years and business months.
        *("2026-04-20 23:59:59.999999", "2026-04-21 00:00", "2026-04-30 23:59:59", "2026-05-01"),
        *("2024-02-29 12:00", "2025-12-31 23:59:59.999999", "2026-01-01", "2026-01-31 09:00"),
    )
)
CHANNELS = (None, None, "web", "Web ", "ＷＥＢ", "event", "", "紹介")
ROLES = (None, "Chief", "ＣＨＩＥＦ", "manager", "O'Neil \\ Söhne", "担当　者", "")
SIZES = (None, "1,200", "12.5", " ３０ ", "５．５", "-3", "n/a", "", "0", "1200.000000001", "30")
ZONES = ("America/New_York", "Asia/Tokyo")
"""In whose days something is added up, beside those of the workspace."""
AGGREGATES = ("a", "b", "it's")

_RELATIONS = {
    "said_events": "select 1 as side, * from events union all select 0 as side, * from events "
    f"where import_id <> {NEWEST}",
    "resolved": query("current"),
    "current_rows": "select r.*, d.attr_role, d.attr_size from resolved r "
    "left join described d on d.key = r.key",
    "new_events": "select * from events",
    "touched": f"select distinct key from events where import_id = {NEWEST} and key % 4 <> 0",
    "said_numbers": "select 1 as side, * from numbers union all select 0 as side, * from numbers "
    f"where import_id <> {NEWEST_NUMBERS}",
    "current_numbers": query("numbers"),
    "new_numbers": f"select * from numbers where import_id = {NEWEST_NUMBERS}",
}


def write(folder: Path) -> None:
    """Write each relation into a file of its name."""
    random = Random(20260329)
    with duckdb.connect() as cursor:
        cache.make(cursor, STAGES)
        cache.add_own(cursor, cache.OWN)
        _fill(cursor, random)
        for name, sql in _RELATIONS.items():
            cursor.execute(f"create table {name} as {sql}")
        zones.make_local_days(cursor, "Europe/Berlin", ZONES)
        for name in (*_RELATIONS, "stages", "imports", "daily", "coverage", "local_days"):
            columns = [row[0] for row in cursor.execute(f"describe {name}").fetchall()]
            # Spark has no unsigned integers: a key is a number of 20 digits.
            key = "replace (cast(key as decimal(20, 0)) as key)" if "key" in columns else ""
            cursor.execute(
                f"copy (select * {key} from {name}) to '{folder / name}.parquet' (format parquet)"
            )


def _fill(cursor: DuckDBPyConnection, random: Random) -> None:
    """Fill the tables of the cache."""
    for number, name in ACTIVITIES.items():
        cursor.execute(
            "insert into stages values (?, ?, 'activity', '', 0, ?)",
            [number, name, 1 << (cache.ACTIVITY_BIT - 1)],
        )
    leads = [random.getrandbits(64) for _ in range(LEADS)]
    described = [(key, random.choice(ROLES), random.choice(SIZES)) for key in leads]
    coverage = [
        (what, name, source, random.choice(CLOCKS))
        for what, name in (("stage", "won"), ("stage", "demo_held"), ("activity", "社内研修"))
        for source in ("crm", "shop")
    ]
    cursor.execute("create table described (key ubigint, attr_role varchar, attr_size varchar)")
    for table, rows in {
        "imports": IMPORTS,
        "described": described,
        "coverage": coverage,
        "events": _events(cursor, random, leads),
        "numbers": _numbers(random),
        "daily": _daily(random),
    }.items():
        names = [row[0] for row in cursor.execute(f"describe {table}").fetchall()]
        cursor.register("rows", pd.DataFrame(rows, columns=names, dtype=object))
        cursor.execute(f"insert into {table} select * from rows")
        cursor.unregister("rows")


def _events(
    cursor: DuckDBPyConnection, random: Random, leads: list[int]
) -> Iterator[tuple[Any, ...]]:
    numbers = cache.stage_numbers(cursor)
    outcomes = [numbers[each.name] for each in STAGES if each.kind == "outcome"]
    others = [numbers[each.name] for each in STAGES if each.kind != "outcome"]
    for each in IMPORTS[:9]:
        mine = leads[900:] if each.source == "shop" else leads[:900]
        for line in range(1, LINES + 1):
            key = random.choice(mine)
            if each.continues:
                stages = [random.choice([*others, *outcomes, *outcomes, *ACTIVITIES, *ACTIVITIES])]
            else:
                stages = random.sample(others, 1) + random.sample(outcomes, random.randrange(3))
            # Outcomes of one line are tied: on one day, or both blank.
            moment, is_blank = _moment(random), random.random() < 0.2
            for stage in stages:
                is_withdrawn = is_blank and (each.continues or stage in outcomes)
                occurred = None if is_withdrawn or random.random() < 0.05 else moment
                if each.follows and occurred is not None:
                    occurred = max(occurred, _SECOND_HISTORY)
                yield (
                    *(key, each.import_id, line, stage, occurred, is_withdrawn),
                    random.choice((None, None, 0.0, 0.1, -20.5, 1234567.89)),
                    random.choice((None, None, 1.5, 80.0)),
                    random.choice(CHANNELS),
                    random.choice((None, None, "spring", "autumn")),
                    random.choice((None, "Ann", "ann", "佐藤")),
                    random.choice((None, "a-1", "a-2")),
                )

    for line in range(LINES + 1, LINES + 10):
        # A lead of whom nothing is known but nine activities.
        yield (0, 5, line, 1000, _moment(random), False, *[None] * 6)


def _moment(random: Random) -> datetime:
    if random.random() < 0.5:
        return random.choice(CLOCKS)
    return at("01-01") + timedelta(hours=random.randrange(24 * 300))


def _numbers(random: Random) -> Iterator[tuple[Any, ...]]:
    for each in IMPORTS[9:]:
        for line in range(1, LINES + 1):
            name, is_stage = random.choice((("cost", False), ("visits", False), ("won", True)))
            yield (
                *(each.source, name, is_stage, date(2026, 1, 1) + timedelta(random.randrange(90))),
                random.choice(("", "web", "event", "紹介")) if each.breakdown else "",
                random.choice((0.0, 1.5, 250.25)),
                *(each.import_id, line),
            )


def _daily(random: Random) -> Iterator[tuple[Any, ...]]:
    days = [None, *(date(2026, 3, 1) + timedelta(days) for days in range(60))]
    for _ in range(LINES):
        name = random.choice((*AGGREGATES, "undated:won", "undated:wonder", "100%_"))
        sign = random.choice((1, 1, 1, -1))
        cell = (name, random.choice(days), random.choice(("", "web", "紹介")))
        part = random.choice(("", "", "2026-04-09", "crm"))
        yield (*cell, sign, sign * random.choice((0, 1, 0.1, 99999.5)), part)
