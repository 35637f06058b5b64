"""Dates and times as files write them."""

from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from kpi_core.ingest.cells.dates import read_dates
from kpi_core.ingest.files.table import read_table

at = datetime.fromisoformat


def column(*cells: str | None) -> "pd.Series[str]":
    return pd.Series(list(cells), dtype="str")


def read(cell: str, **how: Any) -> tuple[datetime | None, str | None]:
    """What becomes of a cell, alone in its column and beside one of another shape."""
    alone = read_dates(column(cell), **how).iloc[0]
    beside = read_dates(column("2026年1月5日", cell, None), **how).iloc[1]
    assert alone.equals(beside)
    at, code = alone["at"], alone["code"]
    return None if pd.isna(at) else at.to_pydatetime(), None if pd.isna(code) else code


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-01-05", at("2026-01-05")),
        ("2026-1-5", at("2026-01-05")),
        ("2026/1/5", at("2026-01-05")),
        ("2026/01/05 9:07", at("2026-01-05 09:07")),
        ("2026年1月5日", at("2026-01-05")),
        ("２０２６年１月５日", at("2026-01-05")),
        ("2026-01-05 14:05:09", at("2026-01-05 14:05:09")),
        ("2026-01-05T14:05:09.25", at("2026-01-05 14:05:09.250000")),
        ("2026-01-05 14:05:09.1234567", at("2026-01-05 14:05:09.123456")),
        ("2026-01-05T14:05", at("2026-01-05 14:05")),
        ("2026-01-05 14", at("2026-01-05 14:00")),
        ("2024-02-29", at("2024-02-29")),
        ("2000-02-29", at("2000-02-29")),
        ("2026-12-31 23:59:59", at("2026-12-31 23:59:59")),
    ],
)
def test_usual_dates_are_read(cell: str, at: datetime) -> None:
    assert read(cell) == (at, None)
    assert read(cell, zone="Asia/Tokyo") == (at, None)


@pytest.mark.parametrize(
    ("cell", "written", "tokyo"),
    [
        ("2026-01-05T23:30:00Z", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
        ("2026-01-05T23:30:00+09:00", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("2026-01-05 23:30:00 -0800", at("2026-01-05 23:30"), at("2026-01-06 16:30")),
        ("2026-01-05 23:30:00 UTC", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
        ("2026-01-05T00:00:00+05:30", at("2026-01-05"), at("2026-01-05 03:30")),
    ],
)
def test_an_instant_moves_to_the_zone_that_is_named_and_stays_as_written_where_none_is(
    cell: str, written: datetime, tokyo: datetime
) -> None:
    assert read(cell) == (written, None)
    assert read(cell, zone="Asia/Tokyo") == (tokyo, None)


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30", "2026-02-29", "1900-02-29", "2026-13-01", "0000-00-00", "2026-04-31",
     "2026-01-05 24:30", "2026-01-05 12:60", "2026年2月30日", "2026-00-10", "2026-01-00"],
)  # fmt: skip
def test_a_day_that_never_was_is_impossible(cell: str) -> None:
    assert read(cell) == (None, "date_impossible")


@pytest.mark.parametrize(
    "cell",
    ["四月", "05.01.2026", "1/5/26 2:05 PM", "1767225600", "46027", "2026-01", "2026",
     "20260105", "令和8年1月5日", "2026-01-05x", "-", "12026-01-05", "٢٠٢٦-٠١-٠٥"],
)  # fmt: skip
def test_what_is_unclear_is_unreadable_and_never_guessed(cell: str) -> None:
    assert read(cell) == (None, "date_unreadable")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2050-01-01 00:00:00", "far_future"),
        ("9999-12-31", "far_future"),
        ("2126-01-01", "far_future"),
        ("0001-01-01", "far_past"),
        ("1900-01-01", "far_past"),
        ("1970-01-01T00:00:00Z", "far_past"),
    ],
)
def test_a_date_too_far_off_to_be_meant_is_none(cell: str, code: str) -> None:
    assert read(cell) == (None, code)


@pytest.mark.parametrize(
    ("pattern", "cell", "at"),
    [
        ("%m/%d/%y %I:%M %p", "02/23/26 08:55 PM", at("2026-02-23 20:55")),
        ("%d %b, %Y %H:%M:%S", "15 Apr, 2021 00:03:00", at("2021-04-15 00:03")),
        ("%d.%m.%Y", "05.01.2026", at("2026-01-05")),
        ("%d.%m.%Y", "2026-01-05", at("2026-01-05")),
    ],
)
def test_a_declared_format_is_read_beside_the_usual_ones(
    pattern: str, cell: str, at: datetime
) -> None:
    assert read(cell, date_format=pattern) == (at, None)


def test_a_declared_format_does_not_make_other_cells_readable() -> None:
    assert read("31.02.2026", date_format="%d.%m.%Y") == (None, "date_unreadable")
    assert read("2026-02-30", date_format="%d.%m.%Y") == (None, "date_impossible")


def test_missing_cells_have_neither_date_nor_code() -> None:
    assert read_dates(column(None, None)).isna().all(axis=None)
    assert len(read_dates(column())) == 0


def test_twelve_spellings_of_offsets_give_the_right_day(shared: Any, cases: Any) -> None:
    case = cases["offset_formats"]
    frame = read_table((shared / "exports" / case["files"][0]).read_bytes()).frame
    american = frame["Date"].str.contains("/")
    for zone, told in (("UTC", "instants_utc"), ("Asia/Tokyo", "dates_in_asia_tokyo")):
        # The American ones come with a blank and with a T.
        blank = read_dates(frame["Date"], zone, "%m/%d/%Y %H:%M:%S%z")["at"]
        at = blank.fillna(read_dates(frame["Date"], zone, "%m/%d/%YT%H:%M:%S%z")["at"])
        assert american.sum() == 6
        shown = {
            name: moment.isoformat()[: len(case["expect"][told][name].rstrip("Z"))]
            for name, moment in zip(frame["Name"], at, strict=True)
        }
        assert shown == {name: text.rstrip("Z") for name, text in case["expect"][told].items()}


def test_a_declared_offset_is_taken_as_written_where_no_zone_is_named() -> None:
    cell = "07/13/2009 22:14:45-0800"
    assert read(cell, date_format="%m/%d/%Y %H:%M:%S%z") == (
        at("2009-07-13 22:14:45"),
        None,
    )
