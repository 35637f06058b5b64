"""Rows that belong to the lead of the row above."""

from datetime import datetime

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import Read, read_file

at = datetime.fromisoformat

LEADS = """
name = "leads"
source = "crm"
grain = "lead"
id = "id"
channel = "channel"
merge = "{merge}"
[[stages]]
stage = "lead"
date = "created"
"""

LOG = """
name = "log"
source = "crm"
grain = "event"
id = "id"
channel = "channel"
stage = "stage"
at = "at"
merge = "{merge}"
[stage_values]
Open = "opportunity"
Won = "won"
"""


def read(text: str, mapping: str, merge: str) -> Read:
    sound = read_mapping(mapping.format(merge=merge))
    assert isinstance(sound, Mapping), sound
    return read_file(text.encode(), sound)


def events(batch: Read) -> list[tuple[int, str, str, datetime, str | None]]:
    rows = batch.events[["line", "lead", "stage", "occurred_at", "channel"]].astype(object)
    return list(rows.where(rows.notna(), None).itertuples(index=False, name=None))


def test_the_rows_of_a_kintone_table_are_one_lead() -> None:
    batch = read(
        "start,id,channel,created,item\n"
        "*,A,web,2026-01-05,one\n,A,web,2026-01-05,two\n*,B,,2026-01-06,\n,B,fair,,three\n",
        LEADS,
        "kintone",
    )
    assert events(batch) == [
        (2, "A", "lead", at("2026-01-05"), "web"),
        (4, "B", "lead", at("2026-01-06"), "fair"),
    ]
    assert batch.rows == 4
    assert batch.issues == ()


def test_rows_without_an_id_go_on_with_the_lead_above() -> None:
    batch = read(
        "id,channel,created,tag\nA,web,2026-01-05,x\n,,,y\n,,,z\nB,ads,2026-01-06,\n",
        LEADS,
        "continuation",
    )
    assert [(line, lead) for line, lead, *_ in events(batch)] == [(2, "A"), (5, "B")]


def test_in_a_log_each_row_is_an_event_of_the_lead_above() -> None:
    for merge, text in (
        ("continuation", "id,channel,stage,at\nA,web,Open,2026-01-05\n,,Won,2026-02-01\n"),
        ("kintone", "s,id,channel,stage,at\n*,A,web,Open,2026-01-05\n,,,Won,2026-02-01\n"),
    ):
        assert events(read(text, LOG, merge)) == [
            (2, "A", "opportunity", at("2026-01-05"), "web"),
            (3, "A", "won", at("2026-02-01"), "web"),
        ]
