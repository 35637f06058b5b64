"""The tables of the records, as the newest migration leaves them."""

import re
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_SURROGATES = re.compile("[\ud800-\udfff]")


class WallClock(TypeDecorator[datetime]):
    """A moment on a wall clock. One that carries a zone is a mistake of ours: ValueError."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as it is written."""
        if value is not None and value.tzinfo is not None:
            raise ValueError(f"A wall-clock moment carries no zone: {value}")
        return value


class Text(TypeDecorator[str]):
    """Text from anywhere. U+FFFD stands for what UTF-8 or PostgreSQL cannot hold."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text without NUL and half surrogates, which cells and file names may have."""
        if value is None:
            return None
        if not value.isascii():
            value = _SURROGATES.sub("\ufffd", value)
        return value.replace("\0", "\ufffd")


def _import(*, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    """A reference to a row of the ledger."""
    return Column(
        "import_id",
        Integer,
        ForeignKey("imports.import_id"),
        primary_key=primary_key,
        nullable=nullable,
    )


# The ledger: one row per import. `covers` is a JSON list of [what, name], `receipt` a JSON object.
imports = Table(
    "imports",
    metadata,
    Column("import_id", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("thing", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_hash", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("mapping_name", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("grain", Text, nullable=False),
    Column("row_total", BigInteger, nullable=False),
    Column("data_through", WallClock),
    Column("ranks_at", WallClock),
    Column("repeats", Integer, ForeignKey("imports.import_id")),
    Column("replaces", Integer, ForeignKey("imports.import_id")),
    Column("demo", Boolean, nullable=False),
    Column("imported_at", WallClock, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("undone_at", WallClock),
    Column("undone_by", Text),
    Column("new_facts", BigInteger, nullable=False),
    Column("changed_facts", BigInteger, nullable=False),
    Column("unchanged_facts", BigInteger, nullable=False),
    Column("rejected_rows", BigInteger, nullable=False),
    Column("flagged", BigInteger, nullable=False),
    Column("covers", Text, nullable=False),
    Column("first_event", WallClock),
    Column("adds", Boolean, nullable=False),
    Column("receipt", Text),
    Index(None, "source", "content_hash"),
    Index(None, "source", "mapping_name"),
    Index(None, "source", "undone_at", "thing", "ranks_at", "data_through", "imported_at"),
    Index(None, "demo"),
    Index(None, "repeats"),
)

# The number given last, by what is counted. It stays when a row goes.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("entry", Integer, primary_key=True),
    _import(),
    Column("code", Text, nullable=False),
    Column("line", BigInteger),
    Column("column_name", Text),
    Column("cell", Text),
    Column("severity", Text, nullable=False),
    Index(None, "import_id"),
)

# One row per change that screens must see; the highest id is the data version.
changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    _import(nullable=True),
    sqlite_autoincrement=True,
)

# Parquet files of facts; `path` is relative to the data folder.
fact_files = Table(
    "fact_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
)

# What a receipt names where there is more of it than the receipt shows.
cases = Table(
    "cases",
    metadata,
    Column("entry", Integer, primary_key=True),
    _import(),
    Column("code", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "import_id", "code"),
)

fact_file_imports = Table(
    "fact_file_imports",
    metadata,
    Column("path", Text, ForeignKey("fact_files.path", ondelete="CASCADE"), primary_key=True),
    _import(primary_key=True),
    Index(None, "import_id"),
)

# Facts of small imports until they are gathered in a file; `columns` is a JSON object of lists.
small_facts = Table(
    "small_facts",
    metadata,
    _import(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("columns", Text, nullable=False),
)

saved_mappings = Table(
    "saved_mappings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("saved_at", WallClock, nullable=False),
    Column("saved_by", Text, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("effective_from", Date),
    Column("document", Text, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("saved_at", WallClock, nullable=False),
    UniqueConstraint("plan_id", "revision"),
)

# Plans that were arranged, put into the archive or deleted; all others stand as they came.
plan_list = Table(
    "plan_list",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("position", Integer),
    Column("archived_at", WallClock),
    Column("deleted_at", WallClock),
)

# A plan being changed in a browser; `plan_id` is empty for a new one. `document` is TOML that need
# not be a plan yet, `progress` a JSON object of the page's own.
plan_drafts = Table(
    "plan_drafts",
    metadata,
    Column("browser", Text, primary_key=True),
    Column("plan_id", Text, primary_key=True),
    Column("base_revision", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("saved_at", WallClock, nullable=False),
)

# A revision that is proposed, and by whom it has to be agreed: `agree` is a JSON list of names.
plan_proposals = Table(
    "plan_proposals",
    metadata,
    Column("proposal_id", Integer, primary_key=True),
    Column("plan_id", Text, nullable=False),
    Column("base_revision", Integer, nullable=False),
    Column("effective_from", Date),
    Column("document", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("agree", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", WallClock, nullable=False),
    Column("state", Text, nullable=False),
    Index(None, "plan_id"),
    CheckConstraint("state in ('open', 'in_force', 'withdrawn')", name="state"),
)

plan_agreements = Table(
    "plan_agreements",
    metadata,
    Column("proposal_id", Integer, ForeignKey("plan_proposals.proposal_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("agreed_at", WallClock, nullable=False),
)

# The name that a visitor gave in a browser, until there is a sign-in.
browsers = Table(
    "browsers",
    metadata,
    Column("browser", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("named_at", WallClock, nullable=False),
)

# What was chosen for the whole workspace, by name.
preferences = Table(
    "preferences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

aggregates = Table(
    "aggregates",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("key"),
)

stages = Table(
    "stages",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    CheckConstraint("kind in ('lead', 'outcome', 'repeating')", name="kind"),
)

# A token's text is shown once: `digest` is its SHA-256.
tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("made_at", WallClock, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("used_at", WallClock),
    Column("revoked_at", WallClock),
    Column("revoked_by", Text),
    UniqueConstraint("digest"),
)

# A display's key is shown once: `key_hash` is its SHA-256. `networks` are separated by blanks.
displays = Table(
    "displays",
    metadata,
    Column("display_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("key_hash", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("made_at", WallClock, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("seen_at", WallClock),
    Column("seen_from", Text),
    Column("revoked_at", WallClock),
    UniqueConstraint("key_hash"),
)

# The office password as a salted scrypt hash, with what it was made by: one row at most.
office_password = Table(
    "office_password",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("n", Integer, nullable=False),
    Column("r", Integer, nullable=False),
    Column("p", Integer, nullable=False),
    Column("set_at", WallClock, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)

# The key of hashed mail addresses: one row, made when it is first needed.
secret = Table(
    "secret",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)

# Sources for which no number waits any more, until their next import.
ended_sources = Table(
    "ended_sources",
    metadata,
    Column("source", Text, primary_key=True),
    Column("ended_at", WallClock, nullable=False),
    Column("ended_by", Text, nullable=False),
)

# The zone of times without one, and of the ledger's moments: one row, made with the first plan.
workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("zone", Text, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)

# What happens once in the life of the records.
milestones = Table(
    "milestones",
    metadata,
    Column("what", Text, primary_key=True),
    Column("done_at", WallClock, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("done_at", WallClock, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)
