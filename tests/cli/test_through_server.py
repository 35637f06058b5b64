"""The command line while the board runs: it has the store, and `import` goes through it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_core.storage.store import open_store
from tests.cli.conftest import Run
from tests.server import Server, start_server


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A board for all tests; the last of them kills it."""
    with start_server(tmp_path_factory.mktemp("board")) as board:
        yield board


@pytest.fixture
def environ(board: Server) -> dict[str, str]:
    """Commands are run on the board's store."""
    return {"KPI_DATABASE": str(board.database)}


def test_an_import_goes_through_the_board_that_has_the_store(
    run: Run, root: Path, environ: dict[str, str], leads: Path
) -> None:
    ran = run("import", str(leads), "--dry-run")
    assert ran.code == 1, ran.err
    assert "Dry run: nothing was saved." in ran.out
    # Once as a shell does it.
    done = subprocess.run(
        [sys.executable, "-m", "kpi_core", "import", str(leads), "--lang", "en"],
        cwd=root,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "Import 1. To undo it" in done.stdout
    assert "Line 4, lead_date: " in done.stdout
    again = run("import", str(leads), "--json", lang="ja")
    (receipt,) = again.json["receipts"]
    assert (receipt["repeats"], receipt["rows"], receipt["file_name"]) == (1, 3, "leads.csv")


def test_a_mapping_of_ones_own_goes_along(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "tag"\n',
        encoding="utf-8",
    )
    export = tmp_path / "export.csv"
    export.write_text("nr,tag\n1,2026-11-02\n", encoding="utf-8")
    ran = run("import", str(export), "--mapping", str(mapping), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["receipts"][0]["source"] == "mine"
    assert run("import", str(export), "--mapping", "nonsense").code == 2


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_open_is_asked_and_can_be_answered(run: Run, tmp_path: Path, lang: str) -> None:
    export = tmp_path / f"strange-{lang}.csv"
    export.write_text(f"Lead ID,Created\n{lang}1,2026-11-02\n", encoding="utf-8")
    given: list[str] = []
    for _ in range(10):
        ran = run("import", str(export), *given, "--json", lang=lang)
        document = ran.json
        if not document["questions"]:
            break
        assert ran.code == 2
        question = document["questions"][0]["questions"][0]
        answer = question["answer"] or question["options"][0]["value"]
        given += ["--answer", f"{question['key']}={answer}"]
    assert given
    assert (ran.code, len(document["receipts"])) == (0, 1), ran.err
    asked = run("import", str(export), lang=lang)
    assert (asked.code, asked.out) == (2, "")
    assert "--answer" in asked.err


def test_what_cannot_be_read_says_why(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    ran = run("import", str(picture), "nowhere.csv")
    assert (ran.code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert str(picture) in first
    assert "PNG" in first
    assert second == 'Error: There is no file "nowhere.csv". Check its name and folder.'


def test_a_file_without_one_good_row_is_not_done(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("lead_id,lead_date\nB1,someday\n", encoding="utf-8")
    ran = run("import", str(bad))
    assert ran.code == 2
    assert "not one row could be taken in" in ran.err
    assert "Line 2" in ran.out


@pytest.mark.parametrize(("lang", "said"), [("en", "The running board"), ("ja", "起動中のボード")])
def test_what_needs_the_store_says_who_has_it(
    run: Run, board: Server, good_leads: Path, lang: str, said: str
) -> None:
    for args in (("imports",), ("undo", "1"), ("mapping", "list"), ("board",), ("rejected", "1")):
        ran = run(*args, lang=lang)
        assert (ran.code, ran.out) == (2, ""), args
        assert said in ran.err
        assert str(board.process.pid) in ran.err
        assert board.url in ran.err
    ran = run("import", str(good_leads), "--save-mapping", "x", lang=lang)
    assert ran.code == 2
    assert "--save-mapping" in ran.err
    ran = run("inspect", str(good_leads), lang=lang)
    assert ran.code == 0
    assert said in ran.err


def test_once_the_board_has_stopped_the_store_is_free(
    run: Run, board: Server, good_leads: Path
) -> None:
    """The last test: the board is gone after it."""
    store_says = run("imports")
    assert (store_says.code, store_says.out) == (2, "")
    board.kill()
    ran = run("import", str(good_leads), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["receipts"][0]["repeats"] is None
    store = open_store(board.database, read_only=True)
    assert store.imports()[0].file_name == good_leads.name
    store.close()
