# ruff: noqa: INP001 -- Alembic runs this file by its path; it is no module of a package.
"""Runs the migrations in the transaction that the caller has begun."""

from alembic import context

from kpi_core.records.migrate import VERSION_TABLE
from kpi_core.records.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
