# ruff: noqa: INP001 -- Alembic loads this file by its path.
"""The records as they start."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STAGES = (
    ("lead", 0, "lead"),
    ("marketing_qualified", 1, "lead"),
    ("sales_qualified", 2, "lead"),
    ("opportunity", 3, "lead"),
    ("won", 4, "outcome"),
    ("lost", 4, "outcome"),
    ("renewed", 5, "repeating"),
    ("churned", 5, "outcome"),
)


def upgrade() -> None:
    """Make the tables, with the stages that come with the program."""
    op.create_table(
        "aggregates",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_aggregates")),
        sa.UniqueConstraint("key", name=op.f("uq_aggregates_key")),
    )
    op.create_table(
        "audit",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "displays",
        sa.Column("display_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("networks", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=True),
        sa.Column("seen_from", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("display_id", name=op.f("pk_displays")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_displays_key_hash")),
    )
    op.create_table(
        "fact_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_fact_files")),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("mapping_name", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("row_total", sa.BigInteger(), nullable=False),
        sa.Column("data_through", sa.DateTime(), nullable=True),
        sa.Column("ranks_at", sa.DateTime(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=True),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("new_facts", sa.BigInteger(), nullable=False),
        sa.Column("changed_facts", sa.BigInteger(), nullable=False),
        sa.Column("unchanged_facts", sa.BigInteger(), nullable=False),
        sa.Column("rejected_rows", sa.BigInteger(), nullable=False),
        sa.Column("flagged", sa.BigInteger(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("first_event", sa.DateTime(), nullable=True),
        sa.Column("adds", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repeats"], ["imports.import_id"], name=op.f("fk_imports_repeats_imports")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["imports.import_id"], name=op.f("fk_imports_replaces_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
    )
    op.create_index(
        op.f("ix_imports_source_content_hash"), "imports", ["source", "content_hash"], unique=False
    )
    op.create_index(
        op.f("ix_imports_source_mapping_name"), "imports", ["source", "mapping_name"], unique=False
    )
    op.create_index(
        op.f("ix_imports_source_undone_at_thing_ranks_at_data_through_imported_at"),
        "imports",
        ["source", "undone_at", "thing", "ranks_at", "data_through", "imported_at"],
        unique=False,
    )
    op.create_index(op.f("ix_imports_demo"), "imports", ["demo"], unique=False)
    op.create_index(op.f("ix_imports_repeats"), "imports", ["repeats"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_milestones")),
    )
    op.create_table(
        "revisions",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_revisions")),
        sa.UniqueConstraint("plan_id", "revision", name=op.f("uq_revisions_plan_id_revision")),
    )
    op.create_table(
        "saved_mappings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_mappings")),
    )
    op.create_table(
        "secret",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_secret_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secret")),
    )
    op.create_table(
        "stages",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('lead', 'outcome', 'repeating')", name=op.f("ck_stages_kind")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stages")),
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_changes_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "fact_file_imports",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.import_id"],
            name=op.f("fk_fact_file_imports_import_id_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["path"],
            ["fact_files.path"],
            name=op.f("fk_fact_file_imports_path_fact_files"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("path", "import_id", name=op.f("pk_fact_file_imports")),
    )
    op.create_index(
        op.f("ix_fact_file_imports_import_id"), "fact_file_imports", ["import_id"], unique=False
    )
    op.create_table(
        "issues",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_issues_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_issues")),
    )
    op.create_index(op.f("ix_issues_import_id"), "issues", ["import_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_cases_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_import_id_code"), "cases", ["import_id", "code"], unique=False)
    op.create_table(
        "small_facts",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_small_facts_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", "kind", name=op.f("pk_small_facts")),
    )

    stages = sa.table("stages", sa.column("name"), sa.column("position"), sa.column("kind"))
    op.bulk_insert(
        stages,
        [{"name": name, "position": place, "kind": kind} for name, place, kind in STAGES],
    )
    counters = sa.table("counters", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "import", "value": 0}])
