"""`plan check`, `load`, `export` and `list`."""

from pathlib import Path

import pytest

from kpi_core.plans.starter_plans import STARTERS, starters
from tests.cli.conftest import Run


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
