"""Threads, processes and kills: what is committed is whole, and in one order for all."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from sqlalchemy import create_engine, text

from kpi_core.records import Records, StoreError, open_records
from kpi_core.records.changes import Change, changes_since
from kpi_core.records.small_facts import small
from tests.conftest import ROOT
from tests.records.imports import NOW, commit, flags

KILLS = 5


@contextmanager
def importer(url: str, imports: int, issues: int) -> Iterator[subprocess.Popen[str]]:
    """Another process that commits imports; it has begun with the first."""
    arguments = ["-m", "tests.records.imports", url, str(imports), str(issues)]
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        yield process
        process.kill()


def test_threads_write_one_after_another(records: Records) -> None:
    threads = [
        Thread(target=lambda: [commit(records, issues=flags([2])) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.import_id for record in records.imports()] == [*range(40, 0, -1)]
    assert records.data_version() == 40


def test_another_process_raises_the_data_version(url: str) -> None:
    records = open_records(url)
    seen: list[Change] = []
    with importer(url, 20, 10) as process:
        for _ in range(20):
            commit(records)
        while process.poll() is None or len(seen) < 40:
            with records.reading() as conn:
                # What is read once is never joined by something earlier.
                seen += changes_since(conn, seen[-1].id if seen else 0)
            assert records.data_version() >= len(seen)
    assert [change.import_id for change in seen] == [*range(1, 41)]
    with records.reading() as conn:
        assert changes_since(conn, 0) == seen
    records.close()


def test_one_snapshot_holds_for_all_selects_during_a_commit(records: Records) -> None:
    commit(records, small={"events": {"line": [1]}})
    with records.reading() as conn:
        before = len(changes_since(conn, 0))
        commit(records, small={"events": {"line": [1]}})
        assert len(small(conn)) == before == len(changes_since(conn, 0)) == 1
    with records.reading() as conn:
        assert len(small(conn)) == 2


def test_readers_see_a_change_after_its_commit(records: Records) -> None:
    with records.writing() as conn:
        conn.execute(text("update counters set value = 7"))
        with records.reading() as other:
            assert other.scalar(text("select value from counters")) == 0
    with records.reading() as conn:
        assert conn.scalar(text("select value from counters")) == 7


def test_a_reader_cannot_write_in_postgresql(postgres_url: str) -> None:
    records = open_records(postgres_url)
    with pytest.raises(StoreError, match="read_only"), records.reading() as conn:
        conn.execute(text("update counters set value = 7"))
    records.close()


@pytest.mark.slow
def test_a_killed_writer_leaves_all_of_an_import_or_none(url: str) -> None:
    records = open_records(url)
    with importer(url, 1, 20_000) as process:
        started = time.monotonic()
        assert process.wait(60) == 0
        seconds = time.monotonic() - started
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    for _ in range(KILLS):
        with importer(url, 1, 20_000):
            time.sleep(chance.uniform(0, seconds))
    found = records.imports()
    whole = [(record.flagged, len(records.issues(record.import_id, 30_000))) for record in found]
    assert set(whole) == {(20_000, 20_000)}, f"seed {seed}"
    with records.reading() as conn:
        assert len(small(conn)) == len(changes_since(conn, 0)) == len(found) == len(records.audit())
    commit(records)
    records.close()


def test_a_writer_of_another_program_is_a_sentence(url: str) -> None:
    records = open_records(url)
    engine = create_engine(url)
    with engine.connect() as holder:
        if holder.dialect.name == "sqlite":
            holder.connection.cursor().execute("begin exclusive")
        else:
            holder.execute(text("select pg_advisory_xact_lock(1802529119)"))
        with pytest.raises(StoreError) as caught, records.writing(patience=0.2):
            pass
        assert caught.value.code == "locked"
        assert caught.value.params["path"] == records.path
        assert records.imports() == ()
    engine.dispose()
    assert records.first_time("x", now=NOW)
    records.close()
