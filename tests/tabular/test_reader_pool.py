"""Reader processes: a file ends its reader at most, and is read once whoever asks."""

import gc
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpi_core.domain.issue import Issue
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.ingest.inspect import inspect
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.tabular import file_cache as module
from kpi_core.tabular import quarantine, reader_pool
from kpi_core.tabular.file_cache import OpenedFiles
from kpi_core.tabular.opened_file import How, Opened
from kpi_core.tabular.opened_json import IssuesOfRows
from kpi_core.tabular.reader import open_file
from kpi_core.tabular.reader_pool import Limits, ReaderPool
from tests.bombs import FAR_CELLS, false_dimension, far_merge, shared_strings, workbook

NOW = datetime.fromisoformat("2026-04-01 09:00")
CSV = b"id,created\n1,2026-01-05\n2,2026-01-06\n"
WRONG_AT_4 = ("ragged", 4, None, "3 ≠ 2")
LATIN = "id,name,created\n1,J\u00fcrgen,2026-01-05\n2,Andr\u00e9,2026-01-06\n".encode("latin-1")
FAR = workbook(FAR_CELLS["plain"])
PIPES = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")


Opens = Callable[[Limits], OpenedFiles]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """Makes opened files of their own, closed at the end."""
    made: list[OpenedFiles] = []

    def make(limits: Limits) -> OpenedFiles:
        made.append(OpenedFiles(tmp_path, limits))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedFiles]:
    """Opened files as a server has them."""
    opened = OpenedFiles(tmp_path_factory.mktemp("files"))
    yield opened
    opened.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What readers are asked."""
    seen: list[dict[str, Any]] = []
    ask = ReaderPool.ask

    def noted(pool: ReaderPool, request: dict[str, Any], size: int) -> dict[str, Any]:
        seen.append(request)
        return ask(pool, request, size)

    monkeypatch.setattr(ReaderPool, "ask", noted)
    return seen


def pipe(folder: Path, name: str) -> Path:
    """A file that nobody finishes reading."""
    assert sys.platform != "win32"
    path = folder / name
    os.mkfifo(path)
    return path


def codes(opened: Opened) -> list[str]:
    return [issue.code for issue in opened.issues]


SCRATCH = duckdb.connect()


def rows(opened: Opened) -> list[list[str]]:
    assert opened.table is not None
    with SCRATCH.cursor() as scratch:
        opened.table.stage(scratch, "read")
        found = scratch.execute("from read order by line").fetchall()
    return [[str(line), *(cell or "" for cell in cells)] for line, *cells in found]


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds."""
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


def test_a_workbook_with_a_far_cell_is_refused_and_the_next_file_is_read(
    files: OpenedFiles,
) -> None:
    refused = files.open(FAR, "far.xlsx")
    assert (codes(refused), refused.refused) == (["reader_ended"], True)
    assert rows(files.open(CSV, "after.csv")) == [
        ["2", "1", "2026-01-05"],
        ["3", "2", "2026-01-06"],
    ]


@pytest.mark.parametrize("spelling", FAR_CELLS)
def test_a_far_cell_ends_its_reader_at_most_however_it_is_spelled(
    spelling: str, files: OpenedFiles
) -> None:
    opened = files.open(workbook(FAR_CELLS[spelling]), "far.xlsx")
    limits = {"too_many_cells", "too_many_columns"}
    assert set(codes(opened)) <= {"reader_ended", "quarantined", "damaged"} | limits
    assert opened.refused or spelling == "no place in a far row"
    assert files.open(CSV, "after.csv").table is not None


def test_shared_strings_that_fill_the_memory_end_their_reader_at_most(opens: Opens) -> None:
    files = opens(Limits(memory=512 << 20))
    assert codes(files.open(shared_strings(), "shared.xlsx")) == ["reader_ended"]


@pytest.mark.parametrize("make", [far_merge, false_dimension])
def test_what_a_sheet_says_of_its_size_takes_no_room(
    make: Callable[[], bytes], files: OpenedFiles
) -> None:
    assert "reader_ended" not in codes(files.open(make(), "said.xlsx"))


