"""What happens to a file that cannot be opened: a reason, and the file as it was."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest

from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.domain.tally import Tally, TallyKind
from kpi_core.i18n.catalog import Language, Words
from kpi_core.storage.errors import StoreError
from kpi_core.storage.store import Store, open_store
from tests.storage.batches import NOW, Event, at, batch

LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))

HOLD = """
import sys, time
from kpi_core.storage.store import open_store
store = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kpi.duckdb"


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed store with enough in it to span many blocks."""
    store = open_store(path)
    events = [
        Event(f"lead-{random.random()}", "lead", at(f"2026-05-{1 + n % 28:02d}"))
        for n in range(40_000)
    ]
    store.commit(batch(*events, content_hash="40000"), who="me", now=NOW)
    store.close()
    return path


@contextmanager
def refused(code: str, path: Path) -> Iterator[None]:
    """The store is refused for this reason, in words, and every byte in the folder stays."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(StoreError) as caught:
        yield
    assert caught.value.code == code
    for language in Language:
        sentence = Words(language)(f"store.{code}", **caught.value.blanks)
        assert str(path) in sentence
    after = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    assert after == before


def test_a_store_is_made_where_there_is_none(path: Path) -> None:
    store = open_store(path)
    assert (store.is_empty(), store.data_version(), store.leads()) == (True, 0, 0)
    store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_was_committed_is_there_when_opened_again(path: Path) -> None:
    store = open_store(path)
    store.commit(batch(Event("1", "lead", at("2026-05-01"))), who="me", now=NOW)
    version = store.data_version()
    store.close()
    for read_only in (True, False):
        again = open_store(path, read_only=read_only)
        assert again.daily([LEADS], MAY)[LEADS] == {date(2026, 5, 1): 1.0}
        assert again.data_version() == version
        again.close()


def test_the_folder_is_made_but_not_a_path_of_folders(tmp_path: Path) -> None:
    open_store(tmp_path / "data" / "kpi.duckdb").close()
    far = tmp_path / "typing" / "mistake" / "kpi.duckdb"
    with pytest.raises(StoreError) as caught:
        open_store(far)
    assert caught.value.code == "no_folder"
    assert not (tmp_path / "typing").exists()
    assert str(far.parent) in Words(Language.JA)("store.no_folder", **caught.value.blanks)


def test_a_store_to_be_read_only_must_exist(path: Path) -> None:
    with refused("no_store", path):
        open_store(path, read_only=True)


def test_reading_only_changes_nothing(path: Path) -> None:
    open_store(path).close()
    store = open_store(path, read_only=True)
    with refused("read_only", path):
        store.commit(batch(Event("1", "lead")), who="me", now=NOW)
    with refused("read_only", path):
        store.register([Tally(TallyKind.AMOUNT, stage=Stage.WON)])
    assert store.is_empty()
    store.close()


def test_a_store_that_another_process_has_open_says_which(path: Path) -> None:
    open_store(path).close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "open\n"
        for read_only in (False, True):
            with pytest.raises(StoreError) as caught:
                open_store(path, read_only=read_only)
            assert caught.value.code == "locked"
            assert caught.value.blanks["pid"] == str(holder.pid)
        sentence = Words(Language.EN)("store.locked", **caught.value.blanks)
        assert "Stop the running board" in sentence
        assert "imports page" in sentence
    finally:
        holder.communicate()
    open_store(path).close()


