"""`mapping list`, `show`, `save` and `delete`."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run

MINE = (
    'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "nr"\n'
    '[[stages]]\nstage = "lead"\ndate = "tag"\n'
)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text("nr,tag\n1,2026-11-02\n", encoding="utf-8")
    return path


def test_what_is_saved_is_used_listed_shown_and_deleted(run: Run, mine: Path, export: Path) -> None:
    ran = run("mapping", "save", str(mine), "--name", "our-crm")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out == 'The mapping "our-crm" is saved. Files with its columns are imported with it.\n'
    )
    assert run("mapping", "show", "our-crm").out == MINE
    listed = run("mapping", "list")
    assert re.search(r"our-crm +2026-11-22 \(.+\)", listed.out)
    assert "funnel-template" in listed.out
    assert run("import", str(export)).code == 0
    assert run("counts", "--stage", "lead", "--source", "mine", "--json").json["total"] == 1
    assert run("import", str(export), "--mapping", "our-crm").code == 0
    assert run("mapping", "delete", "our-crm").code == 0
    assert run("mapping", "list", "--json").json["saved"] == []
    assert run("counts", "--stage", "lead", "--source", "mine", "--json").json["total"] == 1


def test_without_a_name_the_files_own_is_used(run: Run, mine: Path) -> None:
    run("mapping", "save", str(mine))
    assert [each["name"] for each in run("mapping", "list", "--json").json["saved"]] == ["mine"]


def test_a_mapping_that_ships_can_be_shown_and_saved_under_another_name(
    run: Run, tmp_path: Path
) -> None:
    shown = run("mapping", "show", "funnel-template").out
    path = tmp_path / "mine.toml"
    path.write_text(shown, encoding="utf-8")
    assert run("mapping", "save", str(path), "--name", "my-template").code == 0
    assert run("mapping", "show", "my-template").out == shown


def test_a_mapping_of_that_name_that_is_saved_comes_before_one_that_ships(
    run: Run, mine: Path, export: Path
) -> None:
    run("mapping", "save", str(mine), "--name", "funnel-template")
    assert run("mapping", "show", "funnel-template").out == MINE
    assert run("import", str(export), "--mapping", "funnel-template").code == 0
    assert run("mapping", "delete", "funnel-template").code == 0
    assert run("import", str(export), "--mapping", "funnel-template").code == 2


def test_only_what_is_saved_can_be_deleted(run: Run) -> None:
    ran = run("mapping", "delete", "funnel-template")
    assert "there is no saved mapping of this name" in ran.err


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_cannot_be_done_says_why(run: Run, tmp_path: Path, lang: str) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('name = "mine"\ngrain = "year"\n', encoding="utf-8")
    for args in (
        ("save", str(broken)),
        ("save", "nowhere.toml"),
        ("show", "nonsense"),
        ("delete", "nonsense"),
        ("delete", "funnel-template"),
    ):
        ran = run("mapping", *args, lang=lang)
        assert (ran.code, ran.out) == (2, ""), args
        assert ran.err.startswith({"en": "Error: ", "ja": "エラー: "}[lang])
        assert "went wrong in the program" not in ran.err
