"""Plans of two zones on one store: each reads the same facts by its own days, worked by hand.

Tokyo is 9 hours ahead of UTC all year. London is at UTC, and an hour ahead of it from 29 March to
25 October 2026, both changes at 01:00 UTC.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Month, Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store, open_store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.parse import read_mapping
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.reports.board import board_report

TOKYO, LONDON = "Asia/Tokyo", "Europe/London"
LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
PLAN = """
id = "{id}"
name = "Plan"
csf = "Leads"
kgi = {{ name = "Orders", target = 100, deadline = 2027-03-31 }}
[kpi]
id = "leads"
name = "Leads"
kind = "count"
stage = "lead"
targets.default = 10
[calendar]
zone = "{zone}"
"""
MAPPING = """
name = "mine"
source = "mine"
grain = "lead"
id = "id"
[[stages]]
stage = "lead"
date = "{column}"
"""


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def load(store: Store, name: str, zone: str) -> None:
    plan = load_plan(
        store, PLAN.format(id=name, zone=zone),
        who="me", why="", effective_from=None, now=wall("2026-01-05 09:00"),
    )  # fmt: skip
    assert isinstance(plan, Plan), plan


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A workspace at home in Tokyo, with a plan for Tokyo and one for London."""
    opened = open_store(tmp_path / "data")
    load(opened, "tokyo", TOKYO)
    load(opened, "london", LONDON)
    yield opened
    opened.close()


def put(store: Store, *times: str, now: str = "2026-11-30 09:00", column: str = "created") -> None:
    """Import a lead for each time."""
    lines = "".join(f"{number},{time}\n" for number, time in enumerate(times))
    mapping = read_mapping(MAPPING.format(column=column))
    assert isinstance(mapping, Mapping)
    text = f"id,{column}\n{lines}"
    import_file(store, text.encode(), "a.csv", mapping, who="t", now=wall(now), home=store.zone)


def days(store: Store, zone: str) -> list[str]:
    """The day of each lead in a zone."""
    found = store.daily([LEADS], YEAR, zone=zone)[LEADS]
    return [f"{day:%m-%d}" for day, count in found.items() for _ in range(round(count))]


def logged(store: Store) -> list[tuple[str, str | None]]:
    """Times and zones as the facts have them."""
    store.cache.maintainer.compact()  # type: ignore[union-attr]
    facts = pd.read_parquet(store.data / "facts" / "events").sort_values("line")
    return [
        (f"{at:%m-%d %H:%M}", None if pd.isna(zone) else zone)
        for at, zone in zip(facts["occurred_at"], facts["zone"], strict=True)
    ]


def test_a_fact_keeps_the_time_as_written_and_its_zone(store: Store) -> None:
    put(
        store, "2026-10-31T14:30:00Z", "2026-11-01T02:00:00+09:00", "2026-10-31 23:30",
        "2026-10-31", "2026-10-31T10:00-0330", "Oct 31 2026 10:00 JST",
    )  # fmt: skip
    assert logged(store) == [
        ("10-31 14:30", "UTC"),
        ("11-01 02:00", "+09:00"),
        ("10-31 23:30", TOKYO),
        ("10-31 00:00", None),
        ("10-31 10:00", "-03:30"),
        ("10-31 10:00", "+09:00"),
    ]


def test_a_zone_that_the_header_states_stays_with_the_time(store: Store) -> None:
    put(store, "2026-10-31 20:00", "2026-10-31", column="Created (America/New_York)")
    assert logged(store) == [("10-31 20:00", "America/New_York"), ("10-31 00:00", None)]
    # 20:00 in New York, 4 hours behind UTC, is midnight UTC and 9:00 in Tokyo.
    assert days(store, TOKYO) == ["10-31", "11-01"]
    assert days(store, LONDON) == ["10-31", "11-01"]


@pytest.mark.parametrize(
    ("time", "tokyo", "london"),
    [
        ("2026-10-31 23:30", "10-31", "10-31"),  # in Tokyo: 14:30 UTC
        ("2026-11-01T02:00+09:00", "11-01", "10-31"),  # 17:00 UTC
        ("2026-11-01 08:59", "11-01", "10-31"),  # 23:59 UTC
        ("2026-11-01 09:00", "11-01", "11-01"),  # midnight UTC
        ("2026-10-31", "10-31", "10-31"),
        ("2026-11-01 00:00", "11-01", "10-31"),  # midnight sharp in Tokyo is a time
        ("2026-10-31T15:00Z", "11-01", "10-31"),
        # In summer midnight in London is 23:00 UTC, 8:00 in Tokyo.
        ("2026-10-24T22:59Z", "10-25", "10-24"),
        ("2026-10-24T23:00Z", "10-25", "10-25"),
        ("2026-10-25T23:59Z", "10-26", "10-25"),  # a day of 25 hours, from 23:00 to 24:00
        ("2026-10-26T00:00Z", "10-26", "10-26"),
        ("2026-03-28T23:59Z", "03-29", "03-28"),
        ("2026-03-29T22:59Z", "03-30", "03-29"),  # a day of 23 hours, from 0:00 to 23:00
        ("2026-03-29T23:00Z", "03-30", "03-30"),
    ],
)
def test_each_plan_reads_a_time_in_its_own_zone(
    store: Store, time: str, tokyo: str, london: str
) -> None:
    put(store, time)
    assert (days(store, TOKYO), days(store, LONDON)) == ([tokyo], [london])


