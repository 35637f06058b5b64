"""Plans being changed in a browser: what was typed outlives a reload, and the server's restart."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from kpi_core.records import schema

MOST = 200
"""Drafts that are kept; beyond them the oldest go."""


@dataclass(frozen=True)
class Draft:
    """One browser's changes of one plan. `plan_id` is empty for a new plan.

    `document` is TOML that need not be a plan yet; `progress` is a JSON object. The changes began
    from `base_revision`, 0 for a new plan.
    """

    browser: str
    plan_id: str
    base_revision: int
    document: str
    progress: str
    saved_at: datetime


def find_draft(conn: Connection, browser: str, plan_id: str) -> Draft | None:
    """What a browser began to change of a plan; None where it did not."""
    table = schema.plan_drafts
    query = select(table).where(table.c.browser == browser, table.c.plan_id == plan_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else Draft(**row._mapping)


def save_draft(conn: Connection, draft: Draft) -> None:
    """Keep a draft in the place of the browser's former one of that plan."""
    delete_draft(conn, draft.browser, draft.plan_id)
    conn.execute(insert(schema.plan_drafts).values(**vars(draft)))
    table = schema.plan_drafts
    newest = select(table.c.saved_at).order_by(table.c.saved_at.desc()).offset(MOST).limit(1)
    oldest = conn.scalar(newest)
    if oldest is not None:
        conn.execute(delete(table).where(table.c.saved_at <= oldest))


def delete_draft(conn: Connection, browser: str, plan_id: str) -> None:
    """Forget a draft; nothing where there is none."""
    table = schema.plan_drafts
    conn.execute(delete(table).where(table.c.browser == browser, table.c.plan_id == plan_id))
