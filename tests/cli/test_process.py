"""The command line as a program: what a shell sees of it."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kpi_core.facts.store import open_store

HEAVY = {"altair", "babel", "duckdb", "fastapi", "holidays", "pandas", "pydantic"}


def call(root: Path, environ: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kpi_core", *args],
        cwd=root,
        env={**os.environ, "LC_ALL": "", "LC_MESSAGES": "", "PYTHONIOENCODING": "utf-8", **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_help_loads_nothing_heavy(root: Path, environ: dict[str, str]) -> None:
    code = (
        "import sys; from kpi_core.cli.main import main; main(['counts', '--help']);"
        f"print(*sorted({HEAVY} & set(sys.modules)), 'loaded')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "loaded"


def test_from_file_to_numbers(root: Path, environ: dict[str, str], good_leads: Path) -> None:
    ran = call(root, environ, "import", str(good_leads), "--mapping", "funnel-template")
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = call(root, environ, "counts", "--stage", "lead", "--json")
    assert json.loads(ran.stdout)["total"] == 2


def test_exit_codes_and_languages(root: Path, environ: dict[str, str], leads: Path) -> None:
    japanese = {**environ, "LANG": "ja_JP.UTF-8"}
    ran = call(root, japanese, "import", str(leads), "--mapping", "funnel-template")
    assert ran.returncode == 1
    assert "受け付けなかった行" in ran.stdout
    ran = call(root, japanese, "counts", "--stage", "nothing")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("エラー: ")


def test_a_store_that_another_process_has_open_is_open_to_all(
    root: Path, environ: dict[str, str]
) -> None:
    with closing(open_store(environ["KPI_DATA"])):
        ran = call(root, environ, "imports", "--lang", "en")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_file_that_is_no_store_is_left_alone(
    root: Path, environ: dict[str, str], tmp_path: Path, lang: str
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes.\n" * 1000, encoding="utf-8")
    ran = call(root, {**environ, "KPI_DATA": str(path)}, "imports", "--lang", lang)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert path.read_text(encoding="utf-8").startswith("These are my notes.")


def test_a_terminal_of_few_signs_gets_what_it_can_show(root: Path, environ: dict[str, str]) -> None:
    ran = call(root, {**environ, "PYTHONIOENCODING": "ascii"}, "--lang", "ja", "--help")
    assert ran.returncode == 0
    assert "python -m kpi_core" in ran.stdout


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "set KPI_DATA to a folder"), ("ja", "KPI_DATA にフォルダーを指定")]
)
def test_the_setting_of_earlier_versions_ends_every_command(
    root: Path, environ: dict[str, str], tmp_path: Path, lang: str, said: str
) -> None:
    for args in (("imports",), ("backup", str(tmp_path / "b.zip")), ("restore", str(tmp_path))):
        ran = call(root, {**environ, "KPI_DATABASE": "data/kpi.duckdb"}, *args, "--lang", lang)
        assert (ran.returncode, ran.stdout) == (2, ""), args
        assert ran.stderr.count("\n") == 1
        assert said in ran.stderr


def test_the_store_of_an_earlier_version_is_named_and_left_alone(
    root: Path, environ: dict[str, str]
) -> None:
    former = Path(environ["KPI_DATA"]) / "kpi.duckdb"
    former.parent.mkdir()
    former.write_bytes(b"former")
    ran = call(root, environ, "imports", "--lang", "en")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert str(former) in ran.stderr
    assert [path.name for path in former.parent.iterdir()] == ["kpi.duckdb"]
