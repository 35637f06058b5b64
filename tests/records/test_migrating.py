"""The schema is what the tables say, and each migration is whole or not there."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from kpi_core.records import StoreError, open_records
from kpi_core.records import migrate as migrate_module
from kpi_core.records.migrate import MIGRATIONS, VERSION_TABLE, known_versions, migrate
from kpi_core.records.schema import metadata
from tests.conftest import ROOT
from tests.records.imports import commit, flags

STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = {newest!r}


def upgrade() -> None:
    op.create_table("halfway", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("imports") as batch:  # SQLite copies the table to change a column
        batch.alter_column("thing", existing_type=sa.Text(), nullable=True)
        batch.add_column(sa.Column("colour", sa.Text()))
    {last}
"""


def with_step(folder: Path, last: str) -> Path:
    """The migrations, and one more that ends with a statement."""
    copied = folder / "100% migrations"
    shutil.copytree(MIGRATIONS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    step = STEP.format(newest=known_versions()[-1], last=last)
    (copied / "versions" / "9001_step.py").write_text(step, encoding="utf-8")
    return copied


def test_the_migrated_schema_is_the_one_of_the_tables(url: str) -> None:
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_records_without_a_zone_take_that_of_the_first_plan_of_ones_own(
    url: str, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    shutil.copytree(MIGRATIONS, before, ignore=shutil.ignore_patterns("__pycache__", "000[34]_*"))
    migrate(url, migrations=before)
    engine = create_engine(url)
    row = (
        "insert into revisions (plan_id, revision, document, saved_by, reason, saved_at) "
        "values (:plan, :revision, :text, :who, '', '2026-01-05 09:00:00')"
    )
    zone = '[calendar]\nzone = "{}"'.format
    with engine.begin() as connection:
        for plan, revision, text_, who in (
            ("saas", 1, zone("Asia/Seoul"), "demo"),
            ("ours", 1, "", "Ito"),
            ("theirs", 1, zone("America/New_York"), "Ito"),
            ("ours", 2, zone("Europe/London"), "Ito"),
        ):
            given = {"plan": plan, "revision": revision, "text": text_, "who": who}
            connection.execute(text(row), given)
    engine.dispose()
    records = open_records(url)
    assert records.zone() == "Europe/London"
    records.close()


def test_a_step_changes_a_table_that_others_refer_to(url: str, tmp_path: Path) -> None:
    records = open_records(url)
    commit(records, issues=flags([2, 3]))
    before = records.imports()
    records.close()
    migrate(url, migrations=with_step(tmp_path, "pass"))
    engine = create_engine(url)
    tables = inspect(engine)
    assert tables.has_table("halfway")
    assert "colour" in {column["name"] for column in tables.get_columns("imports")}
    assert not [name for name in tables.get_table_names() if "tmp" in name]
    with engine.begin() as connection:  # the program of today, with a schema it knows
        connection.execute(
            text(f"update {VERSION_TABLE} set version_num = :newest"),
            {"newest": known_versions()[-1]},
        )
    engine.dispose()
    records = open_records(url)
    assert records.imports() == before
    assert len(records.issues(1)) == 2
    records.close()


def test_a_step_that_fails_halfway_is_rolled_back_whole(url: str, tmp_path: Path) -> None:
    records = open_records(url)
    commit(records, issues=flags([2]))
    before = records.imports()
    records.close()
    engine = create_engine(url)
    tables = set(inspect(engine).get_table_names())
    broken = with_step(tmp_path, "raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        migrate(url, migrations=broken)
    after = inspect(engine)
    assert set(after.get_table_names()) == tables
    assert "colour" not in {column["name"] for column in after.get_columns("imports")}
    engine.dispose()
    records = open_records(url)
    assert records.imports() == before
    commit(records)
    records.close()


def test_a_step_that_loses_what_others_refer_to_is_rolled_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    records = open_records(url)
    commit(records, issues=flags([2]))
    records.close()
    broken = with_step(tmp_path, 'op.execute("delete from imports")')
    with pytest.raises(sqlite3.IntegrityError, match="references to missing rows"):
        migrate(url, migrations=broken)
    records = open_records(url)
    assert len(records.imports()) == 1
    records.close()


def test_a_schema_from_the_future_is_refused(url: str) -> None:
    open_records(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"update {VERSION_TABLE} set version_num = '9001'"))
    with pytest.raises(StoreError) as caught:
        open_records(url)
    assert caught.value.code == "newer_schema"
    with engine.connect() as connection:
        assert connection.scalar(text(f"select version_num from {VERSION_TABLE}")) == "9001"
    engine.dispose()


def test_tables_of_another_program_are_left_alone(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table tokens (id integer)"))
    with pytest.raises(StoreError, match="not_a_store"):
        open_records(url)
    assert inspect(engine).get_table_names() == ["tokens"]
    engine.dispose()


def test_opening_what_is_up_to_date_runs_no_migration(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_records(url).close()

    def refuse(*_: object) -> None:
        raise AssertionError("Alembic ran")

    monkeypatch.setattr(migrate_module, "_upgrade", refuse)
    open_records(url).close()


def test_two_processes_may_make_the_database_at_once(url: str) -> None:
    script = f"from kpi_core.records import open_records; open_records({url!r}).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    records = open_records(url)
    assert len(records.stages()) == 8
    records.close()


@pytest.mark.parametrize("module", ["kpi_core.records", "kpi_core.records.errors"])
def test_the_face_brings_no_engine(module: str) -> None:
    script = (
        f"import sys, {module}; print({{'sqlalchemy', 'alembic', 'duckdb'}} & {{*sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
