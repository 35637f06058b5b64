"""What one file or push says, ready to be committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import pandas as pd
from duckdb import DuckDBPyConnection

from kpi_core.domain.issue import Issue

Relation: TypeAlias = pd.DataFrame | str | None
"""Facts of one kind: a frame, the name of a temporary relation, or None where there are none."""

EVENTS, LEADS, NUMBERS = "events", "leads", "numbers"
KINDS = (EVENTS, LEADS, NUMBERS)
"""The kinds of facts: each is a folder of Parquet files under `facts/`."""

FIELDS = ("channel", "campaign", "owner", "account")
"""What an event may say of itself, and a row of its lead."""
ATTRIBUTE = "attr_"
"""How the columns of a lead's attributes begin: `attr_role`."""

COLUMNS: dict[str, dict[str, str]] = {
    EVENTS: {
        "line": "bigint",
        "lead": "varchar",
        "stage": "varchar",
        "activity": "varchar",
        "occurred_at": "timestamp",
        "zone": "varchar",
        "withdrawn": "boolean",
        "amount": "double",
        "quality": "double",
        **dict.fromkeys(FIELDS, "varchar"),
    },
    LEADS: {"line": "bigint", "lead": "varchar", **dict.fromkeys(FIELDS, "varchar")},
    NUMBERS: {
        "line": "bigint",
        "stage": "varchar",
        "measure": "varchar",
        "day": "date",
        "channel": "varchar",
        "value": "double",
    },
}
"""The columns of each kind and their types. A relation may lack any but the line, the lead and the
day; one that is missing says nothing. `leads` has a column more for each attribute."""

NEEDED = frozenset(("line", "lead", "day"))


class Grain(StrEnum):
    """What one row is, which decides how it is read beside what other imports say."""

    LEAD = "lead"
    """a lead, with a date for each stage it has reached"""
    EVENT = "event"
    """one event of a history"""
    SNAPSHOT = "snapshot"
    """a lead with its stage of today"""
    DAY = "day"
    """numbers of one day, week or month"""
    PUSH = "push"
    """an event that goes on from what is stored"""

    @property
    def continues(self) -> bool:
        """Its events carry their own time: they count by that, whenever they are imported."""
        return self in (Grain.EVENT, Grain.PUSH)


@dataclass(frozen=True)
class Batch:
    """The facts of one import.

    `thing` is what a row is about: ids of two things of a source never meet. `content_hash` is over
    the file's bytes and the mapping's text, `file_hash` over the bytes alone, empty without a file.
    `covers` names every stage, activity and measure that the file has a column for, as ("stage",
    "won"). Relations named by text are in `scratch`. `events` are stages reached or activities;
    `occurred_at` may be missing: reached, date unknown; `zone` is the one it is written in, blank
    of a date alone. `withdrawn`: not, or no longer, reached. `without_ids`: the ids of leads were
    made of their rows. `data_through` is stated by the sender; `written_at` is when the file was
    written.
    """

    source: str
    file_name: str
    content_hash: str
    mapping_name: str
    mapping: str
    grain: Grain
    rows: int
    thing: str = "lead"
    file_hash: str = ""
    events: Relation = None
    leads: Relation = None
    numbers: Relation = None
    issues: Sequence[Issue] | str = ()
    covers: frozenset[tuple[str, str]] = frozenset()
    data_through: datetime | None = None
    written_at: datetime | None = None
    demo: bool = False
    without_ids: bool = False
    scratch: DuckDBPyConnection | None = None

    def relation(self, kind: str) -> Relation:
        """The relation of one kind."""
        return {EVENTS: self.events, LEADS: self.leads, NUMBERS: self.numbers}[kind]
