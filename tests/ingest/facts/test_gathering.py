"""A long log of stage changes says the same whether it is gathered or taken row by row."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.ingest.facts import gathering
from kpi_core.ingest.meaning.mapping import Mapping
from kpi_core.ingest.meaning.mapping_document import read_mapping
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


@pytest.fixture(scope="module", autouse=True)
def every_log_is_long() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathering, "LONG", 1)
        yield


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


def test_plain_leads_are_rows_and_the_others_events() -> None:
    batch = read(
        "A,Won,2026-02-01,web,", "A,Lead,2026-01-01,web,", "A,Lead,2026-01-09,web,",
        "B,Lead,2026-01-02,web,", "B,Won,2026-01-03,ads,", "C,Lead,2026-01-04,,x",
        "D,Lead,2026-01-05,,", "E,Note,soon,,", "F,Lead,2026-01-06,,",
    )  # fmt: skip
    assert sorted(batch.lead_rows["lead"]) == ["A", "C", "D", "F"]
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


def test_what_is_wrong_is_told_as_ever() -> None:
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


rows = st.tuples(
    st.sampled_from(["A", "B", "C", "D", "", "m@b.jp"]),
    st.sampled_from(["Lead", "Won", "Lost", "Note", "won", "", "Odd"]),
    st.sampled_from(["2026-01-05", "2026-01-06", "2026-01-07 10:00", "soon", "", "2050-01-01"]),
    st.sampled_from(["web", "web", "ads", ""]),
    st.sampled_from(["", "", "o1"]),
)


@settings(max_examples=20)
@given(st.lists(rows, min_size=1, max_size=10))
def test_gathered_or_not_is_the_same(log: list[tuple[str, ...]]) -> None:
    lines = [",".join(row) for row in log]
    gathered = read(*lines)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathering, "LONG", 1_000)
        plain = read(*lines)
    assert gathered.issues == plain.issues
    one, other = first_events(gathered), first_events(plain)
    assert {key: when for key, (when, *_) in one.items()} == {
        key: when for key, (when, *_) in other.items()
    }
    for key, (_, channel, owner) in other.items():
        assert one[key][2] == owner
        assert channel is None or one[key][1] == channel