def test_a_file_that_ended_a_reader_is_not_read_again_by_any_process_or_start(
    opens: Opens, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    first, beside = opens(Limits()), opens(Limits())
    assert codes(first.open(FAR, "far.xlsx")) == ["reader_ended"]
    assert codes(first.open(FAR, "far.xlsx")) == ["quarantined"]
    path = tmp_path / "another name.xlsx"
    path.write_bytes(FAR)
    assert codes(beside.open(path, path.name)) == ["quarantined"]
    first.close()
    assert codes(opens(Limits()).open(path, path.name)) == ["quarantined"]
    assert len(asked) == 1
    assert beside.open(CSV, "after.csv").table is not None


def test_a_newer_version_of_the_program_reads_a_file_again(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = opens(Limits())
    assert codes(files.open(FAR, "far.xlsx")) == ["reader_ended"]
    monkeypatch.setattr(quarantine, "READS", "2")
    assert codes(files.open(FAR, "far.xlsx")) == ["reader_ended"]
    assert codes(files.open(FAR, "far.xlsx")) == ["quarantined"]


@PIPES
def test_a_file_is_not_blamed_for_a_reader_that_was_stopped(opens: Opens, tmp_path: Path) -> None:
    files = opens(Limits())
    with ThreadPoolExecutor(1) as thread:
        stops: tuple[Callable[[], object], ...] = (
            lambda: os.kill(files.pool.pids()[0], signal.SIGTERM),
            files.pool.close,
        )
        for stop in stops:
            reading = thread.submit(files.open, pipe(tmp_path, "endless"), "endless.csv")
            assert eventually(lambda: len(files.pool.pids()) == 1)
            stop()
            assert codes(reading.result(20)) == ["reader_ended"]
            (tmp_path / "endless").unlink()
    assert not (tmp_path / "quarantine").exists()


def test_a_file_that_ends_its_reader_is_no_exception_to_who_inspects_it(
    opens: Opens, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    files = opens(Limits())
    monkeypatch.setattr(module, "opened_files", lambda: files)
    found = inspect(FAR, "far.xlsx", now=NOW)
    assert (found.refused, [issue.code for issue in found.issues]) == (True, ["reader_ended"])
    mapping = read_mapping('name="m"\nsource="s"\ngrain="lead"\n[[stages]]\nstage="lead"\ndate="d"')
    assert isinstance(mapping, Mapping)
    receipt = import_file(store, FAR, "far.xlsx", mapping, who="t", now=NOW)
    assert [issue.code for issue in receipt.issues] == ["quarantined"]


@PIPES
def test_a_reader_that_is_killed_while_it_reads_is_replaced(opens: Opens, tmp_path: Path) -> None:
    files = opens(Limits())
    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(files.open, pipe(tmp_path, "endless"), "endless.csv")
        assert eventually(lambda: len(files.pool.pids()) == 1)
        (killed,) = files.pool.pids()
        os.kill(killed, signal.SIGKILL)
        assert codes(reading.result(20)) == ["reader_ended"]
    assert files.open(CSV, "after.csv").table is not None
    assert killed not in files.pool.pids()


def test_a_reader_that_was_killed_while_it_waited_is_replaced(opens: Opens) -> None:
    files = opens(Limits())
    files.open(CSV, "before.csv")
    (killed,) = files.pool.pids()
    os.kill(killed, signal.SIGTERM)
    assert eventually(lambda: files.pool.pids() == ())
    assert files.open(LATIN, "after.csv").questions
    assert len(files.pool.pids()) == 1


@PIPES
def test_a_file_that_takes_too_long_is_refused(
    opens: Opens, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = opens(Limits(seconds=0.2))
    assert codes(files.open(pipe(tmp_path, "endless"), "endless.csv")) == ["reader_ended"]
    assert "longer than 0 seconds" in caplog.text
    assert files.pool.pids() == ()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="The system does not say")
def test_a_file_that_takes_too_much_memory_is_refused(
    opens: Opens, caplog: pytest.LogCaptureFixture
) -> None:
    files = opens(Limits(memory=32 << 20))
    assert codes(files.open(CSV, "large.csv")) == ["reader_ended"]
    assert "more than 32 MB" in caplog.text
    assert files.pool.pids() == ()


def test_a_reader_of_a_large_file_is_replaced(opens: Opens) -> None:
    files = opens(Limits(large=len(CSV) + 1))
    files.open(CSV, "small.csv")
    (before,) = files.pool.pids()
    files.open(CSV.replace(b"1", b"9"), "small.csv")
    assert files.pool.pids() == (before,)
    files.open(CSV + CSV, "large.csv")
    assert files.pool.pids() == ()


@PIPES
def test_two_files_are_read_at_a_time_and_the_third_waits(opens: Opens, tmp_path: Path) -> None:
    files = opens(Limits())
    with ThreadPoolExecutor(3) as threads:
        endless = [
            threads.submit(files.open, pipe(tmp_path, name), name) for name in ("one", "two")
        ]
        assert eventually(lambda: len(files.pool.pids()) == 2)
        third = threads.submit(files.open, CSV, "third.csv")
        time.sleep(0.3)
        assert (third.done(), len(files.pool.pids())) == (False, 2)
        os.kill(files.pool.pids()[0], signal.SIGKILL)
        assert third.result(20).table is not None
        for pid in files.pool.pids():
            os.kill(pid, signal.SIGKILL)
        assert [codes(each.result(20)) for each in endless] == [["reader_ended"]] * 2


def test_many_threads_get_the_files_that_they_asked_for(files: OpenedFiles) -> None:
    contents = [CSV.replace(b"1,", f"row{at},".encode()) for at in range(20)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda each: rows(files.open(each, "any.csv")), contents))
    assert [cells[0][1] for cells in found] == [f"row{at}" for at in range(20)]
    assert len(files.pool.pids()) <= 2


@pytest.mark.parametrize("as_path", [True, False])
def test_a_file_is_read_once_for_inspection_preview_and_import(
    as_path: bool, store: Store, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    content = b"Deal ID,Create Date\nonce-%d,2026-01-05\nB,2026-01-06\n" % as_path
    path = tmp_path / "deals.csv"
    path.write_bytes(content)

    def source() -> Path | bytes:
        return path if as_path else bytes(bytearray(content))

    answers = {"source": "crm"}
    found = inspect(source(), "deals.csv", now=NOW, answers=answers)
    while found.answers_needed:
        question = found.answers_needed[0]
        answers[question.key] = question.options[0].value
        found = inspect(source(), "deals.csv", now=NOW, answers=answers)
    assert found.mapping is not None
    for dry_run in (True, True, False):
        receipt = import_file(
            store, source(), "deals.csv", found.mapping, who="t", now=NOW, dry_run=dry_run
        )
    assert (receipt.rows, receipt.file_hash) == (2, hashlib.sha256(content).hexdigest())
    assert len(asked) == 1
    inspect(source(), "deals.csv", now=NOW)
    assert len(asked) == 2  # what was imported is not kept any longer


def test_another_way_of_reading_reads_again_and_does_not_hash_again(
    files: OpenedFiles, asked: list[dict[str, Any]]
) -> None:
    hashed = hashlib.sha256(LATIN).hexdigest()
    first = files.open(LATIN, "names.csv")
    assert [question.key for question in first.questions if question.open] == ["encoding"]
    answered = files.open(LATIN, "names.csv", answers={"encoding": "cp1252"})
    assert rows(answered)[0] == ["2", "1", "J\u00fcrgen", "2026-01-05"]
    assert (first.file_hash, answered.file_hash) == (hashed, hashed)
    assert [request["file_hash"] for request in asked] == ["", hashed]
    by_mapping = files.open(LATIN, "other name.csv", How(encoding="cp1252", header=1))
    assert (by_mapping.table, by_mapping.name) == (answered.table, "other name.csv")
    assert [question.given for question in answered.questions] == [True, False]
    assert [question.given for question in by_mapping.questions] == [False, False]
    assert len(asked) == 2


def test_a_file_that_was_written_to_is_read_again(files: OpenedFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    assert files.open(path, "a.csv").file_hash == hashlib.sha256(CSV).hexdigest()
    path.write_bytes(CSV + b"3,2026-01-07\n")
    assert len(rows(files.open(path, "a.csv"))) == 3
    path.unlink()
    with pytest.raises(FileNotFoundError):
        files.open(path, "a.csv")


def test_of_many_files_the_last_ones_are_kept(opens: Opens, tmp_path: Path) -> None:
    files = opens(Limits())
    first = files.open(CSV, "first.csv")
    for at in range(module.MOST_FILES + 3):
        files.open(CSV.replace(b"1,", f"{at + 10},".encode()), "next.csv")
    gc.collect()
    kept = len(list((tmp_path / "tmp").rglob("*.parquet")))
    assert kept == module.MOST_FILES + 1
    assert len(rows(first)) == 2  # who still holds it can read it
    del first
    gc.collect()
    assert len(list((tmp_path / "tmp").rglob("*.parquet"))) == module.MOST_FILES


def test_what_is_wrong_with_many_rows_is_told_in_pieces(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_pool, "LARGEST_ANSWER", 300_000)
    opened = opens(Limits()).open(CSV + b"1,2,3\n" * 5_001, "ragged.csv")
    assert opened.table is not None
    assert [each.line for each in opened.table.issues] == list(range(4, 5_005))


def test_what_is_wrong_with_many_rows_takes_no_object_for_each(opens: Opens) -> None:
    opened = opens(Limits()).open(CSV + b"1,2,3\n" * 5_001, "ragged.csv")
    assert opened.table is not None
    gc.collect()
    assert sum(isinstance(each, Issue) for each in gc.get_objects()) < 100
    issues = opened.table.issues
    assert (len(issues), issues[0], issues[-1].line) == (5_001, Issue(*WRONG_AT_4), 5_004)
    assert [each.line for each in issues[1_999:2_002]] == [2_003, 2_004, 2_005]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"code": ["ragged"], "line": [], "column": [None], "value": [""], "severity": ["rejected"]},
        {"code": [""], "line": [1], "column": [None], "value": [""], "severity": ["unheard of"]},
    ],
)
def test_issues_that_are_none_are_not_believed(columns: dict[str, list[object]]) -> None:
    with pytest.raises((KeyError, ValueError)):
        IssuesOfRows([columns])


def test_an_answer_without_its_rows_is_not_believed(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = opens(Limits())
    ask = ReaderPool.ask

    def cut(pool: ReaderPool, request: dict[str, Any], size: int) -> dict[str, Any]:
        answer = ask(pool, request, size)
        os.truncate(request["into"], 20)
        return answer

    monkeypatch.setattr(ReaderPool, "ask", cut)
    assert codes(files.open(CSV, "a.csv")) == ["reader_ended"]
    monkeypatch.setattr(ReaderPool, "ask", lambda *_: {"opened": {"name": "a.csv"}})
    assert codes(files.open(CSV, "a.csv")) == ["reader_ended"]


def test_a_reader_may_not_know_the_settings_of_the_board(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_SECRET", "x")
    files = opens(Limits())
    files.open(CSV, "a.csv")
    (pid,) = files.pool.pids()
    environment = Path(f"/proc/{pid}/environ")
    if not environment.exists():
        pytest.skip("The system does not say")
    assert b"KPI_" not in environment.read_bytes()


def test_closing_ends_the_readers_and_removes_the_files(opens: Opens, tmp_path: Path) -> None:
    files = opens(Limits())
    files.open(CSV, "a.csv")
    (pid,) = files.pool.pids()
    files.close()
    assert files.pool.pids() == ()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_an_ended_process_left_behind_is_removed_and_that_of_a_running_one_is_not(
    opens: Opens, tmp_path: Path
) -> None:
    running = opens(Limits())
    held = running.open(CSV, "a.csv")
    left = tmp_path / "tmp" / "kpi-files-left"
    left.mkdir()
    (left / "a.parquet").write_bytes(b"x")
    left.with_suffix(".lock").touch()
    opens(Limits())
    assert not left.exists()
    assert len(rows(held)) == 2


def test_a_process_that_has_opened_files_ends_and_leaves_no_reader(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from kpi_core.tabular.file_cache import open_in_reader, opened_files\n"
        "files = opened_files(Path(sys.argv[1]))\n"
        "open_in_reader(b'id,at\\n1,2\\n', 'a.csv')\n"
        "print(*files.pool.pids())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout), 0)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_threads_that_ask_for_one_file_wait_for_one_reading(
    files: OpenedFiles, asked: list[dict[str, Any]]
) -> None:
    content = CSV + b"threads,2026-02-01\n"
    begin = threading.Barrier(4)

    def opened() -> int:
        begin.wait()
        return len(rows(files.open(content, "a.csv")))

    with ThreadPoolExecutor(4) as threads:
        assert [each.result() for each in [threads.submit(opened) for _ in range(4)]] == [3] * 4
    assert len(asked) == 1


def same(one: Opened, other: Opened) -> None:
    """Both say the same, down to every row."""
    assert replace(one, table=None) == replace(other, table=None)
    assert (one.table is None) == (other.table is None)
    if one.table is not None and other.table is not None:
        assert rows(one) == rows(other)
        assert one.table.head(150) == other.table.head(150)
        assert list(one.table.issues) == list(other.table.issues)
        table = replace(one.table, body=other.table.body, issues=other.table.issues)
        assert table == other.table


@pytest.mark.slow
def test_every_real_file_is_the_same_by_a_reader(files: OpenedFiles, shared: Path) -> None:
    places = [
        path
        for folder in ("torture", "exports")
        for path in sorted((shared / folder).rglob("*"))
        if path.is_file()
    ]
    assert len(places) > 200
    for path in places:
        here, there = open_file(path, path.name), files.open(path, path.name)
        same(there, here)
        assert there.file_hash == hashlib.sha256(path.read_bytes()).hexdigest()
        for question in (each for each in here.questions if each.open):
            answers = {question.key: question.options[-1].value}
            same(
                files.open(path, path.name, answers=answers),
                open_file(path, path.name, answers=answers),
            )


@pytest.mark.slow
def test_a_large_plain_file_and_a_large_odd_one_are_the_same_by_a_reader(
    files: OpenedFiles,
) -> None:
    body = [f"L{n:09d},2026-01-02 10:00:00,web" for n in range(90_000)]
    for odd in ([], [",,"], ["id,at,channel"], ["total,,"]):
        content = "\n".join(["id,at,channel", *body[:50_000], *odd, *body[50_000:]]).encode()
        opened = files.open(content, "a.csv")
        same(opened, open_file(content, "a.csv"))
        assert opened.table is not None
        head = [[str(line), *cells] for line, cells in opened.table.head(60_000)]
        assert head == rows(opened)[:60_000]
