"""`plan check`, `load`, `export`, `print` and `list`."""

from pathlib import Path

import pytest

from kpi_core.charts import png
from kpi_core.plans.starter_plans import STARTERS, starters
from tests.cli.conftest import Run
from tests.sheet.pdf_text import pages, squeezed, text_of


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(starters()["saas"], encoding="utf-8")
    return path


@pytest.mark.parametrize("starter", STARTERS)
def test_every_starter_is_sound(run: Run, starter: str) -> None:
    assert run("plan", "check", starter).code == 0
    assert run("plan", "load", starter).code == 0


def test_a_checked_plan_is_not_saved(run: Run, plan: Path) -> None:
    ran = run("plan", "check", str(plan))
    assert ran.out == 'The plan "saas" is valid: New SaaS orders, KPI: MQLs.\n'
    assert run("plan", "list", "--json").json == {"plans": []}


def test_what_is_loaded_comes_back_the_same(run: Run, plan: Path) -> None:
    assert run("plan", "load", str(plan)).code == 0
    assert run("plan", "export").out == plan.read_text(encoding="utf-8")
    assert run("plan", "export", "saas").out == plan.read_text(encoding="utf-8")


def test_every_mistake_has_its_sentence(run: Run, plan: Path) -> None:
    text = plan.read_text(encoding="utf-8")
    text = text.replace("default = 50", '"2026-13" = 50').replace("csf = {", "cfs = {")
    plan.write_text(text, encoding="utf-8")
    for command in ("check", "load"):
        ran = run("plan", command, str(plan))
        assert (ran.code, ran.out) == (2, "")
        assert "kpi.targets.2026-13" in ran.err
        assert "cfs" in ran.err
        assert all(line.startswith("Error: ") for line in ran.err.splitlines())
    assert run("plan", "check", str(plan), lang="ja").err.startswith("エラー: ")


@pytest.mark.usefixtures("demo")
def test_a_revision_keeps_the_past(run: Run, plan: Path) -> None:
    text = plan.read_text(encoding="utf-8").replace("default = 50", "default = 60")
    plan.write_text(text, encoding="utf-8")
    ran = run("plan", "load", str(plan), "--from", "2026-11", "--why", "more budget")
    assert ran.code == 0
    assert run("board", "--json").json["kpi"]["target"] == 60
    assert run("board", "--month", "2026-10", "--json").json["kpi"]["target"] == 50
    listed = run("plan", "list", "--json").json["plans"][0]
    assert [each["why"] for each in listed["revisions"]][1:] == ["more budget"]
    assert listed["revisions"][1]["effective_from"] == "2026-11-01"
    assert "more budget" in run("plan", "list").out


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["check", "nowhere.toml"], id="no file"),
        pytest.param(["load", "nowhere.toml"], id="no file to load"),
        pytest.param(["load", "saas", "--from", "soon"], id="no month"),
        pytest.param(["export"], id="no plan"),
        pytest.param(["export", "other"], id="no such plan"),
        pytest.param(["check"], id="no argument"),
        pytest.param(["unheard-of"], id="no command"),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, args: list[str]) -> None:
    ran = run("plan", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "went wrong" not in ran.err


def test_a_plan_in_another_encoding_is_said_to_be(run: Run, plan: Path) -> None:
    plan.write_bytes("name = '受注'".encode("cp932"))
    ran = run("plan", "check", str(plan))
    assert ran.code == 2
    assert "UTF-8" in ran.err


def test_a_plan_may_begin_with_a_mark(run: Run, plan: Path) -> None:
    plan.write_text(plan.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert run("plan", "load", str(plan)).code == 0


def test_a_plan_is_printed_on_one_sheet_in_the_language_asked_for(
    run: Run, plan: Path, tmp_path: Path
) -> None:
    assert run("plan", "load", str(plan), "--why", "More budget").code == 0
    pdf, picture = tmp_path / "plan.pdf", tmp_path / "plan.PNG"
    ran = run("plan", "print", "--out", str(pdf))
    assert (ran.code, ran.out) == (0, f'The plan "saas" is printed: {pdf}\n')
    assert pages(pdf.read_bytes()) == 1
    for text in ("New SaaS orders", "Revision 1, saved by", "on Nov 22, 2026", "More budget"):
        assert squeezed(text) in text_of(pdf.read_bytes())
    assert run("plan", "print", "saas", "--out", str(pdf), "--lang", "ja").code == 0
    assert "SaaSの新規受注" in text_of(pdf.read_bytes())
    assert run("plan", "print", "--out", str(picture)).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_starter_is_printed_as_a_draft_to_a_file_of_its_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("plan", "print", "manufacturer").code == 0
    assert "Draft,notsaved" in text_of(Path("manufacturer.pdf").read_bytes())


def test_a_sheet_that_cannot_be_printed_says_why(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "plan.pdf"
    assert "There is no plan yet" in run("plan", "print", "--out", str(out)).err
    ran = run("plan", "print", "saas", "--out", "plan.docx")
    assert (ran.code, "one of .pdf, .png" in ran.err) == (2, True)
    ran = run("plan", "print", "saas", "--out", str(tmp_path / "nowhere" / "plan.pdf"))
    assert (ran.code, "cannot be written" in ran.err) == (2, True)
    monkeypatch.setattr(png, "FONT_PACKAGE", "no_such_package")
    ran = run("plan", "print", "saas", "--out", str(out))
    assert (ran.code, "pylopdf-fonts-jp" in ran.err) == (2, True)
    assert list(tmp_path.glob("*.pdf")) == []