def test_a_tally_with_a_look_at_each_lead_counts_in_the_days_of_its_zone(store: Store) -> None:
    put(store, "2026-11-01 08:00")
    converted = Tally(TallyKind.CONVERTED, stage=Stage.LEAD, to_stage=Stage.LEAD)
    store.register([converted], zone=LONDON)
    # Reached on 31 October in London: known from that day on.
    for known, count in ((date(2026, 10, 30), {}), (date(2026, 10, 31), {date(2026, 10, 31): 1})):
        assert store.daily([converted], YEAR, known, zone=LONDON)[converted] == count


def test_two_plans_side_by_side_show_their_own_month(store: Store) -> None:
    put(store, "2026-10-31 23:30", "2026-11-01 02:00", "2026-11-01 10:00", now="2026-11-01 12:00")
    now = datetime.fromisoformat("2026-11-01T12:00+09:00")
    october = Month(2026, 10)
    tokyo = board_report(store, "tokyo", now=now, month=october)
    london = board_report(store, "london", now=now, month=october)
    assert (tokyo.kpi.value, london.kpi.value) == (1, 2)
    # Data through 10:00 in Tokyo, the newest time of the running day, is 1:00 in London.
    assert board_report(store, "tokyo", now=now).kpi.moment.data_through == wall("2026-11-01 10:00")
    assert board_report(store, "london", now=now).kpi.moment.data_through == wall(
        "2026-11-01 01:00"
    )


def test_a_month_ends_in_each_zone_when_its_own_midnight_has_come(store: Store) -> None:
    put(store, "2026-11-01 08:30", now="2026-11-01 08:30")
    now = datetime.fromisoformat("2026-11-01T08:30+09:00")
    tokyo, london = (board_report(store, each, now=now) for each in ("tokyo", "london"))
    assert tokyo.kpi.moment.month == Month(2026, 11)
    assert london.kpi.moment.month == Month(2026, 10)
    assert london.kpi.moment.now == wall("2026-10-31 23:30")
    assert [e.kpi.moment.is_over for e in (tokyo, london)] == [False, False]


def test_a_checkpoint_closes_at_midnight_of_the_plans_zone(store: Store) -> None:
    # Week 1 ends on Monday the 9th. 8:30 in Tokyo on the 10th is 23:30 in London on the 9th.
    put(store, "2026-11-02 10:00", "2026-11-10 08:30", now="2026-11-10 08:30")
    now = datetime.fromisoformat("2026-11-10T08:30+09:00")
    verdicts = [
        board_report(store, each, now=now).kpi.stamps[0].passed for each in ("tokyo", "london")
    ]
    assert verdicts == [False, None]


def test_a_plan_of_another_zone_that_comes_later_counts_what_is_there(tmp_path: Path) -> None:
    opened = open_store(tmp_path / "data")
    load(opened, "tokyo", TOKYO)
    put(opened, "2026-11-01 02:00", "2026-10-31")
    load(opened, "new", "America/New_York")
    # 2:00 in Tokyo is 13:00 of the day before in New York.
    assert days(opened, "America/New_York") == ["10-31", "10-31"]
    opened.close()


def test_the_zone_of_the_first_plan_is_the_workspaces_also_when_it_changes(store: Store) -> None:
    assert store.zone == TOKYO
    put(store, "2026-10-31 23:30", "2026-11-01T02:00+09:00", now="2026-11-30 09:00")
    load(store, "tokyo", LONDON)
    assert store.zone == LONDON
    assert days(store, LONDON) == ["10-31", "10-31"]
    assert store.imports()[0].imported_at == wall("2026-11-30 00:00")
    load(store, "london", TOKYO)
    assert store.zone == LONDON
    assert days(store, TOKYO) == ["10-31", "11-01"]


def test_undoing_an_import_takes_its_leads_out_of_every_zone(store: Store) -> None:
    put(store, "2026-11-01 02:00")
    store.undo(1, who="me", now=wall("2026-11-30 10:00"))
    assert (days(store, TOKYO), days(store, LONDON)) == ([], [])
