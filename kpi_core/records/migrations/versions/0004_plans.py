# ruff: noqa: INP001 -- Alembic loads this file by its path.
"""What people agree about plans: the list, drafts, proposals, names and choices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "plan_list",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_list")),
    )
    op.create_table(
        "plan_drafts",
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("browser", "plan_id", name=op.f("pk_plan_drafts")),
    )
    op.create_table(
        "plan_proposals",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agree", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'in_force', 'withdrawn')", name=op.f("ck_plan_proposals_state")
        ),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_plan_proposals")),
    )
    op.create_index(op.f("ix_plan_proposals_plan_id"), "plan_proposals", ["plan_id"])
    op.create_table(
        "plan_agreements",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["plan_proposals.proposal_id"],
            name=op.f("fk_plan_agreements_proposal_id_plan_proposals"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "name", name=op.f("pk_plan_agreements")),
    )
    op.create_table(
        "browsers",
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("browser", name=op.f("pk_browsers")),
    )
    op.create_table(
        "preferences",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preferences")),
    )
