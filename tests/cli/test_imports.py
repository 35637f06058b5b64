"""`import`, `imports` and `undo` as their user meets them."""

import csv
import io
import os
import re
from pathlib import Path

import pytest

from kpi_core.facts.shared_cache import SharedCache
from kpi_core.i18n.catalog import Language, Words
from kpi_core.ingest.raw_archive import RawFiles
from tests.cli.conftest import NOW, Run


def test_a_receipt_says_all_there_is_to_say(run: Run, leads: Path) -> None:
    ran = run("import", str(leads), "--mapping", "funnel-template")
    assert ran.code == 1
    figures = dict(line.strip().rsplit("  ", 1) for line in ran.out.splitlines()[1:9])
    assert {name.strip(): int(value) for name, value in figures.items()} == {
        "Rows": 3, "New": 2, "Changed": 0, "Unchanged": 0,
        "Rejected rows": 1, "Flagged": 0, "Undated": 0, "New leads": 2,
    }  # fmt: skip
    assert "python -m kpi_core rejected 1 > rejected.csv" in ran.out
    assert "Leads  2026-11  0  →  2" in ran.out
    assert "Import 1. To undo it: python -m kpi_core undo 1" in ran.out
    assert "Line 4, lead_date: " in ran.out
    assert "四月" in ran.out
    assert "Rejected" in ran.out


def test_the_same_in_japanese(run: Run, leads: Path) -> None:
    ran = run("import", str(leads), "--mapping", "funnel-template", lang="ja")
    assert ran.code == 1
    assert re.search(rf"{Words(Language.JA)('receipt.rejected')} +1\n", ran.out)
    assert "取り込み 1。取り消すには: python -m kpi_core undo 1" in ran.out
    assert "New" not in ran.out


def test_a_file_without_faults_ends_with_zero(run: Run, good_leads: Path) -> None:
    assert run("import", str(good_leads), "--mapping", "funnel-template").code == 0


def test_a_dry_run_keeps_nothing(run: Run, good_leads: Path) -> None:
    ran = run("import", str(good_leads), "--mapping", "funnel-template", "--dry-run")
    assert ran.code == 0
    assert "Dry run: nothing was saved." in ran.out
    assert run("imports").out == "Nothing has been imported yet.\n"
    assert run("counts", "--stage", "lead", "--json").json["rows"] == []


def test_undo_brings_back_what_stood_before(run: Run, good_leads: Path) -> None:
    before = run("counts", "--stage", "lead", "--json").json
    run("import", str(good_leads), "--mapping", "funnel-template")
    assert run("counts", "--stage", "lead", "--json").json["total"] == 2
    ran = run("undo", "1")
    assert (ran.code, ran.out) == (0, "“good.csv” is undone.\n")
    assert run("counts", "--stage", "lead", "--json").json == before
    assert "Undone (2026-11-22)" in run("imports").out
    assert run("undo", "1").code == 2


@pytest.mark.parametrize("number", ["99", "x", "-1", "1e3", "١", "9" * 30])
def test_what_cannot_be_undone_says_why(run: Run, number: str) -> None:
    ran = run("undo", "--", number)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert "went wrong in the program" not in ran.err


def test_a_missing_file_does_not_stop_the_next(run: Run, good_leads: Path) -> None:
    ran = run("import", "nowhere.csv", str(good_leads), "--mapping", "funnel-template")
    assert ran.code == 2
    assert ran.err == 'Error: There is no file "nowhere.csv". Check its name and folder.\n'
    assert "Import 1." in ran.out


def test_a_folder_is_no_file(run: Run, tmp_path: Path) -> None:
    ran = run("import", str(tmp_path), "--mapping", "funnel-template")
    assert ran.code == 2
    assert "is a folder" in ran.err


def test_a_file_that_is_no_table_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    ran = run("import", str(path), "--mapping", "funnel-template")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert str(path) in ran.err


def test_a_file_of_other_columns_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    ran = run("import", str(path), "--mapping", "funnel-template", "--json")
    assert ran.code == 2
    assert ran.json == {"receipts": [], "questions": []}
    assert "lead_id" in ran.err


