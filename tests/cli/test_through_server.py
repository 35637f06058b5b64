"""The command line while the board runs: it has the store, and `import` goes through it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_core.storage.store import open_store
from tests.server import Server, StartServer

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def board(server: StartServer) -> Server:
    return server()


@pytest.fixture
def call(root: Path, board: Server) -> Command:
    """A command on the board's store, in a process of its own."""

    def run(*args: str, lang: str = "en") -> "subprocess.CompletedProcess[str]":
        environ = {"KPI_DATABASE": str(board.database), "LC_ALL": f"{lang}_XX.UTF-8"}
        return subprocess.run(
            [sys.executable, "-m", "kpi_core", *args],
            cwd=root,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environ},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run


def test_an_import_goes_through_the_board_that_has_the_store(
    call: Command, board: Server, leads: Path
) -> None:
    ran = call("import", str(leads), "--dry-run")
    assert ran.returncode == 1, ran.stderr
    assert "Dry run: nothing was saved." in ran.stdout
    ran = call("import", str(leads))
    assert ran.returncode == 1, ran.stderr
    assert "Import 1. To undo it" in ran.stdout
    assert "Line 4, lead_date: " in ran.stdout
    again = call("import", str(leads), "--json", lang="ja")
    (receipt,) = json.loads(again.stdout)["receipts"]
    assert (receipt["repeats"], receipt["rows"], receipt["file_name"]) == (1, 3, "leads.csv")


def test_a_mapping_of_ones_own_goes_along(call: Command, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "tag"\n',
        encoding="utf-8",
    )
    export = tmp_path / "export.csv"
    export.write_text("nr,tag\n1,2026-11-02\n", encoding="utf-8")
    ran = call("import", str(export), "--mapping", str(mapping), "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["receipts"][0]["source"] == "mine"
    assert call("import", str(export), "--mapping", "nonsense").returncode == 2


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_open_is_asked_and_can_be_answered(
    call: Command, tmp_path: Path, lang: str
) -> None:
    export = tmp_path / f"strange-{lang}.csv"
    export.write_text(f"Lead ID,Created\n{lang}1,2026-11-02\n", encoding="utf-8")
    given: list[str] = []
    for _ in range(10):
        ran = call("import", str(export), *given, "--json", lang=lang)
        document = json.loads(ran.stdout)
        if not document["questions"]:
            break
        assert ran.returncode == 2
        question = document["questions"][0]["questions"][0]
        answer = question["answer"] or question["options"][0]["value"]
        given += ["--answer", f"{question['key']}={answer}"]
    assert given
    assert (ran.returncode, len(document["receipts"])) == (0, 1), ran.stderr
    asked = call("import", str(export), lang=lang)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "--answer" in asked.stderr


def test_what_cannot_be_read_says_why(call: Command, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    ran = call("import", str(picture), "nowhere.csv")
    assert (ran.returncode, ran.stdout) == (2, "")
    first, second = ran.stderr.splitlines()
    assert str(picture) in first
    assert "PNG" in first
    assert second == 'Error: There is no file "nowhere.csv". Check its name and folder.'


def test_a_file_without_one_good_row_is_not_done(call: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("lead_id,lead_date\nB1,someday\n", encoding="utf-8")
    ran = call("import", str(bad))
    assert ran.returncode == 2
    assert "not one row could be taken in" in ran.stderr
    assert "Line 2" in ran.stdout


@pytest.mark.parametrize(("lang", "said"), [("en", "The running board"), ("ja", "起動中のボード")])
def test_what_needs_the_store_says_who_has_it(
    call: Command, board: Server, good_leads: Path, lang: str, said: str
) -> None:
    for args in (("imports",), ("undo", "1"), ("mapping", "list"), ("board",), ("rejected", "1")):
        ran = call(*args, lang=lang)
        assert (ran.returncode, ran.stdout) == (2, ""), args
        assert said in ran.stderr
        assert str(board.process.pid) in ran.stderr
        assert board.url in ran.stderr
    ran = call("import", str(good_leads), "--save-mapping", "x", lang=lang)
    assert ran.returncode == 2
    assert "--save-mapping" in ran.stderr
    ran = call("inspect", str(good_leads), lang=lang)
    assert ran.returncode == 0
    assert said in ran.stderr


def test_once_the_board_has_stopped_the_store_is_free(
    server: StartServer, root: Path, good_leads: Path
) -> None:
    board = server()
    board.kill()
    environ = {"KPI_DATABASE": str(board.database), "LC_ALL": "en_US.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "kpi_core", "import", str(good_leads)],
        cwd=root,
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    store = open_store(board.database, read_only=True)
    assert store.leads() == 2
    store.close()
