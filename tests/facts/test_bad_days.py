"""Kills, full disks, files that are missing: nothing acknowledged is lost or doubled.

`make baddays` tries each as often as the count says; the gate tries a few of them.
"""

import copy
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_core.facts import applying, batch_importer, maintainer, shared_cache
from kpi_core.facts.batch import KINDS
from kpi_core.facts.store import Store, open_store
from kpi_core.records import database, fact_files, ledger, small_facts
from kpi_core.records.errors import StoreError
from tests.conftest import ROOT, on_small_disk
from tests.facts import killed
from tests.facts.batches import batch
from tests.facts.conftest import FolderMaker
from tests.facts.files import NOW, File, leads, row
from tests.facts.killed import ANSWERS, POINTS, large, some_file
from tests.facts.oracle import Import, current
from tests.facts.test_laws import answers, expected

FULL = "KPI_BAD_DAYS" in os.environ
TIMES = int(os.environ.get("KPI_BAD_DAYS") or 1)
RANDOM_KILLS = 50 if FULL else 3
SECONDS = 60.0 if FULL else 3.0
unix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGKILL and no forkserver"
)


@dataclass
class Heard:
    """What processes said of themselves."""

    files: dict[str, File] = field(default_factory=dict)
    """by hash: all that were begun"""
    imported: set[int] = field(default_factory=set)
    undone: set[int] = field(default_factory=set)
    undoing: set[int] = field(default_factory=set)
    """begun; it may or may not have been undone"""
    words: Counter[str] = field(default_factory=Counter)

    def listen(self, said: tuple[Any, ...]) -> None:
        match said:
            case ("imports", seed):
                file = some_file(seed)
                self.files[file.content_hash] = file
            case ("imported", import_id):
                self.imported.add(import_id)
            case ("undoes", import_id):
                self.undoing.add(import_id)
            case ("undone", import_id):
                self.undone.add(import_id)
        self.words[said[0]] += 1

    def drain(self, theirs: Connection) -> None:
        """Listen until the other end is closed."""
        try:
            while True:
                self.listen(theirs.recv())
        except (EOFError, ConnectionResetError):
            theirs.close()


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.facts.killed"])
    return context


@pytest.fixture
def folder(fresh_folder: FolderMaker) -> Iterator[Path]:
    """The folder of a store without facts."""
    with fresh_folder() as path:
        yield path


@pytest.fixture(scope="module")
def filled_once(fresh_folder: FolderMaker) -> Iterator[tuple[Path, Heard]]:
    heard = Heard()
    with fresh_folder() as path, pytest.MonkeyPatch.context() as patched:
        patched.setattr(batch_importer, "SMALL", killed.SMALL)
        store = open_store(path)
        for seed in killed.files_of_each_kind():
            heard.listen(("imports", seed))
            heard.listen(("imported", put(store, some_file(seed))))
        store.close()
        yield path, heard


@pytest.fixture
def filled(filled_once: tuple[Path, Heard], tmp_path: Path) -> tuple[Path, Heard]:
    """The folder of a closed store with a file of each kind, and what it says."""
    shutil.copytree(filled_once[0], tmp_path / "data")
    return tmp_path / "data", copy.deepcopy(filled_once[1])


def put(store: Store, file: File) -> int:
    receipt = store.commit(batch(file), who="me", now=NOW, decisions=ANSWERS)
    assert receipt.import_id is not None
    return receipt.import_id


@contextmanager
def refused(code: str, path: Path | str) -> Iterator[None]:
    with pytest.raises(StoreError) as caught:
        yield
    assert (caught.value.code, caught.value.params["path"]) == (code, str(path))


def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


# --- what must hold after every bad day ---


def check(folder: Path, heard: Heard, *, anew: bool = False) -> None:
    """Opened again: ledger = log = what is shown, and all that was acknowledged is in it once."""
    if anew:
        (folder / "cache.duckdb").unlink(missing_ok=True)
    store = open_store(folder)
    try:
        check_open(store, heard)
    finally:
        store.close()


