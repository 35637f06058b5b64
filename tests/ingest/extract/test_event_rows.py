"""A log of stage changes: every row is an event."""

from datetime import datetime

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import Read, read_file

at = datetime.fromisoformat

LOG = """
name = "log"
source = "crm"
grain = "event"
id = "id"
stage = "stage"
at = "at"
channel = "channel"
owner = "owner"
optional = ["channel", "owner"]
[stage_values]
Lead = "lead"
Won = "won"
Lost = "lost"
Note = ""
"""


def read(*rows: str, header: str = "id,stage,at,channel,owner") -> Read:
    mapping = read_mapping(LOG)
    assert isinstance(mapping, Mapping), mapping
    return read_file("\n".join([header, *rows]).encode(), mapping, secret=b"key")


Firsts = dict[tuple[str, str], tuple[datetime, str | None, str | None]]


def first_events(batch: Read) -> Firsts:
    """When each lead first reached each stage, with the channel and owner told there."""
    events = batch.events
    stated = events[~events["withdrawn"]].sort_values(["occurred_at", "line"], kind="stable")
    firsts = stated.drop_duplicates(["lead", "stage"])
    rows = firsts[["lead", "stage", "occurred_at", "channel", "owner"]].astype(object)
    rows = rows.where(rows.notna(), None)
    return {(lead, stage): (when, *told) for lead, stage, when, *told in rows.to_numpy()}


def test_each_row_with_a_stage_is_an_event() -> None:
    batch = read(
        "A,Won,2026-02-01,web,", "A,Lead,2026-01-01,web,", "A,Lead,2026-01-09,web,",
        "B,Lead,2026-01-02,web,", "B,Won,2026-01-03,ads,", "C,Lead,2026-01-04,,x",
        "D,Lead,2026-01-05,,", "E,Note,soon,,", "F,Lead,2026-01-06,,",
    )  # fmt: skip
    assert (batch.batch.leads, len(batch.events)) == (None, 8)
    assert first_events(batch) == {
        ("A", "lead"): (at("2026-01-01"), "web", None),
        ("A", "won"): (at("2026-02-01"), "web", None),
        ("B", "lead"): (at("2026-01-02"), "web", None),
        ("B", "won"): (at("2026-01-03"), "ads", None),
        ("C", "lead"): (at("2026-01-04"), None, "x"),
        ("D", "lead"): (at("2026-01-05"), None, None),
        ("F", "lead"): (at("2026-01-06"), None, None),
    }
    assert batch.issues == ()


def test_what_is_wrong_with_a_row_is_an_issue_of_its_line() -> None:
    batch = read(
        "A,Lead,2026-01-01,,", "B,Lead,soon,,", ",Lead,2026-01-01,,", "C,Odd,2026-01-01,,",
        "D,Lead,2050-01-01,,", "E,Lead,2027-01-01,,", "F,Lead,2026-01-02,,", "G,,2026-01-02,,",
        "H,Lead,2026-01-01,,", "I,Lead,2026-01-01,,", "J,Lead,2026-01-01,,", "K,Lead,2026-01-01,,",
        "L,Lead,2026-01-01,,",
    )  # fmt: skip
    assert [(issue.code, issue.line) for issue in batch.issues] == [
        ("date_unreadable", 3),
        ("id_missing", 4),
        ("unknown_stage", 5),
        ("far_future", 6),
        ("date_in_future", 7),
        ("stage_missing", 9),
    ]
