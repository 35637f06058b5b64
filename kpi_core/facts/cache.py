"""The cache: what follows from facts and records, in one DuckDB file that can be rebuilt."""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from kpi_core.facts.batch import ATTRIBUTE, COLUMNS, EVENTS, FIELDS
from kpi_core.records.errors import StoreError, invalidates, translated
from kpi_core.records.stages import StageRow
from kpi_core.records.workspace import DEFAULT_ZONE
from kpi_core.sql_text import quoted

_log = logging.getLogger(__name__)

VERSION = f"4 {duckdb.__version__}"
"""Of the tables below and of DuckDB, whose hashes are in them. With another it is rebuilt."""

MEMORY = "900MB"

RENEWALS = 100
"""How often a damaged file is tried to be replaced while it is in use, every 50 ms."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Nothing is fetched from the network, whatever a file pretends to be.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": MEMORY,
    "preserve_insertion_order": False,
}

OWN = ("amount", "quality", *FIELDS)
"""What an event states of itself, beside its stage and time."""

ACTIVITIES_FROM = 1_000
"""Activities are numbered from here on, stages below."""
ACTIVITY_BIT = 62

WEEK = "week"
"""The kind of the rows of `coverage` that name a week in which a source was imported."""

_TABLES = """
create table meta (name varchar primary key, value varchar not null);

-- Stages as records have them, and every activity that was imported. Stages of a slot exclude each
-- other and share a bit.
create table stages (
    stage smallint not null,
    name varchar not null,
    kind varchar not null,
    slot varchar not null,
    position smallint not null,
    bit bigint not null
);

create table mappings (mapping integer not null, source varchar, thing varchar, name varchar);

-- Imports whose facts count, and how their rows are read. `sequence` orders them: by data through,
-- then by number. `history`: a row is an event; `follows`: with an older history of its mapping.
create table imports (
    import_id integer not null,
    source varchar not null,
    thing varchar not null,
    sequence bigint not null,
    mapping integer not null,
    only_mapping boolean not null,
    continues boolean not null,
    history boolean not null,
    follows boolean not null,
    first_event timestamp,
    through timestamp not null,
    breakdown varchar not null,
    adds boolean not null
);

-- What imports say of leads, but for what says the same again. A key is the hash of source, thing
-- and id. Amounts, fields and attributes get a column once they are stated. All times are on the
-- clock of the workspace's zone; midnight sharp is a date alone.
create table events (
    key ubigint not null,
    import_id integer not null,
    line bigint not null,
    stage smallint not null,
    occurred_at timestamp,
    withdrawn boolean not null
);

create table leads (
    key ubigint not null,
    import_id integer not null,
    line bigint not null,
    channel varchar,
    campaign varchar,
    owner varchar,
    account varchar
);

-- Leads of which several imports of a mapping say different things.
create table contested (key ubigint not null, mapping integer not null);

create table numbers (
    source varchar not null,
    name varchar not null,
    is_stage boolean not null,
    day date not null,
    channel varchar not null,
    value double not null,
    import_id integer not null,
    line bigint not null
);

-- Up to when the imports of a source tell of a stage, an activity or a measure; as a "week" each
-- in which one came.
create table coverage (
    what varchar not null,
    name varchar not null,
    source varchar not null,
    through timestamp not null,
    primary key (what, name, source)
);

-- The aggregates that are in `daily`.
create table aggregates (key varchar not null, document varchar not null);

