"""A store of the first schema, brought up to date with all that stood in it."""

import hashlib
from datetime import date
from pathlib import Path
from typing import cast

import duckdb
import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.storage.migrate import known_migrations, migrate
from kpi_core.storage.scripts import script
from kpi_core.storage.store import open_store

LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
WON = Tally(TallyKind.REACHED, stage=Stage.WON)
AMOUNT = Tally(TallyKind.AMOUNT, stage=Stage.WON)
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))

FACTS = """
insert into state values (1, 1);
insert into leads values (1, 'crm', 'A');
insert into imports
select
    n, 'crm', 'f.csv', 'h' || n, 'm', '', 1, 1, 0, 0, 1, 0, 0, 0, null, false,
    timestamp '2026-05-31', 'me', case when n = 3 then timestamp '2026-05-31' end, null
from range(1, 4) t(n);
insert into events
select n, 2, 'crm', 1, 'won', null, timestamp '2026-05-09', null, null, null, null, 100.0 * n, null
from range(1, 4) t(n);
insert into events values
    (1, 3, 'crm', 1, 'lead', null, timestamp '2026-05-01', 'web', null, null, null, null, null);
insert into kept values
    ('crm', 1, 'won', null, timestamp '2026-05-09', date '2026-05-09', 'web', null, null, null,
        null, 200.0, null),
    ('crm', 1, 'lead', null, timestamp '2026-05-01', date '2026-05-01', 'web', 'web', null, null,
        null, null, null);
"""
OUT = {
    "0001_facts": "e8be08a4df5e762b",
    "0002_lead_rows": "1d95d637f2883f3a",
    "0003_wall": "048d28e7a1efcb2d",
    "0004_echoes": "872b1925c95fda59",
}
"""The beginning of the SHA-256 of each step that somebody may have applied."""


def test_a_step_that_is_out_stays_as_it_is() -> None:
    """What is to be otherwise in the schema is a step of its own, below these."""
    found = {
        name: hashlib.sha256(script(f"migrations/{name}").encode()).hexdigest()[:16]
        for name in (f"{number:04d}_{name}" for number, name in known_migrations().items())
    }
    assert {name: found.get(name) for name in OUT} == OUT
    assert list(found)[: len(OUT)] == list(OUT)


def test_what_stood_in_a_store_of_the_first_schema_stands(tmp_path: Path) -> None:
    path = tmp_path / "kpi.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create table migrations (number integer not null, name varchar)")
        connection.execute(script("migrations/0001_facts"))
        connection.execute("insert into migrations values (1, 'facts')")
        connection.execute("delete from state")
        connection.execute(FACTS)
    store = open_store(path)
    store.register([AMOUNT])
    assert store.by_channel([LEADS, WON, AMOUNT], MAY) == {
        LEADS: {"web": 1.0},
        WON: {"web": 1.0},
        AMOUNT: {"web": 200.0},
    }
    now = store.imports()[0].imported_at
    store.undo(2, who="me", now=now)
    assert store.daily([AMOUNT], MAY)[AMOUNT] == {date(2026, 5, 9): 100.0}
    store.undo(1, who="me", now=now)
    assert (store.is_empty(), store.leads()) == (True, 0)
    store.close()


def test_a_commit_that_fails_is_what_is_told() -> None:
    """DuckDB has rolled back by then, and says so of the second time."""

    class Full:
        def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
            self.connection = connection

        def execute(self, sql: str, values: object = None) -> duckdb.DuckDBPyConnection:
            if sql == "commit":
                self.connection.execute("rollback")
                raise duckdb.IOException("No space left on device")
            return self.connection.execute(sql, values)

        def extract_statements(self, sql: str) -> list[duckdb.Statement]:
            return self.connection.extract_statements(sql)

    with duckdb.connect() as connection, pytest.raises(duckdb.IOException, match="No space left"):
        migrate(cast(duckdb.DuckDBPyConnection, Full(connection)), [1])
