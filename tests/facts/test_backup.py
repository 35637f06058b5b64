"""A backup is one moment of records and facts, and nothing is restored that is not whole."""

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts import backup, batch_importer, log
from kpi_core.facts.backup import back_up, restore
from kpi_core.facts.store import Store, open_store
from kpi_core.records import fact_files
from kpi_core.records.errors import StoreError
from kpi_core.records.tokens import TokenScope
from tests.batches import NOW, Event, at, batch

LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
IN_MAY = {date(2026, 5, 4): 2.0}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with one import in a file, one among the small facts, and secrets."""
    opened = open_store(tmp_path / "data")
    with monkeypatch.context() as large:
        for module in (log, batch_importer):
            large.setattr(module, "SMALL", 0)
        put(opened, "a")
    put(opened, "b")
    opened.records.add_token("crm", TokenScope.READ, who="t", now=NOW)
    opened.records.add_display("hall", who="t", now=NOW)
    opened.records.secret()
    table = opened.data / "archive" / "a.parquet"
    table.parent.mkdir()
    table.write_bytes(b"a table")
    yield opened
    opened.close()


def put(store: Store, lead: str) -> None:
    said = batch(Event(lead, "lead", at("2026-05-04 09:00")), name=f"{lead}.csv")
    store.commit(said, who="t", now=NOW)


def files(store: Store) -> list[Path]:
    with store.records.reading() as conn:
        return [store.data / file.path for file in fact_files.files(conn)]


def rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as conn:
        return int(conn.execute(f"select count(*) from {table}").fetchone()[0])


def refused(source: Path, data: Path) -> str:
    """What a restore says; it leaves nothing behind."""
    with pytest.raises(StoreError) as caught:
        restore(source, data)
    assert not data.exists() or list(data.iterdir()) == []
    return caught.value.code


def test_what_is_restored_is_the_store_as_it_was(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    made = back_up(store.data, target, now=NOW)
    assert (made.imports, made.files, made.has_secrets) == (2, 2, True)
    assert target.stat().st_mode & 0o777 == 0o600
    put(store, "c")  # after the backup
    again = tmp_path / "again"
    assert restore(target, again) == made
    with closing(open_store(again)) as restored:
        assert restored.daily([LEADS], MAY)[LEADS] == IN_MAY
        assert restored.imports() == store.imports()[1:]
        assert restored.records.secret() == store.records.secret()
        assert len(restored.records.tokens()) == 1
    assert (again / "archive" / "a.parquet").read_bytes() == b"a table"
    assert [path.name for path in again.iterdir() if path.name.startswith(".")] == []


def test_the_cache_and_the_half_written_stay_out_of_it(store: Store, tmp_path: Path) -> None:
    back_up(store.data, tmp_path / "b.zip", now=NOW)
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        names = packed.namelist()
    (fact,) = files(store)
    assert sorted(names) == [
        "archive/a.parquet", "backup.json", fact.relative_to(store.data).as_posix(), "records.db",
    ]  # fmt: skip
    assert not list(tmp_path.glob(".*"))


def test_without_secrets_nothing_opens_anything(store: Store, tmp_path: Path) -> None:
    key = store.records.secret()
    store.records.set_office_password("correct horse", who="t", now=NOW)
    password = store.records.office_password()
    assert password is not None
    made = back_up(store.data, tmp_path / "b.zip", now=NOW, secrets=False, archive=False)
    assert (made.has_secrets, made.files) == (False, 1)
    restore(tmp_path / "b.zip", tmp_path / "again")
    records = tmp_path / "again" / "records.db"
    assert [rows(records, table) for table in backup.SECRETS] == [0, 0, 0, 0]
    assert key not in records.read_bytes()
    assert password.hash not in records.read_bytes()
    with closing(open_store(tmp_path / "again")) as restored:
        assert restored.daily([LEADS], MAY)[LEADS] == IN_MAY
    assert store.records.secret() == key  # the store itself keeps them


def test_a_file_that_is_replaced_meanwhile_is_taken_from_a_newer_moment(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = files(store)
    original: Callable[..., None] = backup._copy_records
    copies: list[Path] = []

    def then_replaced(source: Path, copy: Path, *, secrets: bool) -> None:
        original(source, copy, secrets=secrets)
        copies.append(copy)
        if len(copies) == 1:
            fresh = old.with_name("fresh.parquet")
            shutil.move(old, fresh)
            with store.records.writing() as conn:
                (file,) = fact_files.files(conn)
                path = fresh.relative_to(store.data).as_posix()
                named = fact_files.FactFile(
                    path, file.kind, file.rows, file.bytes, file.sha256, file.import_ids
                )
                fact_files.replace_files(conn, [file.path], [named])

    monkeypatch.setattr(backup, "_copy_records", then_replaced)
    back_up(store.data, tmp_path / "b.zip", now=NOW)
    assert len(copies) == 2
    restore(tmp_path / "b.zip", tmp_path / "again")
    with closing(open_store(tmp_path / "again")) as restored:
        assert restored.daily([LEADS], MAY)[LEADS] == IN_MAY


@pytest.mark.parametrize(("harm", "code"), [("remove", "facts_missing"), ("cut", "facts_damaged")])
def test_a_store_that_is_not_whole_is_not_backed_up(
    store: Store, tmp_path: Path, harm: str, code: str
) -> None:
    (fact,) = files(store)
    content = fact.read_bytes()
    fact.unlink() if harm == "remove" else fact.write_bytes(content[:-1])
    with pytest.raises(StoreError) as caught:
        back_up(store.data, tmp_path / "b.zip", now=NOW)
    assert caught.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_what_is_there_is_never_written_over(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(b"mine")
    with pytest.raises(StoreError) as caught:
        back_up(store.data, target, now=NOW)
    assert caught.value.code == "backup_exists"
    assert target.read_bytes() == b"mine"
    target.unlink()
    back_up(store.data, target, now=NOW)
    with pytest.raises(StoreError) as caught:
        restore(target, store.data)
    assert caught.value.code == "folder_not_empty"


def test_records_in_postgresql_are_backed_up_by_its_own_means(tmp_path: Path) -> None:
    url = "postgresql+psycopg://kpi:hidden@db/kpi"
    with pytest.raises(StoreError) as caught:
        back_up(tmp_path, tmp_path / "b.zip", now=NOW, records_url=url)
    assert caught.value.code == "backup_is_postgres"
    assert "hidden" not in str(caught.value)


def test_an_inbox_without_files_does_not_make_a_folder_a_store(
    store: Store, tmp_path: Path
) -> None:
    back_up(store.data, tmp_path / "b.zip", now=NOW)
    (tmp_path / "again" / "inbox").mkdir(parents=True)
    restore(tmp_path / "b.zip", tmp_path / "again")
    assert (tmp_path / "again" / "records.db").is_file()


def packed_again(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A backup with other contents."""
    with zipfile.ZipFile(source) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    change(contents)
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in contents.items():
            packed.writestr(name, content)
    return target