def test_a_file_of_which_no_row_can_be_read_is_not_done(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("lead_id,lead_date\nA1,someday\n", encoding="utf-8")
    ran = run("import", str(path), "--mapping", "funnel-template")
    assert ran.code == 2
    assert "no row could be imported" in ran.err
    assert "Line 2" in ran.out


def test_a_source_with_a_sign_that_nobody_sees_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "strange\u202e.csv"
    path.write_text("Nr,Created\n1,2026-11-02\n2,2026-11-03\n", encoding="utf-8")
    ran = run("import", str(path), "--answer", "grain=lead", "--answer", "source=c\u202erm")
    assert (ran.code, "U+202E" in ran.err, "\u202e" in ran.err) == (2, True, False)
    offered = run("inspect", str(path), "--answer", "grain=lead", "--json").json["questions"]
    sources = next(each for each in offered if each["key"] == "source")
    assert [option["value"] for option in sources["options"]] == ["strange", "crm"]


def test_an_unknown_mapping_names_those_there_are(run: Run, good_leads: Path) -> None:
    ran = run("import", str(good_leads), "--mapping", "nonsense")
    assert (ran.code, ran.out) == (2, "")
    assert "olist-leads" in ran.err


def test_without_a_mapping_the_one_that_fits_is_used(run: Run, good_leads: Path) -> None:
    assert run("import", str(good_leads)).code == 0
    assert run("imports", "--json").json["imports"][0]["mapping_name"] == "funnel-template"


def test_a_mapping_may_be_a_file(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nsource = "mine"\ngrain = "lead"\nid = "nr"\n'
        '[[stages]]\nstage = "lead"\ndate = "tag"\n',
        encoding="utf-8",
    )
    path = tmp_path / "mine.csv"
    path.write_text("nr,tag\n1,2026-11-02\n", encoding="utf-8")
    assert run("import", str(path), "--mapping", str(mapping)).code == 0
    assert run("counts", "--stage", "lead", "--source", "mine", "--json").json["total"] == 1
    mapping.write_text('name = "mine"\ngrain = "year"\n', encoding="utf-8")
    assert run("import", str(path), "--mapping", str(mapping)).code == 2


def test_only_the_first_issues_are_printed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"A{n},{'2026-11-02' if n < 5 else 'x'}" for n in range(40)]
    path.write_text("\n".join(["lead_id,lead_date", *rows]), encoding="utf-8")
    ran = run("import", str(path), "--mapping", "funnel-template")
    assert ran.code == 1
    assert ran.out.count("    Line ") == 20
    assert "The first 20 of 35 are shown." in ran.out


