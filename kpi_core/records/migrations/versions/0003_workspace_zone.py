# ruff: noqa: INP001 -- Alembic loads this file by its path.
"""The workspace's zone, until now read from the first plan."""

import tomllib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of the workspace, with the zone of the first plan of its own."""
    workspace = op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_workspace_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    saved = op.get_bind().execute(
        sa.text("select plan_id, saved_by, document from revisions order by entry")
    )
    rows = saved.fetchall()
    own = [plan_id for plan_id, saved_by, _ in rows if saved_by != "demo"]
    newest = next((text for plan_id, _, text in reversed(rows) if plan_id in own[:1]), None)
    if newest is None:
        return
    try:
        zone = tomllib.loads(newest).get("calendar", {}).get("zone", "Asia/Tokyo")
    except (tomllib.TOMLDecodeError, AttributeError):
        return
    op.bulk_insert(workspace, [{"id": 1, "zone": str(zone)}])
