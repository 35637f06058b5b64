"""`backup`, `restore` and `erase`, as they are typed."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Run

MAIL = "taro@example.com"


@pytest.fixture
def filled(run: Run, good_leads: Path) -> None:
    """Two leads are imported."""
    assert run("import", str(good_leads)).code == 0


@pytest.mark.usefixtures("filled")
def test_a_backup_is_restored_into_an_empty_folder(
    run: Run, environ: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "b.zip"
    made = run("backup", str(target))
    assert made.code == 0, made.err
    assert "1 imports" in made.out
    assert "keys and secrets" in made.out
    again = run("backup", str(target), "--json")
    assert (again.code, again.out) == (2, "")
    assert "already" in again.err
    assert run("restore", str(target)).code == 2  # its own folder is not empty
    environ["KPI_DATA"] = str(tmp_path / "again")
    ran = run("restore", str(target), "--json")
    assert (ran.code, ran.json["imports"]) == (0, 1)
    assert run("counts", "--stage", "lead", "--json").json["total"] == 2


@pytest.mark.usefixtures("filled")
def test_secrets_and_the_archive_can_be_left_out(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    ran = run("backup", str(target), "--without-secrets", "--without-archive")
    assert ran.code == 0, ran.err
    assert "keys and secrets" not in ran.out
    assert "no tokens" in ran.out
    with zipfile.ZipFile(target) as packed:
        assert not [name for name in packed.namelist() if name.startswith("archive/")]


@pytest.mark.parametrize(("lang", "said"), [("en", "not a backup"), ("ja", "バックアップではない")])
def test_what_is_no_backup_is_refused(run: Run, good_leads: Path, lang: str, said: str) -> None:
    ran = run("restore", str(good_leads), lang=lang)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert run("restore", "nowhere.zip").code == 2


def test_records_in_postgresql_are_left_to_pg_dump(
    run: Run, environ: dict[str, str], tmp_path: Path
) -> None:
    environ["KPI_RECORDS"] = "postgresql+psycopg://kpi:hidden@db/kpi"
    ran = run("backup", str(tmp_path / "b.zip"))
    assert ran.code == 2
    assert "pg_dump" in ran.err
    assert "hidden" not in ran.err
    (tmp_path / "b.zip").touch()
    assert "KPI_RECORDS" in run("restore", str(tmp_path / "b.zip")).err


@pytest.mark.usefixtures("filled")
def test_one_lead_is_erased(run: Run) -> None:
    assert run("erase").code == 2
    assert run("erase", "--id", "A1", "--source", "nobody").code == 2
    ran = run("erase", "--id", "A1")
    assert ran.code == 0, ran.err
    assert "archive/raw" in ran.out
    assert run("counts", "--stage", "lead", "--json").json["total"] == 1
    gone = run("erase", "--id", "A1", lang="ja")
    assert gone.code == 2
    assert "A1" in gone.err


def test_a_mail_address_that_is_an_id_is_erased_by_the_address(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mails.csv"
    path.write_text(f"lead_id,lead_date\n{MAIL},2026-11-02\nA2,2026-11-16\n", encoding="utf-8")
    assert run("import", str(path)).code == 0
    assert run("erase", "--id", MAIL, "--json").json["rows"] > 0
    assert run("counts", "--stage", "lead", "--json").json["total"] == 1