def check_open(store: Store, heard: Heard) -> None:
    records = store.imports()
    assert store.problems == ()
    assert heard.imported <= {each.import_id for each in records}
    is_undone = {each.import_id for each in records if not each.is_current}
    assert heard.undone <= is_undone <= heard.undone | heard.undoing
    files = {each.import_id: heard.files[each.content_hash] for each in records}
    current_hashes = [
        each.content_hash for each in records if each.is_current and each.repeats is None
    ]
    assert len(current_hashes) == len(set(current_hashes))
    assert all(each.is_applied for each in records)
    assert store.data_version() == store.records.data_version()
    check_log(store, files)
    repeats = {each.import_id: each.repeats for each in records}
    state = current(
        Import(
            each.import_id, files[each.import_id], each.data_through, each.ranks_at,
            repeats[each.import_id] or each.import_id,
        )
        for each in records
        if each.is_current
    )  # fmt: skip
    assert answers(store) == expected(state)


def check_log(store: Store, files: dict[int, File]) -> None:
    """Each import's rows are in the log once: in files, or beside its ledger row."""
    with store.records.reading() as conn:
        noted = fact_files.files(conn)
        small = small_facts.small(conn)
        repeats = {each.import_id for each in ledger.imports(conn) if each.repeats is not None}
    found: Counter[tuple[int, str]] = Counter()
    for each in small:
        found[each.import_id, each.kind] += len(next(iter(each.columns.values())))
    for file in noted:
        assert store.cache.log.problem(file, thorough=True) is None
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select import_id, count(*) from read_parquet(?) group by import_id",
                [str(store.data / file.path)],
            ).fetchall()
        assert sum(count for _, count in rows) == file.rows
        for import_id, count in rows:
            found[import_id, file.kind] += count
    wanted: Counter[tuple[int, str]] = Counter()
    for import_id, given in files.items():
        if import_id not in repeats:
            said = batch(given)
            for kind in KINDS:
                frame = said.relation(kind)
                wanted[import_id, kind] += 0 if frame is None else len(frame)
    assert +found == +wanted


def start(
    processes: ForkServerContext, target: Callable[..., None], *args: object
) -> tuple[BaseProcess, Connection]:
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=target, args=(*args, theirs))
    process.start()
    theirs.close()
    return process, ours


# --- kills ---


@unix
@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_nothing_acknowledged_is_lost_or_doubled(
    point: str, filled: tuple[Path, Heard], processes: ForkServerContext
) -> None:
    folder, heard = filled
    for _ in range(TIMES):
        seed = random.randrange(1_000_000)
        process, theirs = start(processes, killed.work, folder, seed, point)
        heard.drain(theirs)
        process.join()
        assert process.exitcode == -signal.SIGKILL, f"seed {seed}"
        check(folder, heard)


@unix
@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled(
    filled: tuple[Path, Heard], processes: ForkServerContext, tmp_path: Path
) -> None:
    folder, base = filled
    for place in range(RANDOM_KILLS):
        heard = copy.deepcopy(base)
        copied = tmp_path / str(place)
        shutil.copytree(folder, copied)
        seed = random.randrange(1_000_000)
        process, theirs = start(processes, killed.work, copied, seed, None)
        until = time.monotonic() + random.uniform(0, 3.0)
        while (left := until - time.monotonic()) > 0 or "opened" not in heard.words:
            if theirs.poll(max(left, 0.01)):
                heard.listen(theirs.recv())
        process.kill()
        heard.drain(theirs)
        process.join()
        check(copied, heard, anew=place % 2 == 1)
        shutil.rmtree(copied)


@unix
@pytest.mark.slow
def test_three_processes_beside_each_other_say_what_the_oracle_says(
    filled: tuple[Path, Heard], processes: ForkServerContext
) -> None:
    folder, heard = filled
    seeds = [random.randrange(1_000_000) for _ in range(3)]
    begun = [start(processes, killed.work_beside, folder, seed, SECONDS) for seed in seeds]
    open_ends = [theirs for _, theirs in begun]
    while open_ends:
        for theirs in wait(open_ends):
            assert isinstance(theirs, Connection)
            try:
                heard.listen(theirs.recv())
            except EOFError:
                open_ends.remove(theirs)
                theirs.close()
    for process, _ in begun:
        process.join()
    assert [process.exitcode for process, _ in begun] == [0, 0, 0], f"seeds {seeds}"
    assert heard.words["closed"] == 3
    check(folder, heard)
    check(folder, heard, anew=True)