-- What each aggregate adds up to, and of how many facts; rows of one cell are summed. `day` is null
-- where none is known. `part`: of a cohort the day on which the later stage was reached, of a level
-- the source, else empty.
create table daily (
    aggregate varchar not null,
    day date,
    channel varchar not null,
    facts bigint not null,
    value decimal(38, 9) not null,
    part varchar not null default ''
);
"""


@dataclass
class Cache:
    """One process's connection to the file. Safe for many threads: each use has its cursor."""

    path: Path
    is_damaged: bool = False
    _connection: DuckDBPyConnection | None = None
    _closed: bool = False
    _opener: Lock = field(default_factory=Lock)

    def open(self, stages: Iterable[StageRow], identity: str, zone: str) -> bool:
        """Open the file, made again where it is damaged, of another version or of other records.

        Returns whether it was made again, and so is empty. StoreError where another process has it.
        """
        try:
            self._connection = duckdb.connect(self.path, config=_SETTINGS)
            known = dict(self._connection.execute("select name, value from meta").fetchall())
            self._connection.execute("select count(*) from daily").fetchall()
            made = (known.get("version"), known.get("identity"), known.get("zone"))
            fresh = made != (VERSION, identity, zone)
            fresh = fresh or "rebuilding" in known
        except duckdb.Error as error:
            problem = translated(error, str(self.path))
            if problem is not None and problem.code in ("locked", "no_permission", "disk_full"):
                raise problem from error
            fresh = True
        except UnicodeDecodeError:
            fresh = True
        if fresh:
            self._start_anew(stages, identity, zone)
        return fresh

    def renew(self, stages: Iterable[StageRow], identity: str, zone: str) -> None:
        """Make the file again, empty; StoreError where others still hold the old one."""
        with self._opener:
            for _ in range(RENEWALS):
                self._discard()
                if not self._is_in_use():
                    break
                time.sleep(0.05)
            else:
                raise StoreError("cache_damaged", path=str(self.path))
            self._start_anew(stages, identity, zone)
            self.is_damaged = False

    def _is_in_use(self) -> bool:
        """Whether a cursor of the removed file is open: then DuckDB goes on with that file."""
        try:
            self._connection = duckdb.connect(self.path, config=_SETTINGS)
            return bool(self._connection.execute("show tables").fetchall())
        except duckdb.Error as error:
            if invalidates(error):
                return True
            raise translated(error, str(self.path)) or error from error

    def _start_anew(self, stages: Iterable[StageRow], identity: str, zone: str) -> None:
        self._discard()
        if self.path.is_dir():
            raise StoreError("not_a_store", path=str(self.path))
        try:
            self._connection = duckdb.connect(self.path, config=_SETTINGS)
            self.path.chmod(0o600)
            self._make(stages, zone)
            self._connection.execute(
                "insert into meta values ('version', ?), ('identity', ?)", [VERSION, identity]
            )
        except duckdb.Error as error:
            raise translated(error, str(self.path)) or error from error

    def close(self) -> None:
        """Release the file; later uses are refused. A damaged one is removed."""
        with self._opener:
            self._closed = True
            if self.is_damaged:
                self._discard()
            elif self._connection is not None:
                self._connection.close()
            self._connection = None

    @contextmanager
    def cursor(self) -> Iterator[DuckDBPyConnection]:
        """A cursor of one's own: it sees what was committed when its query began."""
        connection = None
        try:
            connection = self._connected()
            with connection.cursor() as cursor:
                yield cursor
        except duckdb.Error as error:
            if connection is not None and invalidates(error):
                with self._opener:
                    if self._connection is connection:
                        connection.close()
                        self._connection = None
            problem = translated(error, str(self.path))
            if problem is not None and problem.code == "damaged" and self._is_named_in(error):
                self.is_damaged = True
                problem = StoreError("cache_damaged", path=str(self.path))
            raise problem or error from error

    def _is_named_in(self, error: duckdb.Error) -> bool:
        """Whether an error is about this file, rather than one that is read from it."""
        return str(self.path) in str(error) or "corrupt database file" in str(error).lower()

    def _connected(self) -> DuckDBPyConnection:
        with self._opener:
            if self._closed:
                raise StoreError("closed", path=str(self.path))
            if self._connection is None:
                self._connection = duckdb.connect(self.path, config=_SETTINGS)
            return self._connection

    def _discard(self) -> None:
        """Remove the file: everything in it can be rebuilt."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _make(self, stages: Iterable[StageRow], zone: str) -> None:
        assert self._connection is not None
        with transaction(self._connection) as cursor:
            make(cursor, stages, zone)


def make(cursor: DuckDBPyConnection, stages: Iterable[StageRow], zone: str = DEFAULT_ZONE) -> None:
    """Make the empty tables of a workspace whose zone this is."""
    cursor.execute(_TABLES)
    add_stages(cursor, stages)
    set_meta(cursor, "change", "0")
    set_meta(cursor, "zone", zone)


@contextmanager
def transaction(cursor: DuckDBPyConnection) -> Iterator[DuckDBPyConnection]:
    """Everything in it, or nothing."""
    cursor.execute("begin")
    try:
        yield cursor
        cursor.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back already
            cursor.execute("rollback")
        raise


def meta(cursor: DuckDBPyConnection, name: str) -> str | None:
    """What the cache remembers by a name."""
    rows = cursor.execute("select value from meta where name = ?", [name]).fetchall()
    return rows[0][0] if rows else None


def home_of(cursor: DuckDBPyConnection) -> str:
    """The zone on whose clock the cache's times are."""
    return meta(cursor, "zone") or DEFAULT_ZONE


