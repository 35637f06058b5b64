"""What happens to a database that cannot be opened: a reason, and the file as it was."""

import os
import random
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpi_core.records import Records, StoreError, open_records
from tests.records.imports import NOW, commit, flags

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """Closed records with enough in them to span many pages."""
    records = opened(path)
    commit(records, issues=flags(range(20_000)))
    records.close()
    return path


def opened(path: Path) -> Records:
    return open_records(f"sqlite:///{path}")


@contextmanager
def refused(code: str, path: Path) -> Iterator[None]:
    """Refused for this reason, and every byte in the folder stays."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    with pytest.raises(StoreError) as caught:
        yield
    assert (caught.value.code, caught.value.params["path"]) == (code, str(path))
    after = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    assert after == before


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom permissions hold back."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@unix
def test_a_new_file_is_for_its_owner_alone(path: Path) -> None:
    records = opened(path)
    records.first_time("x", now=NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["records.db", "records.db-wal", "records.db-shm"], 0o600)
    records.close()
    assert [file.name for file in path.parent.iterdir()] == ["records.db"]


def test_what_was_committed_is_there_when_opened_again(path: Path) -> None:
    records = opened(path)
    commit(records)
    before = records.imports()
    records.close()
    again = opened(path)
    assert (again.imports(), again.data_version()) == (before, 1)
    again.close()


def test_commits_are_synced_and_readers_do_not_wait(path: Path) -> None:
    records = opened(path)
    with records.writing() as conn:
        settings = {
            name: conn.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    records.close()


def test_the_folder_is_made_but_not_a_path_of_folders(tmp_path: Path) -> None:
    opened(tmp_path / "data" / "records.db").close()
    far = tmp_path / "typing" / "mistake" / "records.db"
    with pytest.raises(StoreError, match="no_folder") as caught:
        opened(far)
    assert caught.value.params == {"path": str(far), "folder": str(far.parent)}
    assert not (tmp_path / "typing").exists()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not_a_store"):
        opened(tmp_path)


def test_a_file_in_the_way_of_the_folder_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(StoreError, match="no_folder"):
        opened(file / "records.db")
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bytes(100_000), "not_a_store"),
        (random.Random(1).randbytes(100_000), "not_a_store"),
        ("ID,日付\n1,2026-05-01\n".encode("cp932"), "not_a_store"),
        (b"SQLite format 3\0" + bytes(8000), "damaged"),
        (b"SQLite format 3\0" + random.Random(1).randbytes(8000), "damaged"),
    ],
    ids=["zeros", "random bytes", "a csv file", "an empty header", "a random header"],
)
def test_a_file_that_is_no_database_is_never_overwritten(
    path: Path, content: bytes, code: str
) -> None:
    path.write_bytes(content)
    with refused(code, path):
        opened(path)


def test_an_empty_file_becomes_the_database(path: Path) -> None:
    """Another process has just made it, or was killed when it had."""
    path.touch()
    opened(path).close()
    assert path.stat().st_size > 0


@pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.8, 0.99])
def test_a_file_cut_short_is_refused(filled: Path, share: float) -> None:
    whole = filled.read_bytes()
    filled.write_bytes(whole[: int(len(whole) * share)])
    with refused("damaged", filled):
        opened(filled)


@pytest.mark.parametrize("where", range(8))
def test_a_block_of_random_bytes_is_noticed_where_it_is_read(filled: Path, where: int) -> None:
    content = bytearray(filled.read_bytes())
    start = len(content) * where // 8
    content[start : start + 8192] = random.Random(where).randbytes(8192)
    filled.write_bytes(content)
    code = _use(filled)
    assert code in ("damaged", "not_a_store", None)
    assert code is not None or where > 0  # the first block holds the header


def _use(path: Path) -> str | None:
    """Read and write; the code of the refusal, if any."""
    try:
        records = opened(path)
    except StoreError as error:
        return error.code
    try:
        records.imports()
        records.issues(1, 30_000)
        commit(records)
    except StoreError as error:
        return error.code
    finally:
        records.close()
    return None


def test_a_log_without_its_file_is_not_given_a_new_one(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"what was committed last")
    with refused("damaged", path):
        opened(path)


def test_another_database_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table customers (id integer)")
    connection.close()
    with refused("not_a_store", path):
        opened(path)


@unix
def test_a_file_that_may_not_be_written_can_be_read(public: Path) -> None:
    path = public / "records.db"
    opened(path).close()
    path.chmod(0o444)
    public.chmod(0o777)
    with unprivileged():
        records = opened(path)
        assert records.imports() == ()
        with pytest.raises(StoreError) as caught:
            commit(records)
        records.close()
    assert (caught.value.code, caught.value.params) == ("no_permission", {"path": str(path)})


@unix
@pytest.mark.parametrize("mode", [0o755, 0o500], ids=["not to be written", "not to be entered"])
def test_a_folder_that_permissions_close_is_a_sentence(public: Path, mode: int) -> None:
    path = public / "records.db"
    opened(path).close()
    public.chmod(mode)
    for file in (path, public / "new.db"):
        with unprivileged(), pytest.raises(StoreError) as caught:
            opened(file)
        assert (caught.value.code, caught.value.params) == ("no_permission", {"path": str(file)})
    assert [file.name for file in public.iterdir()] == ["records.db"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:secret@h/d",
        "postgresql://h/d",
    ],
)
def test_a_url_that_names_no_database_of_ours_is_a_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="bad_records_url") as caught:
        open_records(url)
    assert "secret" not in str(caught.value)


def test_a_server_out_of_reach_is_a_sentence_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_records(f"postgresql+psycopg://kpi:secret@/kpi?host={tmp_path}")
    assert caught.value.code == "server_unreachable"
    assert caught.value.params["path"] == "postgresql+psycopg://kpi@/kpi"
    assert str(tmp_path) in str(caught.value.params["reason"])
    assert "secret" not in str(caught.value)


def test_a_database_that_the_server_lacks_is_a_sentence(postgres: str) -> None:
    with pytest.raises(StoreError, match="server_unreachable") as caught:
        open_records(postgres.replace("/postgres?", "/nowhere?"))
    assert 'database "nowhere" does not exist' in str(caught.value.params["reason"])


def test_a_missing_driver_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="no_driver"):
        open_records("postgresql+psycopg://kpi@localhost/kpi")
