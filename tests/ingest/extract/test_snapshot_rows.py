"""A row per lead with its stage of today."""

from datetime import datetime

from kpi_core.domain.issue import Severity
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import Read, read_file

at = datetime.fromisoformat

SNAPSHOT = """
name = "contacts"
source = "crm"
grain = "snapshot"
id = "id"
stage = "stage"
at = "created"
amount = "value"
optional = ["value"]
[stage_values]
Lead = "lead"
Customer = "won"
Other = ""
"""


def read(text: str, mapping: str = SNAPSHOT) -> Read:
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    return read_file(text.encode(), sound)


def said(batch: Read) -> list[tuple[str, str, datetime | None]]:
    rows = batch.events[["lead", "stage", "occurred_at"]].astype(object)
    return sorted(rows.where(rows.notna(), None).itertuples(index=False, name=None))


def test_the_stage_of_today_has_no_date_and_the_lead_has_its_own() -> None:
    batch = read("id,stage,created,value\nA,customer,2026-01-05,7\nB,Lead,2026-01-06,\n")
    assert said(batch) == [
        ("A", "lead", at("2026-01-05")),
        ("A", "won", None),
        ("B", "lead", at("2026-01-06")),
    ]
    assert batch.events.set_index("stage").loc["won", "amount"] == 7
    assert batch.issues == ()


def test_without_a_date_of_creation_leads_are_undated() -> None:
    batch = read("id,stage\nA,Customer\nB,Lead\nC,\n", SNAPSHOT.replace('at = "created"\n', ""))
    assert said(batch) == [
        ("A", "lead", None),
        ("A", "won", None),
        ("B", "lead", None),
        ("C", "lead", None),
    ]


def test_the_word_of_the_source_is_kept_as_an_attribute() -> None:
    batch = read("id,stage,created\nA,Customer,2026-01-05\nB,Other,2026-01-05\nC,,2026-01-05\n")
    words = batch.attributes[["lead", "name", "value"]]
    assert sorted(words.itertuples(index=False, name=None)) == [
        ("A", "stage", "Customer"),
        ("B", "stage", "Other"),
    ]


def test_a_stage_that_is_not_known_is_told_and_the_lead_stays() -> None:
    batch = read("id,stage,created\nA,Evangelist,2026-01-05\n")
    assert said(batch) == [("A", "lead", at("2026-01-05"))]
    (issue,) = batch.issues
    assert (issue.code, issue.value, issue.severity) == (
        "unknown_stage", "Evangelist", Severity.REJECTED,
    )  # fmt: skip


def test_a_date_that_cannot_be_read_costs_the_date_alone() -> None:
    batch = read("id,stage,created\nA,Customer,soon\n")
    assert said(batch) == [("A", "lead", None), ("A", "won", None)]
    assert [(issue.code, issue.severity) for issue in batch.issues] == [
        ("date_unreadable", Severity.FLAGGED)
    ]


def test_a_row_in_an_open_stage_says_that_its_lead_is_not_won() -> None:
    batch = read(
        "id,stage,created\nA,Customer,2026-01-05\nB,Lead,2026-01-05\nC,Other,2026-01-05\n"
        "D,,2026-01-05\nE,Evangelist,2026-01-05\n"
    )
    ended = batch.withdrawn[["lead", "stage"]].itertuples(index=False, name=None)
    assert list(ended) == [("B", "won")]