def test_a_files_own_text_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b[2J.csv"
    path.write_text(
        "lead_id,lead_date,channel\nA1,2026-11-02,\x1b]0;x\x07web\nA2,\x1b[31mred,\n",
        encoding="utf-8",
    )
    ran = run("import", str(path), "--mapping", "funnel-template")
    said = ran.out + ran.err + run("imports").out
    said += run("counts", "--stage", "lead", "--by", "channel").out
    assert "\x1b" not in said
    assert "\x07" not in said


@pytest.mark.usefixtures("demo")
def test_the_demo_goes_with_the_first_real_file(run: Run, good_leads: Path) -> None:
    trial = run("import", str(good_leads), "--mapping", "funnel-template", "--dry-run")
    assert "The demo data would be removed." in trial.out
    ran = run("import", str(good_leads), "--mapping", "funnel-template", "--json")
    assert ran.json["receipts"][0]["replaces_demo"] is True
    assert run("counts", "--stage", "lead", "--json").json["total"] == 2
    again = run("demo")
    assert (again.code, again.out) == (2, "")
    assert "your own data" in again.err


def test_the_ledger_names_who_and_when(run: Run, good_leads: Path) -> None:
    run("import", str(good_leads), "--mapping", "funnel-template")
    record = run("imports", "--json").json["imports"][0]
    assert record["imported_by"]
    assert record["imported_at"].startswith("2026-11-22T12:00")  # noon in Tokyo
    assert NOW.hour == 3
    assert record["is_current"] is True


def test_rejected_rows_come_back_once_corrected(run: Run, leads: Path, tmp_path: Path) -> None:
    run("import", str(leads))
    ran = run("rejected", "1")
    assert (ran.code, ran.err) == (0, "")
    header, row = csv.reader(io.StringIO(ran.out.removeprefix("\ufeff")))
    assert row[:3] == ["A3", "四月", ""]
    assert "Line 4, lead_date" in row[-1]
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(ran.out.replace("四月", "2026-04-01", 1), encoding="utf-8")
    assert run("import", str(corrected), "--mapping", "funnel-template").code == 0
    assert run("counts", "--stage", "lead", "--json").json["total"] == 3
    assert header[-1] != run("rejected", "1", lang="ja").out.splitlines()[0].split(",")[-1]


def test_an_import_without_rejected_rows_says_so(run: Run, good_leads: Path) -> None:
    run("import", str(good_leads))
    ran = run("rejected", "1")
    assert (ran.code, ran.out, ran.err) == (0, "", "Import 1 has no rejected rows.\n")
    assert run("rejected", "99").code == 2
    assert run("rejected", "x").code == 2


def test_files_are_kept_as_they_came_where_the_settings_say_so(
    run: Run, environ: dict[str, str], good_leads: Path
) -> None:
    run("import", str(good_leads))
    folder = Path(environ["KPI_DATA"]) / "archive" / "raw"
    assert not folder.exists()
    environ["KPI_KEEP_RAW_DAYS"] = "30"
    changed = good_leads.with_name("more.csv")
    changed.write_text("lead_id,lead_date\nA9,2026-11-02\n", encoding="utf-8")
    run("import", str(changed))
    assert [path.read_bytes() for path in folder.iterdir()] == [changed.read_bytes()]


def test_a_file_that_cannot_be_kept_is_taken_in_all_the_same(
    run: Run, environ: dict[str, str], good_leads: Path
) -> None:
    environ["KPI_KEEP_RAW_DAYS"] = "30"
    folder = RawFiles.of(Path(environ["KPI_DATA"]), 30).folder
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    for lang, said in (
        ("en", "imported, but the original file could not be archived"),
        ("ja", "保管できませんでした"),
    ):
        good_leads.write_text(good_leads.read_text("utf-8") + f"{lang},2026-11-03\n", "utf-8")
        ran = run("import", str(good_leads), "--json", lang=lang)
        assert ran.code == 0
        assert said in ran.err
        assert ran.json["receipts"][0]["import_id"]


@pytest.mark.usefixtures("demo")
def test_moments_are_those_of_the_plan_that_is_in_use(
    run: Run, leads: Path, good_leads: Path
) -> None:
    run("import", str(good_leads))  # the demo goes, and with it its plan
    run("plan", "load", "olist")
    run("import", str(leads))
    record = run("imports", "--json").json["imports"][0]
    assert record["imported_at"].startswith("2026-11-22T00:00")  # midnight in São Paulo


@pytest.mark.skipif(os.name == "nt", reason="No such names there.")
def test_a_file_whose_name_is_no_text_is_taken_in(run: Run, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"leads-\xff.csv")
    path.write_bytes(b"lead_id,lead_date\nA1,2026-11-02\n")
    assert run("import", str(path)).code == 0
    assert run("imports").code == 0


def test_of_many_months_the_newest_are_printed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "years.csv"
    rows = [f"A{n},{2020 + n // 12}-{n % 12 + 1:02}-05" for n in range(30)]
    path.write_text("\n".join(["lead_id,lead_date", *rows]), encoding="utf-8")
    ran = run("import", str(path))
    assert "Leads  2022-06  0  →  1" in ran.out
    assert "Leads  2020-06" not in ran.out
    assert "… and 6 earlier months." in ran.out


def test_a_receipt_names_its_cases(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    rows = [f"L{n:02},2026-05-01" for n in range(1, 13)]
    first.write_text(
        "\n".join(["lead_id,lead_date,mql_date", *(f"{row},2026-05-03" for row in rows)])
    )
    second.write_text("\n".join(["lead_id,lead_date,mql_date", *(f"{row}," for row in rows[:11])]))
    run("import", str(first), "--mapping", "funnel-template")
    for lang, heading, named, rest, gone in (
        ("en", "11 stored dates are blank in this file", "L01 · MQLs (2026-05-03)",
         "and 1 more", "1 lead is missing from this file"),
        ("ja", "このファイルで空欄になった日付（11件）", "L01 · MQL（2026-05-03）",
         "ほか1件", "このファイルにないリード（1件）"),
    ):  # fmt: skip
        ran = run(
            "import", str(second), "--mapping", "funnel-template",
            "--answer", "older=fill_gaps", "--dry-run", lang=lang,
        )  # fmt: skip
        lines = [line.strip() for line in ran.out.splitlines()]
        assert {heading, named, rest, gone, "L12"} <= set(lines), ran.out


@pytest.mark.parametrize(
    ("answer", "days"),
    [("fill_gaps", ["2026-11-03", "2026-11-20"]), ("overwrite", ["2026-11-02", "2026-11-03"])],
)
def test_what_contradicts_newer_data_is_asked_and_answered(
    run: Run, tmp_path: Path, answer: str, days: list[str]
) -> None:
    newer, older = tmp_path / "newer.csv", tmp_path / "older.csv"
    newer.write_text("lead_id,lead_date\nA1,2026-11-20\n", encoding="utf-8")
    older.write_text("lead_id,lead_date\nA1,2026-11-02\nA2,2026-11-03\n", encoding="utf-8")
    assert run("import", str(newer)).code == 0
    for option in ((), ("--dry-run",)):
        asked = run("import", str(older), *option)
        assert (asked.code, asked.out) == (2, "")
        assert "--answer older=fill_gaps" in asked.err
        assert "--answer older=overwrite" in asked.err
    wrong = run("import", str(older), "--answer", "older=both")
    assert wrong.code == 2
    assert "fill_gaps, overwrite" in wrong.err
    ran = run("import", str(older), "--answer", f"older={answer}")
    assert ran.code == 0, ran.err
    rows = run("counts", "--stage", "lead", "--by", "day", "--json").json["rows"]
    assert [row["key"] for row in rows] == days


def test_an_import_that_is_not_counted_yet_says_so(
    run: Run, good_leads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedCache, "settle", lambda self: None)
    ran = run("import", str(good_leads))
    assert ran.code == 0, ran.err
    assert "Recorded. The counts follow" in ran.out
    assert "Import 1. To undo it" in ran.out
    assert "New" not in ran.out
