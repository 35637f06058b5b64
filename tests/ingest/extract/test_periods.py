"""Numbers for weeks and months, and periods that are columns."""

from datetime import date

import pytest

from kpi_core.ingest.extract.daily_counts import last_days
from kpi_core.mapping.document import Mapping, Per
from kpi_core.mapping.parse import read_mapping
from tests.ingest.read import Read, read_file

PAGES = """
name = "pages"
source = "web"
grain = "day"
date = "when"
per = "{per}"
[[counts]]
column = "views"
measure = "page_views"
"""

SEARCHES = """
name = "searches"
source = "ads"
grain = "day"
[[counts]]
measure = "searches"
where = {kind = ["keyword"]}
[periods]
"Oct 2020" = "2020-10"
"Feb 2021" = "2021-02"
"""


def read(text: str, mapping: str) -> Read:
    sound = read_mapping(mapping)
    assert isinstance(sound, Mapping), sound
    return read_file(text.encode(), sound)


def measured(batch: Read) -> list[tuple[str, float]]:
    return [
        (f"{day:%Y-%m-%d}", value)
        for day, value in batch.measures[["day", "value"]].itertuples(index=False)
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2024-02",
        "2024/02",
        "2024年2月",
        "Feb 2024",
        "202402",
        "2024-02-01",
        "2024-02-17",
        "令和6年2月",
    ],
)
def test_the_number_of_a_month_stands_on_its_last_day_and_that_is_said(written: str) -> None:
    batch = read(f"when,views\n{written},5\n", PAGES.format(per="month"))
    assert measured(batch) == [("2024-02-29", 5.0)]
    assert [issue.code for issue in batch.issues] == ["period_at_its_end"]


def test_weeks_that_all_begin_on_a_sunday_end_on_a_saturday() -> None:
    batch = read("when,views\n2026-02-01,5\n2026-02-08,6\n", PAGES.format(per="week"))
    assert measured(batch) == [("2026-02-07", 5.0), ("2026-02-14", 6.0)]


def test_a_week_by_its_number_ends_on_its_sunday() -> None:
    batch = read("when,views\n2026-W05,5\n", PAGES.format(per="week"))
    assert measured(batch) == [("2026-02-01", 5.0)]


def test_days_of_all_sorts_stand_for_the_week_from_monday_to_sunday() -> None:
    batch = read("when,views\n2026-02-03,5\n2026-02-12,6\n", PAGES.format(per="week"))
    assert measured(batch) == [("2026-02-08", 5.0), ("2026-02-15", 6.0)]


def test_periods_that_are_columns_are_read_row_by_row_where_the_condition_holds() -> None:
    batch = read(
        'kind,Oct 2020,Feb 2021\nkeyword,50,\nkeyword,"1,000",30\nbrand,1050,30\n', SEARCHES
    )
    assert measured(batch) == [("2020-10-31", 1050.0), ("2021-02-28", 30.0)]
    assert [issue.code for issue in batch.issues] == ["period_at_its_end"]


def test_a_period_is_a_month_a_week_or_a_day() -> None:
    month, week = date(2024, 2, 1), date(2024, 2, 5)
    assert last_days({"a": month}, Per.DAY) == {"a": date(2024, 2, 29)}
    assert last_days({"a": month, "b": week}, Per.DAY) == {"a": month, "b": week}
    assert last_days({"a": week}, Per.WEEK) == {"a": date(2024, 2, 11)}
