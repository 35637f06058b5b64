"""Commands while the board runs on the same data folder: each opens the store by itself."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.server import Server, start_server

SHOWN_SECONDS = 20.0


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A board for all tests; the last of them kills it."""
    with start_server(tmp_path_factory.mktemp("board")) as board:
        yield board


@pytest.fixture
def environ(board: Server) -> dict[str, str]:
    """Commands are run on the board's data folder."""
    return {"KPI_DATA": str(board.data)}


def wall(board: Server) -> str:
    return str(urllib.request.urlopen(f"{board.url}/wall?lang=en").read().decode())


def test_an_import_is_counted_by_the_board_at_once(
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
    assert "follow" not in done.stdout
    again = run("import", str(leads), "--json", lang="ja")
    (receipt,) = again.json["receipts"]
    assert (receipt["repeats"], receipt["rows"], receipt["file_name"]) == (1, 3, "leads.csv")
    assert run("counts", "--stage", "lead", "--json").json["total"] == 2


def test_a_mapping_of_ones_own_goes_along_and_is_saved(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "tag"\n',
        encoding="utf-8",
    )
    export = tmp_path / "export.csv"
    export.write_text("nr,tag\n1,2026-11-02\n", encoding="utf-8")
    ran = run("import", str(export), "--mapping", str(mapping), "--save-mapping", "x", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["receipts"][0]["source"] == "mine"
    assert "x" in run("mapping", "list").out.split()
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
    assert "no row could be imported" in ran.err
    assert "Line 2" in ran.out


def test_the_board_shows_a_plan_that_a_command_has_loaded(run: Run, board: Server) -> None:
    ran = run("plan", "load", "saas")
    assert ran.code == 0, ran.err
    until = time.monotonic() + SHOWN_SECONDS
    while 'class="value"' not in wall(board):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_every_other_command_works_too(run: Run, good_leads: Path, tmp_path: Path) -> None:
    assert run("inspect", str(good_leads)).err == ""
    for args in (
        ("imports",),
        ("rejected", "1"),
        ("mapping", "list"),
        ("mapping", "delete", "x"),
        ("board",),
        ("plan", "list"),
        ("plan", "export", "saas"),
        ("token", "add", "crm"),
        ("token", "list"),
        ("token", "revoke", "1"),
        ("display", "add", "hall"),
        ("display", "list"),
        ("display", "revoke", "1"),
        ("backup", str(tmp_path / "b.zip")),
        ("erase", "--id", "A2"),
        ("undo", "1"),
    ):
        ran = run(*args)
        assert (ran.code, ran.err) == (0, ""), args
    demo = run("demo")
    assert demo.code == 2
    assert "your own data" in demo.err


def test_after_the_board_was_killed_a_command_goes_on_with_its_work(
    run: Run, board: Server, good_leads: Path
) -> None:
    """The last test: the board is gone after it."""
    before = run("counts", "--stage", "lead", "--json").json["total"]
    board.kill()
    changed = good_leads.with_name("more.csv")
    changed.write_text("lead_id,lead_date\nC1,2026-11-02\n", encoding="utf-8")
    ran = run("import", str(changed), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["receipts"][0]["new"] == 1
    assert run("counts", "--stage", "lead", "--json").json["total"] == before + 1
