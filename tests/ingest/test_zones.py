"""Times count by the clock of the plan, whatever clock they were written by."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from kpi_core.domain.aggregate import Tally, TallyKind
from kpi_core.domain.period import Period
from kpi_core.domain.stage import Stage
from kpi_core.facts.store import Store
from kpi_core.ingest.import_file import import_file
from kpi_core.mapping.document import Mapping
from kpi_core.mapping.shipped import load_mapping
from kpi_core.parsing.stated_zones import zone_above, zone_of_header
from tests.ingest.read import mapping_of

LEADS = Tally(TallyKind.REACHED, stage=Stage.LEAD)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NOW = datetime.fromisoformat("2026-11-30 09:00")
BY_COLUMN = """
name = "mine"
source = "mine"
grain = "lead"
id = "Lead ID"
[[stages]]
stage = "lead"
date = "{column}"
"""


def days(
    store: Store, text: str, mapping: Mapping | str, home: str | None = "Asia/Tokyo"
) -> list[str]:
    """The days of the leads in a file that is imported where the clock is that of `home`."""
    read = mapping if isinstance(mapping, Mapping) else mapping_of(mapping)
    import_file(store, text.encode(), "leads.csv", read, who="t", now=NOW, home=home)
    found = store.daily([LEADS], YEAR)[LEADS]
    return [f"{day:%m-%d}" for day, count in found.items() for _ in range(round(count))]


def test_a_zone_in_the_header_is_heard(store: Store) -> None:
    text = (
        "Lead ID,Created At (UTC)\n"
        "A1,2026-10-31 16:30:00\nA2,2026-10-31 20:10:00\nA3,2026-11-03 03:30:00\n"
    )
    mapping = BY_COLUMN.format(column="Created At (UTC)")
    # 16:30 in UTC is 1:30 of the next day in Tokyo, 3:30 is half past noon.
    assert days(store, text, mapping) == ["11-01", "11-01", "11-03"]


def test_a_zone_above_the_table_is_heard(store: Store) -> None:
    text = (
        "Leads\nReport Time Zone: America/New_York\n\nLead ID,Created\n"
        "A1,2026-10-31 11:00:00\nA2,2026-11-02 09:59:00\nA3,2026-11-02 10:00:00\n"
    )
    # New York is 13 hours behind Tokyo in October, 14 from November 1st on.
    assert days(store, text, BY_COLUMN.format(column="Created")) == ["11-01", "11-02", "11-03"]


@pytest.mark.parametrize("cell", ["2026-10-31T16:30:00Z", "2026-11-01T00:30:00+08:00"])
def test_moments_in_our_template_count_by_the_clock_of_the_plan(store: Store, cell: str) -> None:
    template = load_mapping("funnel-template")
    assert isinstance(template, Mapping)
    assert days(store, f"lead_id,lead_date\n1,{cell}\n", template) == ["11-01"]


@pytest.mark.parametrize("column", ["Created", "Created (UTC)"])
def test_a_date_alone_is_that_day_everywhere(store: Store, column: str) -> None:
    text = f"Lead ID,{column}\nA1,2026-10-31\nA2,2026/10/31\n"
    mapping = BY_COLUMN.format(column=column)
    assert days(store, text, mapping, home="America/New_York") == ["10-31", "10-31"]


def test_a_time_without_a_zone_is_that_of_the_plan(store: Store) -> None:
    text = "Lead ID,Created\nA1,2026-10-31 23:30\n"
    assert days(store, text, BY_COLUMN.format(column="Created")) == ["10-31"]


def test_a_cell_that_says_where_knows_better_than_its_header(store: Store) -> None:
    text = "Lead ID,Created (UTC)\nA1,2026-10-31 23:30:00+09:00\nA2,2026-10-31 23:30:00\n"
    assert days(store, text, BY_COLUMN.format(column="Created (UTC)")) == ["10-31", "11-01"]


def test_what_somebody_wants_as_written_stays_so(store: Store) -> None:
    text = "Lead ID,Created\nA1,2026-10-31T16:30:00Z\n"
    mapping = 'zone = "as written"\n' + BY_COLUMN.format(column="Created")
    assert days(store, text, mapping) == ["10-31"]


@pytest.mark.parametrize(
    ("told", "read", "zone"),
    [
        ("Created At (UTC)", zone_of_header, "UTC"),
        ("Created [GMT]", zone_of_header, "UTC"),
        ("作成日時（JST）", zone_of_header, "UTC+09:00"),
        ("Created (GMT-5)", zone_of_header, "UTC-05:00"),
        ("Created (america/new_york)", zone_of_header, "America/New_York"),
        ("Created (UTC+5:30)", zone_of_header, "UTC+05:30"),
        ("Created (local)", zone_of_header, None),
        ("Created (-1)", zone_of_header, None),
        ("Created", zone_of_header, None),
        ("Report Time Zone: America/New_York", lambda line: zone_above([line]), "America/New_York"),
        ("Time zone,(GMT+09:00) Tokyo", lambda line: zone_above([line]), "UTC+09:00"),
        ("タイムゾーン：Asia/Tokyo", lambda line: zone_above([line]), "Asia/Tokyo"),
        ("All times are good", lambda line: zone_above([line]), None),
    ],
)
def test_zones_are_told_in_many_ways(
    told: str, read: Callable[[str], str | None], zone: str | None
) -> None:
    assert read(told) == zone
