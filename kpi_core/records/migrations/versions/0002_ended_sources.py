# ruff: noqa: INP001 -- Alembic loads this file by its path.
"""Sources that have ended."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of sources that have ended."""
    op.create_table(
        "ended_sources",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_ended_sources")),
    )
