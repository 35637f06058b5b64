"""No file brings the importer down, leaves half an import, or loses what was there."""

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.domain.mail_address import without_mail
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import inspect
from tests.conftest import ROOT
from tests.ingest.any_file import LARGEST_SEED, NOW, answered, check, files, mutants

EARLIER = b"id,created,won\nA,2026-10-01,2026-11-02\nB,2026-10-05,\nC,2026-11-20,\n"
"""What was there before. Its ids are in no other file."""

MUTANTS = 30
"""`make fuzz` goes on for as long as it is given."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which something stands."""
    store = open_store(tmp_path_factory.mktemp("store") / "data")
    answers = {
        "grain": "lead",
        "id": "id",
        "source": "earlier",
        "column:created": "lead",
        "column:won": "won",
    }
    mapping = inspect(EARLIER, "earlier.csv", now=NOW, answers=answers).mapping
    assert mapping is not None
    import_file(store, EARLIER, "earlier.csv", mapping, who="test", now=NOW)
    yield store
    store.close()


def all_files() -> list[str]:
    """Names of the files, to have a test each; none where the shared folder is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "exports").is_dir():
        return []
    return [str(path.relative_to(folder)) for path in files(folder)]


@pytest.mark.parametrize("name", all_files())
def test_every_file_is_taken_in_whole_or_refused_with_a_reason(
    filled: Store, shared: Path, name: str
) -> None:
    check(filled, shared / name, Path(name).name)


def test_damaged_files_are_too(filled: Store, shared: Path) -> None:
    seeds = [path.read_bytes() for path in files(shared) if path.stat().st_size <= LARGEST_SEED]
    for content in islice(mutants(seeds, random.Random(2026)), MUTANTS):
        check(filled, content, "mutant.csv")


@given(content=st.binary(max_size=400))
def test_any_bytes_at_all_are_looked_at(content: bytes) -> None:
    found = inspect(content, "any", now=NOW)
    assert found.mapping is None or found.mapping.columns


def test_no_address_of_the_samples_is_in_the_store(tmp_path: Path, shared: Path) -> None:
    """Searched for in the bytes of everything the store has written."""
    addresses: set[bytes] = set()
    store = open_store(tmp_path / "data")
    for path in files(shared):
        if path.parent.parent.name != "exports" or b"@" not in path.read_bytes():
            continue
        text = path.read_bytes().decode("utf-8", "ignore")
        for word in text.replace(",", " ").replace('"', " ").replace("\t", " ").split():
            if without_mail(word) == "…@…":
                addresses.add(word.lower().encode())
        found = answered(path, path.name)
        if found.mapping is not None:
            import_file(store, path, None, found.mapping, who="test", now=NOW)
    store.close()
    assert len(addresses) > 1000
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    # Bytes on disk are packed; what they say is searched as well.
    written = (written + _all_texts(tmp_path)).lower()
    assert len(written) > 1_000_000
    words = b" ".join(re.findall(rb"[!-~\x80-\xff]*@[!-~\x80-\xff]*", written))
    assert [address for address in addresses if address in words] == []


def _all_texts(folder: Path) -> bytes:
    """Every cell of every table the store has written, unpacked."""
    texts: list[str] = []
    with duckdb.connect(str(folder / "data" / "cache.duckdb"), read_only=True) as cache:
        tables = cache.execute("select table_name from duckdb_tables()").fetchall()
        questions = [f'select * from "{name}"' for (name,) in tables]
        written = sorted(folder.rglob("*.parquet"))
        assert written
        questions += [f"select * from read_parquet('{path}')" for path in written]
        for question in questions:
            texts += [str(row) for row in cache.execute(question).fetchall()]
    with closing(sqlite3.connect(folder / "data" / "records.db")) as records:
        texts += list(records.iterdump())
    return "\n".join(texts).encode()