def set_meta(cursor: DuckDBPyConnection, name: str, value: str) -> None:
    """Remember it."""
    cursor.execute("insert or replace into meta values (?, ?)", [name, value])


def add_stages(cursor: DuckDBPyConnection, stages: Iterable[StageRow]) -> None:
    """Number the stages that are new, in their order."""
    known = {
        name: row
        for name, *row in cursor.execute(
            "select name, stage, slot, bit from stages where kind <> 'activity'"
        ).fetchall()
    }
    slots = {slot: bit for _, slot, bit in known.values() if slot}
    numbers = [int(stage) for stage, _, _ in known.values()]
    bits = [int(bit) for _, _, bit in known.values()]
    for each in stages:
        if each.name in known:
            continue
        number = max(numbers, default=-1) + 1
        slot = slot_of(each)
        bit = slots.get(slot) if slot else None
        if bit is None:
            bit = max(bits, default=0) * 2 or 1
        if slot:
            slots[slot] = bit
        numbers.append(number)
        bits.append(bit)
        cursor.execute(
            "insert into stages values (?, ?, ?, ?, ?, ?)",
            [number, each.name, each.kind, slot, each.position, bit],
        )


def slot_of(stage: StageRow) -> str:
    """Outcomes at one place of the funnel exclude each other."""
    if stage.kind != "outcome":
        return ""
    return f"outcome {stage.position}"


def stage_numbers(cursor: DuckDBPyConnection) -> dict[str, int]:
    """The number of each stage and activity by its name."""
    return {
        name: int(stage)
        for name, stage in cursor.execute("select name, stage from stages").fetchall()
    }


def attributes(cursor: DuckDBPyConnection) -> list[str]:
    """The columns of `leads` that hold attributes."""
    columns = cursor.execute("describe leads").fetchall()
    return [name for name, *_ in columns if name.startswith(ATTRIBUTE)]


def add_attributes(cursor: DuckDBPyConnection, names: Iterable[str]) -> None:
    """Give `leads` the columns of attributes that it lacks."""
    for name in names:
        cursor.execute(f"alter table leads add column if not exists {quoted(name)} varchar")


def own(cursor: DuckDBPyConnection) -> list[str]:
    """The columns of `events` in which one states something of itself."""
    columns = {name for name, *_ in cursor.execute("describe events").fetchall()}
    return [name for name in OWN if name in columns]


def add_own(cursor: DuckDBPyConnection, names: Iterable[str]) -> None:
    """Give `events` the columns that it lacks."""
    for name in names:
        kind = COLUMNS[EVENTS][name]
        cursor.execute(f"alter table events add column if not exists {name} {kind}")


def described(cursor: DuckDBPyConnection) -> list[str]:
    """All that is stated of a lead: fields and attributes."""
    return [*FIELDS, *attributes(cursor)]


def one(cursor: DuckDBPyConnection, sql: str, params: Any = None) -> Any:
    """The one value that answers a question."""
    rows = cursor.execute(sql, params or []).fetchall()
    return rows[0][0] if rows else None
