"""`inspect`, and answers given on the command line."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from kpi_core.facts.store import open_store
from tests.cli.conftest import Ran, Run


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """Leads of a system that no mapping knows, with a stage that nobody has heard of."""
    path = tmp_path / "strange file.csv"
    path.write_text(
        "Lead ID,E-mail,Created,Phase,Source\n"
        "7,ann@example.com,2026-11-02,Hot,Web\n"
        "8,bob@example.com,2026-11-03,Won,Fair\n"
        "9,cat@example.com,2026-11-16,Hot,Web\n",
        encoding="utf-8",
    )
    return path


def keys(document: Any) -> list[str]:
    return [question["key"] for question in document]


def answered(run: Run, path: Path, *commands: str) -> tuple[Ran, list[str]]:
    """Answer whatever is asked with what is concluded or offered first, until nothing is open."""
    given: list[str] = []
    for _ in range(20):
        found = run("inspect", str(path), "--json", *given).json
        if not found["questions"]:
            break
        question = found["questions"][0]
        given += ["--answer", f"{question['key']}={question['options'][0]['value']}"]
    return run(*commands, str(path), *given), given


def test_a_known_header_leaves_nothing_to_ask(run: Run, good_leads: Path) -> None:
    ran = run("inspect", str(good_leads))
    assert (ran.code, ran.err) == (0, "")
    assert "funnel-template" in ran.out
    assert "separated by commas" in ran.out
    assert "Open questions" not in ran.out
    assert f"python -m kpi_core import {shlex.quote(str(good_leads))}\n" in ran.out
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["lead_id", "id"] in lines
    assert ["lead_date", "stages.lead"] in lines
    assert ["2", "A1", "lead", "2026-11-02"] in lines


def test_the_same_as_json(run: Run, good_leads: Path) -> None:
    found = run("inspect", str(good_leads), "--json").json
    assert (found["kind"], found["encoding"], found["delimiter"]) == ("csv", "utf-8", ",")
    assert (found["rows"], found["known"], found["grain"]) == (2, "funnel-template", "lead")
    assert found["header"] == ["lead_id", "lead_date"]
    assert found["columns"] == [
        {"column": "lead_id", "means": ["id"]},
        {"column": "lead_date", "means": ["stages.lead"]},
    ]
    assert [row["lead"] for row in found["preview"]] == ["A1", "A2"]
    assert found["questions"] == []


def test_nothing_is_taken_in_and_no_store_is_made(
    run: Run, environ: dict[str, str], good_leads: Path
) -> None:
    assert run("inspect", str(good_leads)).code == 0
    assert not Path(environ["KPI_DATA"]).exists()


def test_what_is_asked_comes_with_the_option_that_answers_it(run: Run, strange: Path) -> None:
    for lang, heading in (("en", "Open questions:"), ("ja", "確認が必要なこと：")):
        ran = run("inspect", str(strange), lang=lang)
        assert ran.code == 0
        assert heading in ran.out
        assert "--answer" in ran.out.split(heading)[1]


def test_personal_columns_are_named_as_dropped(run: Run, strange: Path) -> None:
    found = run("inspect", str(strange), "--json").json
    assert [column["header"] for column in found["dropped"]] == ["E-mail"]
    assert "E-mail (mail address)" in run("inspect", str(strange)).out


def test_open_questions_stop_an_import_and_say_how_to_go_on(run: Run, strange: Path) -> None:
    ran = run("import", str(strange))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Error: {strange}: 2 questions about this file are open.")
    assert "--answer" in ran.err
    asked = run("import", str(strange), "--json").json
    assert asked["receipts"] == []
    assert asked["questions"][0]["file"] == str(strange)
    assert keys(asked["questions"][0]["questions"])
    assert run("imports").out == "Nothing has been imported yet.\n"


def test_with_answers_it_goes_in_and_next_time_without(
    run: Run, strange: Path, tmp_path: Path
) -> None:
    ran, given = answered(run, strange, "import", "--save-mapping", "our-crm")
    assert ran.code == 0, ran.err
    assert given
    assert run("mapping", "list", "--json").json["saved"][0]["name"] == "our-crm"
    another = tmp_path / "next.csv"
    another.write_text(strange.read_text(encoding="utf-8").replace("\n7,", "\n17,"), "utf-8")
    assert run("import", str(another)).code == 0
    assert run("inspect", str(another), "--json").json["known"] is not None
    assert len(run("imports", "--json").json["imports"]) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("nonsense", "cannot read"),
        ("=x", "cannot read"),
        ("colour=red", 'there is no question "colour"'),
        ("grain=century", '"century" is not an answer to "grain"'),
    ],
)
def test_an_answer_that_answers_nothing_says_why(
    run: Run, strange: Path, answer: str, said: str
) -> None:
    for command in ("inspect", "import"):
        ran = run(command, str(strange), "--answer", answer)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert run(command, str(strange), "--answer", answer, lang="ja").code == 2


def test_a_file_that_is_no_table_says_what_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    for answers in ((), ("--answer", "grain=lead")):
        for command in ("inspect", "import"):
            ran = run(command, str(path), *answers)
            assert ran.code == 2
            assert "PNG" in ran.err


def test_a_file_that_is_not_there_says_so(run: Run) -> None:
    ran = run("inspect", "nowhere.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'Error: There is no file "nowhere.csv". Check its name and folder.\n'


def test_a_files_own_text_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    path.write_text("Nr,\x1b[2JPhase,Created\n1,\x1b]0;x\x07,2026-11-02\n", encoding="utf-8")
    for command in ("inspect", "import"):
        ran = run(command, str(path))
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err


def test_a_damaged_store_costs_only_its_saved_mappings(
    run: Run, environ: dict[str, str], good_leads: Path
) -> None:
    records = Path(environ["KPI_DATA"]) / "records.db"
    records.parent.mkdir()
    records.write_bytes(b"no store at all")
    ran = run("inspect", str(good_leads))
    assert ran.code == 0
    assert "not a store" in ran.err
    assert "saved mappings are ignored" in ran.err
    assert "funnel-template" in ran.out
    records.unlink()
    open_store(environ["KPI_DATA"]).close()
    assert run("inspect", str(good_leads)).err == ""