@unix
@pytest.mark.slow
def test_a_copy_taken_while_it_is_written_is_the_state_of_a_moment(
    filled: tuple[Path, Heard], processes: ForkServerContext, tmp_path: Path
) -> None:
    """Records with their log first, facts after them."""
    folder, heard = filled
    process, theirs = start(processes, killed.work, folder, random.randrange(1_000_000), None)
    before = []
    for place in range(10 if FULL else 2):
        until = time.monotonic() + random.uniform(0.5, 1.5)
        while (left := until - time.monotonic()) > 0 or heard.words["imported"] < 7 + place:
            if theirs.poll(max(left, 0.01)):
                heard.listen(theirs.recv())
        before.append(copy.deepcopy(heard))
        copy_folder(folder, tmp_path / f"copy {place}")
    process.kill()
    heard.drain(theirs)
    process.join()
    for place, known in enumerate(before):
        known.files, known.undoing = heard.files, heard.undoing
        check(tmp_path / f"copy {place}", known)
    check(folder, heard)


def copy_folder(folder: Path, to: Path) -> None:
    """As a program copies files, one after another."""
    to.mkdir()
    base = folder / "records.db"
    while True:
        written = base.stat().st_mtime_ns
        for name in ("records.db", "records.db-wal"):
            shutil.copy(folder / name, to / name)
        if base.stat().st_mtime_ns == written:  # the log belongs to this file
            break
    for name in ("cache.duckdb", "cache.duckdb.wal"):
        with suppress(FileNotFoundError):
            shutil.copy(folder / name, to / name)
    shutil.copytree(folder / "facts", to / "facts")


# --- facts that are missing ---


def log_files(folder: Path) -> list[Path]:
    return sorted((folder / "facts").glob("*/*.parquet"))


def cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def swap(path: Path) -> None:
    """Another file of the same size."""
    path.write_bytes(bytes(path.stat().st_size))


RUINS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "missing": ("facts_missing", Path.unlink),
    "truncated": ("facts_damaged", lambda path: cut(path, 0.5)),
    "swapped": ("facts_damaged", swap),
    "a bit is another": ("facts_damaged", flip),
}


@pytest.fixture(scope="module")
def two_large_once(fresh_folder: FolderMaker) -> Iterator[Path]:
    with fresh_folder() as path:
        store = open_store(path)
        put(store, leads(row("few", lead="05-20")))
        put(store, large(1, 1_500))
        put(store, large(10_000, 1_200, source="web"))
        store.close()
        yield path


@pytest.fixture
def two_large(two_large_once: Path, tmp_path: Path) -> Path:
    """A closed store: import 1 of one lead, imports 2 and 3 of many, with files of their own."""
    shutil.copytree(two_large_once, tmp_path / "data")
    return tmp_path / "data"


def file_of(folder: Path, import_id: int) -> Path:
    return next(path for path in log_files(folder) if path.name.startswith(f"{import_id:08d}"))


@pytest.mark.parametrize("ruin", RUINS)
def test_a_file_of_facts_that_is_ruined_is_named_and_the_rest_is_counted(
    two_large: Path, ruin: str
) -> None:
    """Its numbers stay while the cache has them; without it they are left out until it is back."""
    code, spoil = RUINS[ruin]
    path = file_of(two_large, 2)
    whole = path.read_bytes()
    spoil(path)
    name = path.relative_to(two_large).as_posix()

    store = open_store(two_large)
    is_seen = ruin in ("missing", "truncated")  # at once, by size
    assert [(e.code, e.params["path"]) for e in store.problems] == [(code, name)] * is_seen
    assert store.leads() == 2_701
    put(store, leads(row("another", lead="05-20"), through="06-20"))
    assert store.leads() == 2_702
    with refused(code, name):  # an older file has to be compared with what is missing
        put(store, leads(row("older", lead="05-20")))
    assert len(store.imports()) == 4
    store.close()

    (two_large / "cache.duckdb").unlink()
    store = open_store(two_large)
    assert [(e.code, e.params["path"]) for e in store.problems] == [(code, name)]
    assert store.leads() == 1_202
    assert put(store, leads(row("third", lead="05-20"), through="06-20")) == 5
    version = store.data_version()

    path.write_bytes(whole)
    assert store.cache.maintainer is not None
    store.cache.maintainer.look_over()
    store.cache._catch_up()
    assert store.problems == ()
    assert store.leads() == 2_703
    assert store.data_version() > version
    store.close()