def listed(contents: dict[str, bytes], **added: bytes) -> None:
    """Name what was added, as a backup would."""
    document = json.loads(contents["backup.json"])
    for name, content in added.items():
        contents[name] = content
        sha256 = hashlib.sha256(content).hexdigest()
        document["files"].append({"path": name, "bytes": len(content), "sha256": sha256})
    contents["backup.json"] = json.dumps(document).encode()


def spoiled(contents: dict[str, bytes]) -> None:
    name = next(name for name in contents if name.startswith("facts/"))
    contents[name] = contents[name][:-1] + b"x"


def without_a_file(contents: dict[str, bytes]) -> None:
    name = next(name for name in contents if name.startswith("facts/"))
    del contents[name]
    document = json.loads(contents["backup.json"])
    document["files"] = [each for each in document["files"] if each["path"] != name]
    contents["backup.json"] = json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        spoiled,
        without_a_file,
        lambda contents: contents.pop("backup.json"),
        lambda contents: contents.update({"backup.json": b"[]"}),
        lambda contents: contents.update({"facts/other.parquet": b"unnamed"}),
        lambda contents: listed(contents, **{"../evil": b"x"}),
        lambda contents: listed(contents, **{"facts/../../evil": b"x"}),
        lambda contents: listed(contents, **{"/tmp/evil": b"x"}),
        lambda contents: listed(contents, **{"cache.duckdb": b"x"}),
    ],
    ids=[
        "spoiled", "without a file", "without a manifest", "another manifest", "more than named",
        "beside", "around", "absolute", "not ours",
    ],
)  # fmt: skip
def test_of_what_is_not_whole_nothing_is_restored(
    store: Store, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    back_up(store.data, tmp_path / "b.zip", now=NOW)
    changed = packed_again(tmp_path / "b.zip", tmp_path / "c.zip", change)
    assert refused(changed, tmp_path / "again") == "backup_unreadable"
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_backup_says_so(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "b.zip"
    source.write_bytes(content)
    assert refused(source, tmp_path / "again") == "backup_unreadable"


def test_a_backup_says_when_it_was_made(store: Store, tmp_path: Path) -> None:
    back_up(store.data, tmp_path / "b.zip", now=NOW)
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        document = json.loads(packed.read("backup.json"))
    assert datetime.fromisoformat(document["made_at"]) == NOW