def test_a_newer_schema_is_refused(path: Path) -> None:
    open_store(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("insert into migrations values (9999, 'of_tomorrow')")
    for read_only in (False, True):
        with refused("newer_schema", path):
            open_store(path, read_only=read_only)


def test_an_older_schema_is_not_brought_up_to_date_by_a_reader(path: Path) -> None:
    open_store(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("delete from migrations")
    with refused("older_schema", path):
        open_store(path, read_only=True)


def test_another_database_is_refused(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("create table customers as select 1 as id")
    with refused("not_a_store", path):
        open_store(path)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not_a_store"):
        open_store(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(100_000),
        random.Random(1).randbytes(100_000),
        b"SQLite format 3\0" + bytes(8000),
        "ID,日付\n1,2026-05-01\n".encode("cp932"),
    ],
    ids=["no bytes", "zeros", "random bytes", "sqlite", "a csv file"],
)
@pytest.mark.parametrize("read_only", [False, True], ids=["to write", "to read"])
def test_a_file_that_is_no_database_is_never_overwritten(
    path: Path, content: bytes, read_only: bool
) -> None:
    path.write_bytes(content)
    with refused("damaged", path):
        open_store(path, read_only=read_only)


@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.8, 0.999])
def test_a_file_cut_short_is_refused(filled: Path, share: float) -> None:
    whole = filled.read_bytes()
    filled.write_bytes(whole[: int(len(whole) * share)])
    with refused("damaged", filled):
        open_store(filled)


@pytest.mark.parametrize("where", range(8))
def test_a_block_of_random_bytes_is_noticed_and_nothing_wrong_is_said(
    filled: Path, where: int
) -> None:
    """Either the file is refused, or what is read is right, or reading it is refused."""
    content = bytearray(filled.read_bytes())
    start = len(content) * where // 8
    content[start : start + 8192] = random.Random(where).randbytes(8192)
    filled.write_bytes(content)
    code: str | None
    try:
        store = open_store(filled)
    except StoreError as error:
        code = error.code
    else:
        code = _use(store)
    assert code in ("damaged", None)
    if code is None:
        assert where > 0  # the first block holds the headers


def _use(store: Store) -> str | None:
    """Read and write; the code of the refusal, if any."""
    try:
        assert sum(store.daily([LEADS], MAY)[LEADS].values()) == 40_000
        said = batch(Event("x", "lead", at("2026-05-01")))
        assert store.commit(said, who="me", now=NOW).new == 1
        store.undo(1, who="me", now=NOW)
        assert store.leads() == 1
    except StoreError as error:
        return error.code
    finally:
        store.close()
    return None


def test_a_damaged_log_is_refused_or_read_up_to_the_damage(path: Path) -> None:
    """What a killed process had committed lies in the log beside the file.

    DuckDB checks each entry, but takes an entry whose length is damaged for one that was
    never finished: then whole imports are missing, never a part of one.
    """
    script = (
        "import os, sys\n"
        "from kpi_core.storage.store import open_store\n"
        "from tests.storage.batches import NOW, Event, at, batch\n"
        "store = open_store(sys.argv[1])\n"
        "for day in (1, 2, 3):\n"
        "    said = batch(Event(str(day), 'lead', at(f'2026-05-0{day}')))\n"
        "    store.commit(said, who='me', now=NOW)\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    log = Path(f"{path}.wal")
    content = bytearray(log.read_bytes())
    copy = path.with_name("copy.duckdb")
    shutil.copy(path, copy)
    shutil.copy(log, f"{copy}.wal")
    store = open_store(copy)
    assert store.leads() == 3
    store.close()
    copy.unlink()
    found = []
    for tenth in range(1, 10):
        damaged = bytearray(content)
        place = len(content) * tenth // 10
        damaged[place : place + 64] = random.Random(tenth).randbytes(64)
        copy = path.with_name(f"copy-{tenth}.duckdb")
        shutil.copy(path, copy)
        Path(f"{copy}.wal").write_bytes(damaged)
        try:
            store = open_store(copy)
        except StoreError as error:
            found.append(error.code)
        else:
            assert store.leads() == len(store.imports()) <= 3
            store.close()
    assert set(found) == {"damaged"}


def test_a_log_without_its_file_is_not_given_a_new_one(path: Path) -> None:
    open_store(path).close()
    path.unlink()
    Path(f"{path}.wal").write_bytes(b"what was committed last")
    with refused("damaged", path):
        open_store(path)


def test_nothing_is_left_of_a_store_that_could_not_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(StoreError):
        open_store(file / "kpi.duckdb")
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