def test_a_server_notices_a_file_that_goes_and_comes_back(
    two_large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "LOOK_OVER_SECONDS", 0.1)
    store = open_store(two_large)
    store.watch()
    path = file_of(two_large, 2)
    path.rename(two_large / "away")
    wait_for(lambda: [each.code for each in store.problems] == ["facts_missing"])
    (two_large / "away").rename(path)
    wait_for(lambda: store.problems == ())
    store.close()


@pytest.mark.parametrize("count", [1, 1_100])
def test_the_same_bytes_sent_twice_at_a_time_are_one_import(
    folder: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    store = open_store(folder)
    file = large(1, count)
    ask = store._importer._ask

    def send_again(*arguments: Any) -> Any:
        monkeypatch.undo()
        assert put(store, file) == 1
        return ask(*arguments)

    monkeypatch.setattr(store._importer, "_ask", send_again)
    receipt = store.commit(batch(file), who="me", now=NOW)
    assert (receipt.import_id, receipt.repeats, receipt.unchanged) == (None, 1, count)
    assert len(store.imports()) == 1
    assert len(log_files(folder)) == (2 if count > 1_000 else 0)
    store.close()


def test_a_change_that_waits_for_its_facts_stays_so_over_a_restart(two_large: Path) -> None:
    """An undo needs what others say of the same leads."""
    store = open_store(two_large)
    newer = put(store, leads(row("7", lead="05-21"), through="06-20"))
    path = file_of(two_large, 2)
    path.rename(two_large / "away")
    store.undo(newer, who="me", now=NOW)
    later = put(store, leads(row("more", lead="05-20"), source="shop"))
    receipt = store.receipt(later)
    assert (receipt.is_counted, receipt.new) == (True, 1)
    store.close()
    for _ in range(2):
        store = open_store(two_large)
        assert [each.code for each in store.problems] == ["facts_missing"]
        store.close()
    (two_large / "away").rename(path)
    store = open_store(two_large)
    assert store.problems == ()
    kept = answers(store)
    store.close()
    (two_large / "cache.duckdb").unlink()
    store = open_store(two_large)
    assert answers(store) == kept
    store.close()


def test_when_the_import_of_a_missing_file_is_undone_nothing_is_missing(two_large: Path) -> None:
    file_of(two_large, 2).unlink()
    (two_large / "cache.duckdb").unlink()
    store = open_store(two_large)
    assert [each.code for each in store.problems] == ["facts_missing"]
    store.undo(2, who="me", now=NOW)
    assert store.cache.maintainer is not None
    store.cache.maintainer.look_over()
    assert (store.problems, store.leads()) == ((), 1_201)
    put(store, large(1, 1_500))
    assert store.leads() == 2_701
    store.close()


def test_an_import_that_cannot_be_counted_does_not_hinder_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(folder)
    apply = applying.apply

    def fail(*arguments: Any) -> Any:
        if arguments[1][0].source == "crm":
            raise ZeroDivisionError
        return apply(*arguments)

    monkeypatch.setattr(maintainer, "apply", fail)
    receipt = store.commit(batch(leads(row("1", lead="05-20"))), who="me", now=NOW)
    assert not receipt.is_counted
    put(store, leads(row("2", lead="05-20"), source="web"))
    assert [str(each) for each in store.problems] == ["import_not_counted import_id=1"]
    assert store.leads() == 1
    store.close()
    monkeypatch.undo()
    store = open_store(folder)
    assert (store.problems, store.leads()) == ((), 2)
    assert store.receipt(1).is_counted
    store.close()


def test_files_of_no_import_go_after_a_day(two_large: Path) -> None:
    kept = log_files(two_large)
    orphans = [path.with_name(f"0000000{n}-orphan.parquet") for n, path in enumerate(kept[:2], 1)]
    of_others = kept[0].with_name("00000099-other.parquet")
    half = two_large / "facts" / "incoming" / "1-half"
    half.mkdir(parents=True)
    half.with_suffix(".lock").touch()
    for path in (*orphans, of_others, half / "events.parquet"):
        shutil.copy(kept[0], path)
    yesterday = time.time() - 25 * 3600
    for path in (orphans[0], of_others, *kept, half):
        os.utime(path, (yesterday, yesterday))
    open_store(two_large).close()
    assert log_files(two_large) == sorted([*kept, orphans[1], of_others])
    assert list((two_large / "facts" / "incoming").iterdir()) == []


# --- the cache in ruin ---


def older_version(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("update meta set value = '0' where name = 'version'")


def other_records(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("update meta set value = 'x' where name = 'identity'")


def of_later_records(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("update meta set value = '900' where name = 'change'")
        connection.execute("delete from daily")


def log_alone(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("delete from daily")
    path.unlink()
    assert path.with_name(f"{path.name}.wal").exists()


def cut_off(path: Path) -> None:
    """As a process leaves it that is killed while it rebuilds."""
    with duckdb.connect(path) as connection:
        connection.execute("insert into meta values ('rebuilding', 'yes')")


CACHES: dict[str, Callable[[Path], object]] = {
    "no file": Path.unlink,
    "no bytes": lambda path: path.write_bytes(b""),
    "random bytes": lambda path: path.write_bytes(random.randbytes(100_000)),
    "a text": lambda path: path.write_text("id,date\n", encoding="utf-8"),
    "another database": lambda path: shutil.copy(path.with_name("records.db"), path),
    "older version": older_version,
    "other records": other_records,
    "records from a backup": of_later_records,
    "a log of changes without its file": log_alone,
    "a log of changes of nothing": lambda path: path.with_name(f"{path.name}.wal").write_bytes(
        random.randbytes(5_000)
    ),
    "half rebuilt": cut_off,
    "cut to nearly nothing": lambda path: cut(path, 0.001),
    "cut to a fifth": lambda path: cut(path, 0.2),
    "cut to a half": lambda path: cut(path, 0.5),
    "cut at its end": lambda path: cut(path, 0.9),
}


@pytest.mark.parametrize("ruin", CACHES)
def test_a_ruined_cache_is_made_anew(filled: tuple[Path, Heard], ruin: str) -> None:
    folder, heard = filled
    CACHES[ruin](folder / "cache.duckdb")
    check(folder, heard)


@pytest.mark.parametrize("where", range(8 if FULL else 3))
def test_a_block_of_the_cache_that_turns_bad_is_noticed_where_it_is_read(
    two_large: Path, where: int
) -> None:
    """The board that runs makes it anew by itself."""
    path = two_large / "cache.duckdb"
    content = bytearray(path.read_bytes())
    start = 12_288 + (len(content) - 12_288) * where // 8
    content[start : start + 8192] = random.Random(where).randbytes(8192)
    path.write_bytes(content)
    store = open_store(two_large)
    store.watch()

    codes = set[str]()

    def is_right() -> bool:
        try:
            put(store, leads(row(f"{time.monotonic()}", lead="05-20"), source="shop"))
            count = len(store.imports()) - 3
            return store.leads() == 2_701 + count and not store.problems
        except StoreError as error:
            codes.add(error.code)
            return False

    wait_for(is_right)
    assert codes <= {"cache_damaged"}
    store.close()


def test_a_folder_in_the_place_of_the_cache_is_a_sentence(two_large: Path) -> None:
    path = two_large / "cache.duckdb"
    path.unlink()
    path.mkdir()
    with refused("not_a_store", path):
        open_store(two_large)
    path.rmdir()
    store = open_store(two_large)
    assert store.leads() == 2_701
    store.close()


# --- records that others hold, or ruined ---


def test_records_that_another_program_locks_refuse_the_import_and_nothing_is_left(
    two_large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    store = open_store(two_large)
    before, files = answers(store), log_files(two_large)
    other = sqlite3.connect(two_large / "records.db", isolation_level=None)
    other.execute("begin exclusive")
    for file in (large(50_000, 1_100), leads(row("new", lead="05-20"))):
        with refused("locked", two_large / "records.db"):
            store.commit(batch(file), who="me", now=NOW)
    with refused("locked", two_large / "records.db"):
        store.undo(2, who="me", now=NOW)
    assert (answers(store), log_files(two_large)) == (before, files)
    beside = open_store(two_large, records_url=f"sqlite:///{two_large / 'records.db'}")
    beside.close()
    other.execute("rollback")
    other.close()
    put(store, large(50_000, 1_100))
    assert store.leads() == 3_801
    store.close()


def test_an_import_whose_receipt_finds_the_records_locked_is_made_up_for(
    two_large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(two_large)
    other = sqlite3.connect(two_large / "records.db", isolation_level=None)
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    settled = store.cache.settle

    def lock() -> None:
        other.execute("begin immediate")
        settled()

    monkeypatch.setattr(store.cache, "settle", lock)
    receipt = store.commit(batch(leads(row("new", lead="05-20"))), who="me", now=NOW)
    assert not receipt.is_counted
    assert [each.code for each in store.problems] == ["locked"]
    assert store.leads() == 2_701
    other.execute("rollback")
    other.close()
    store.watch()
    wait_for(lambda: store.leads() == 2_702 and not store.problems)
    assert store.receipt(4).new == 1
    store.close()


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("damaged", lambda path: cut(path, 0.5)),
        ("not_a_store", lambda path: path.write_bytes(random.randbytes(50_000))),
        ("newer_schema", lambda path: newer(path)),
    ],
    ids=["damaged", "something else", "newer"],
)
def test_records_in_ruin_are_a_sentence_and_every_file_stays(
    two_large: Path, code: str, spoil: Callable[[Path], object]
) -> None:
    spoil(two_large / "records.db")
    before = {path: path.read_bytes() for path in two_large.rglob("*") if path.is_file()}
    with refused(code, two_large / "records.db"):
        open_store(two_large)
    after = {path: path.read_bytes() for path in two_large.rglob("*") if path.is_file()}
    assert after == before


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("update records_version set version_num = '9999'")
    connection.close()


def test_new_records_do_not_sweep_the_facts_of_lost_ones(two_large: Path) -> None:
    kept = log_files(two_large)
    (two_large / "records.db").rename(two_large / "lost.db")
    yesterday = time.time() - 25 * 3600
    for path in kept:
        os.utime(path, (yesterday, yesterday))
    store = open_store(two_large)
    assert store.is_empty()
    put(store, leads(row("1", lead="05-20")))
    store.close()
    assert log_files(two_large) == kept
    (two_large / "lost.db").replace(two_large / "records.db")
    store = open_store(two_large)
    assert (store.leads(), store.problems) == (2_701, ())
    store.close()


# --- the folder goes while it is in use ---


@unix
def test_a_folder_that_goes_and_comes_back_loses_nothing(two_large: Path) -> None:
    store = open_store(two_large)
    store.watch()
    away = two_large.with_name("away")
    two_large.rename(away)
    wait_for(lambda: [each.code for each in store.problems] == ["folder_gone"], 2.0)
    for file in (large(50_000, 1_100), leads(row("new", lead="05-20"))):
        with pytest.raises(StoreError, match="folder_gone"):
            store.commit(batch(file), who="me", now=NOW)
    with pytest.raises(StoreError, match="folder_gone"):
        store.undo(2, who="me", now=NOW)
    assert store.leads() == 2_701  # the last numbers are shown
    assert not two_large.exists()
    away.rename(two_large)
    wait_for(lambda: store.problems == ())
    put(store, large(50_000, 1_100))
    store.close()
    store = open_store(two_large)
    assert (store.leads(), len(store.imports())) == (3_801, 4)
    store.close()


@unix
@pytest.mark.parametrize("is_replaced", [False, True], ids=["deleted", "replaced by an empty one"])
def test_a_folder_that_is_gone_refuses_imports_and_nothing_is_put_in_another(
    two_large: Path, is_replaced: bool
) -> None:
    store = open_store(two_large)
    store.watch()
    shutil.rmtree(two_large)
    if is_replaced:
        two_large.mkdir()
    wait_for(lambda: [each.code for each in store.problems] == ["folder_gone"], 2.0)
    for file in (large(50_000, 1_100), leads(row("new", lead="05-20"))):
        with pytest.raises(StoreError, match="folder_gone"):
            store.commit(batch(file), who="me", now=NOW)
    assert store.leads() == 2_701
    store.close()
    assert not is_replaced or list(two_large.iterdir()) == []


@unix
@pytest.mark.parametrize("count", [1, 1_100])
def test_a_folder_that_goes_within_an_import_does_not_acknowledge_it(
    two_large: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    store = open_store(two_large)
    add_import = ledger.add_import

    def add_and_lose(*arguments: Any) -> None:
        add_import(*arguments)
        shutil.rmtree(two_large)

    monkeypatch.setattr(ledger, "add_import", add_and_lose)
    with pytest.raises(StoreError, match="folder_gone"):
        store.commit(batch(large(50_000, count)), who="me", now=NOW)
    store.close()


# --- the disk is full ---

ROOMS = (
    [tuple(range(first, first + 320_000, 40_000)) for first in range(0, 1_600_000, 320_000)]
    if FULL
    else [(0, 8_192, 300_000, 600_000)]
)
"""Bytes that are free when an import begins."""

FILL = """
import os, sys
from pathlib import Path
from kpi_core.records.errors import StoreError
from kpi_core.facts.store import open_store
from tests.facts.batches import batch
from tests.facts.files import NOW
from tests.facts.killed import large

folder, ballast = Path(sys.argv[1]) / "data", Path(sys.argv[1]) / "ballast"
store = open_store(folder)
store.commit(batch(large(0, 2_000)), who="me", now=NOW)
count = 2_000
said = set()
for step, free in enumerate(FREE):
    left = os.statvfs(folder)
    ballast.write_bytes(bytes(max(0, left.f_bavail * left.f_frsize - free)))
    begun = []
    for size in (1, 8_000):
        first = 100_000 * (step + 1) + 50_000 * (size == 1)
        file = batch(large(first, size))
        begun.append((file, size))
        before = len(store.imports())
        try:
            receipt = store.commit(file, who="me", now=NOW)
        except StoreError as error:
            assert error.code == "disk_full", error
            assert len(store.imports()) == before
            said.add("refused")
        else:
            assert len(store.imports()) == before + 1
            said.add("counted" if receipt.is_counted else "follows")
            assert receipt.is_counted or store.problems[0].code == "disk_full", store.problems
            count += size
            begun.pop()
    ballast.unlink()
    for file, size in begun:  # again, as a user does when there is room
        assert store.commit(file, who="me", now=NOW).is_counted
        count += size
    store.cache._catch_up()
    assert store.problems == (), store.problems
    assert store.leads() == count, (free, store.leads(), count)
    if step % 4 == 3:
        store.close()
        store = open_store(folder)
        assert store.leads() == count
assert all(record.is_applied for record in store.imports())
store.close()
(folder / "cache.duckdb").unlink()
store = open_store(folder)
assert store.leads() == count
store.close()
print(*sorted(said))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system of our own in memory")
@pytest.mark.parametrize("rooms", ROOMS, ids=lambda rooms: f"from {rooms[0]}")
def test_a_disk_full_at_any_write_refuses_the_import_or_counts_it_later(
    tmp_path: Path, rooms: tuple[int, ...]
) -> None:
    disk, script = tmp_path / "disk", tmp_path / "script.py"
    script.write_text(FILL.replace("FREE", repr(rooms)), encoding="utf-8")
    done = on_small_disk(disk, 32, f"PYTHONPATH={ROOT} {sys.executable} {script} {disk}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()


def test_a_rebuild_leaves_out_what_cannot_be_counted_and_its_undo_mends_it(folder: Path) -> None:
    store = open_store(folder)
    put(store, leads(row("1", lead="05-20")))
    too_much = leads(row("2", lead="05-20", won="05-21", amount=1e35), source="shop")
    assert not store.commit(batch(too_much), who="me", now=NOW).is_counted
    put(store, leads(row("3", lead="05-20"), source="web"))
    store.close()
    (folder / "cache.duckdb").unlink()
    store = open_store(folder)
    assert [str(each) for each in store.problems] == ["import_not_counted import_id=2"]
    assert store.leads() == 2
    store.undo(2, who="me", now=NOW)
    store.close()
    store = open_store(folder)
    assert (store.problems, store.leads()) == ((), 2)
    store.close()
