"""Dates and times as files write them."""

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading, read_dates

at = datetime.fromisoformat


def column(*cells: str | None) -> "pd.Series[str]":
    return pd.Series(list(cells), dtype="str")


def read(cell: str, **how: Any) -> tuple[datetime | None, str | None]:
    """What becomes of a cell, alone in its column and beside one of another shape."""
    alone = read_dates(column(cell), DateReading(**how)).iloc[0]
    beside = read_dates(column("2026年1月5日", cell, None), DateReading(**how)).iloc[1]
    assert alone.equals(beside)
    at, code = alone["at"], alone["code"]
    return None if pd.isna(at) else at.to_pydatetime(), None if pd.isna(code) else code


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-01-05", at("2026-01-05")),
        ("2026-1-5", at("2026-01-05")),
        ("2026/1/5", at("2026-01-05")),
        ("2026.1.5", at("2026-01-05")),
        ("2026/01/05 9:07", at("2026-01-05 09:07")),
        ("2024-03-12 09:14", at("2024-03-12 09:14")),
        ("2024-3-12 9:14:00", at("2024-03-12 09:14")),
        ("2026年1月5日", at("2026-01-05")),
        ("２０２６年１月５日", at("2026-01-05")),
        ("２０２６／０１／０５　１４：０５", at("2026-01-05 14:05")),
        ("2026-01-05 14:05:09", at("2026-01-05 14:05:09")),
        ("2026-01-05T14:05:09.25", at("2026-01-05 14:05:09.250000")),
        ("2026-01-05 14:05:09.1234567", at("2026-01-05 14:05:09.123456")),
        ("2026-01-05T14:05", at("2026-01-05 14:05")),
        ("2026-01-05 14", at("2026-01-05 14:00")),
        ("2026-01-05 24:00", at("2026-01-06")),
        ("2026-01-05 2:05 PM", at("2026-01-05 14:05")),
        ("2026-01-05 12:05 AM", at("2026-01-05 00:05")),
        ("2026-01-05 12:05 p.m.", at("2026-01-05 12:05")),
        ("20260105", at("2026-01-05")),
        ("20260105140509", at("2026-01-05 14:05:09")),
        ("2024-02-29", at("2024-02-29")),
        ("2000-02-29", at("2000-02-29")),
        ("2026-12-31 23:59:59", at("2026-12-31 23:59:59")),
    ],
)
def test_usual_dates_are_read(cell: str, at: datetime) -> None:
    assert read(cell) == (at, None)
    assert read(cell, zone="Asia/Tokyo") == (at, None)


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026年1月5日(月)", at("2026-01-05")),
        ("2026年1月5日（月曜日） 14時05分", at("2026-01-05 14:05")),
        ("2026/1/5(月) 9:05", at("2026-01-05 09:05")),
        ("2026年 1月 5日 14時05分09秒", at("2026-01-05 14:05:09")),
        ("2026年1月5日 14時", at("2026-01-05 14:00")),
        ("2026年1月5日, 14:05", at("2026-01-05 14:05")),
        ("2026年1月5日 14:05:09,25", at("2026-01-05 14:05:09.250")),
        ("2026年1月5日 午後3:30", at("2026-01-05 15:30")),
        ("2026/1/5 午後３時３０分", at("2026-01-05 15:30")),
        ("2026/1/5 午前0:30", at("2026-01-05 00:30")),
        ("2026/1/5 午後0:30", at("2026-01-05 12:30")),
        ("2026/1/5 午前12:30", at("2026-01-05 00:30")),
        ("令和8年1月5日", at("2026-01-05")),
        ("令和８年１月５日 午後3:30", at("2026-01-05 15:30")),
        ("令和元年5月1日", at("2019-05-01")),
        ("㋿8年1月5日", at("2026-01-05")),
        ("R8.1.5", at("2026-01-05")),
        ("R08/01/05 14:05", at("2026-01-05 14:05")),
        ("平成31年4月30日", at("2019-04-30")),
        ("H31.4.30", at("2019-04-30")),
        ("昭和64年1月7日", at("1989-01-07")),
        ("午後3:30 2026/1/5", at("2026-01-05 15:30")),
        ("午後3時 2026年1月5日", at("2026-01-05 15:00")),
        ("15:30 令和8年1月5日", at("2026-01-05 15:30")),
    ],
)
def test_japanese_dates_are_read(cell: str, at: datetime) -> None:
    assert read(cell) == (at, None)


@pytest.mark.parametrize(
    "cell", ["平成32年1月1日", "平成31年5月1日", "H31.5.1",
     "令和元年4月30日", "令和0年5月1日", "慶応3年1月1日"]
)  # fmt: skip
def test_a_day_that_its_era_never_had_is_said(cell: str) -> None:
    assert read(cell) == (None, "era_unknown")


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("15 Apr, 2021 00:03:00", at("2021-04-15 00:03")),
        ("05-Jan-2026", at("2026-01-05")),
        ("05-JAN-26", at("2026-01-05")),
        ("Thu, 5 Feb 2026", at("2026-02-05")),
        ("Mar 01, 2000", at("2000-03-01")),
        ("Feb 5, 2026, 2:30 PM", at("2026-02-05 14:30")),
        ("Thursday, February 5, 2026", at("2026-02-05")),
        ("2026-Feb-05", at("2026-02-05")),
        ("5th of March 2026", at("2026-03-05")),
        ("5 Sept 2026", at("2026-09-05")),
        ("Thu Feb 05 2026 09:00:00 GMT+0900 (JST)", at("2026-02-05 09:00")),
        ("5 janv. 2026", at("2026-01-05")),
        ("1er février 2026", at("2026-02-01")),
        ("lundi 5 août 2024", at("2024-08-05")),
        ("5. März 2026 um 14:05 Uhr", at("2026-03-05 14:05")),
        ("5. Dez. 2026", at("2026-12-05")),
        ("5 de enero de 2026", at("2026-01-05")),
        ("mar 6 ene 2026", at("2026-01-06")),
        ("5 de março de 2026", at("2026-03-05")),
        ("5 gennaio 2026 14:05", at("2026-01-05 14:05")),
        ("3:30 PM, Jan 5, 2026", at("2026-01-05 15:30")),
        ("Mon Jan  5 15:30:00 2026", at("2026-01-05 15:30")),
        ("Mon Jan  5 15:30:00 JST 2026", at("2026-01-05 15:30")),
    ],
)
def test_names_of_months_are_read_in_six_languages(cell: str, at: datetime) -> None:
    assert read(cell) == (at, None)


@pytest.mark.parametrize(
    ("cell", "day_first", "month_first"),
    [
        ("02/10/26 03:04 PM", at("2026-10-02 15:04"), at("2026-02-10 15:04")),
        ("05.01.2026", at("2026-01-05"), at("2026-05-01")),
        ("05.01.26 14:05", at("2026-01-05 14:05"), at("2026-05-01 14:05")),
        ("1/5/26 2:05 PM", at("2026-05-01 14:05"), at("2026-01-05 14:05")),
        ("3-4-2024", at("2024-04-03"), at("2024-03-04")),
    ],
)
def test_the_order_of_the_column_tells_day_from_month(
    cell: str, day_first: datetime, month_first: datetime
) -> None:
    assert read(cell, order=Order.DAY_MONTH) == (day_first, None)
    assert read(cell, order=Order.MONTH_DAY) == (month_first, None)
    assert read(cell) == (None, "date_order_unknown")


def test_a_date_against_the_order_of_its_column_is_impossible() -> None:
    assert read("3/15/2024 2:30 PM", order=Order.MONTH_DAY) == (at("2024-03-15 14:30"), None)
    assert read("3/15/2024 2:30 PM", order=Order.DAY_MONTH) == (None, "date_impossible")


def test_a_date_that_is_the_same_in_every_order_needs_none() -> None:
    assert read("05/05/2026") == (at("2026-05-05"), None)
    assert read("05/05/26") == (None, "date_order_unknown")  # or 2005-05-26


def test_a_short_year_may_come_first() -> None:
    assert read("26/01/05", order=Order.YEAR_MONTH) == (at("2026-01-05"), None)
    assert read("26/1/5", order=Order.YEAR_MONTH) == (at("2026-01-05"), None)
    assert read("26/01/05", order=Order.DAY_MONTH) == (at("2005-01-26"), None)
    assert read("26/1/5", order=Order.DAY_MONTH) == (None, "date_impossible")
    assert read("01/05/2026", order=Order.YEAR_MONTH) == (None, "date_impossible")


@pytest.mark.parametrize(
    ("cell", "written", "tokyo"),
    [
        ("2026-01-05T23:30:00Z", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
        ("2026-01-05T23:30:00+09:00", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("2026-01-05 23:30:00+0900", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("2026-01-05 23:30:00 -0800", at("2026-01-05 23:30"), at("2026-01-06 16:30")),
        ("2026-01-05 23:30:00 UTC", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
        ("2026-01-05 23:30 JST", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("2026-01-05 11:30 PM PST", at("2026-01-05 23:30"), at("2026-01-06 16:30")),
        ("2026-01-05T00:00:00+05:30", at("2026-01-05"), at("2026-01-05 03:30")),
        ("5 Jan 2026 23:30 +0000", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
        ("2026-01-05 23:30:00 Asia/Tokyo", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("2026-01-05 11:30 PM America/New_York", at("2026-01-05 23:30"), at("2026-01-06 13:30")),
        ("2026-07-05 23:30 America/New_York", at("2026-07-05 23:30"), at("2026-07-06 12:30")),
        (
            "2026-01-05 9:30 America/Argentina/Buenos_Aires",
            at("2026-01-05 09:30"),
            at("2026-01-05 21:30"),
        ),
        ("2026-01-05T23:30:00+09:00[Asia/Tokyo]", at("2026-01-05 23:30"), at("2026-01-05 23:30")),
        ("Mon Jan  5 23:30:00 UTC 2026", at("2026-01-05 23:30"), at("2026-01-06 08:30")),
    ],
)
def test_an_instant_moves_to_the_zone_that_is_named_and_stays_as_written_where_none_is(
    cell: str, written: datetime, tokyo: datetime
) -> None:
    assert read(cell) == (written, None)
    assert read(cell, zone="Asia/Tokyo") == (tokyo, None)


def test_hours_that_a_change_of_the_clock_skips_or_repeats_are_read() -> None:
    new_york = {"zone": "America/New_York"}
    assert read("2026-03-08 02:30", **new_york) == (at("2026-03-08 02:30"), None)  # skipped
    assert read("2026-03-08T07:30:00Z", **new_york) == (at("2026-03-08 03:30"), None)
    assert read("2026-11-01T05:30:00Z", **new_york) == (at("2026-11-01 01:30"), None)
    assert read("2026-11-01T06:30:00Z", **new_york) == (at("2026-11-01 01:30"), None)  # again


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30", "2026-02-29", "1900-02-29", "2026-13-01", "0000-01-00", "2026-04-31",
     "2026-01-05 24:30", "2026-01-05 12:60", "2026年2月30日", "2026-00-10", "2026-01-00",
     "20261301", "30 Feb 2026", "令和8年2月30日", "2026-01-05 13:00 PM", "2026-01-05 10:00+25:00"],
)  # fmt: skip
def test_a_day_or_time_that_never_was_is_impossible(cell: str) -> None:
    assert read(cell) == (None, "date_impossible")


@pytest.mark.parametrize(
    "cell",
    ["四月", "2026-01", "2026-01-05x", "12026-01-05", "5 Foo 2026", "Jan 2026",
     "2026-01-05 10:00 CST", "2026-01-05 10:00 Mars/Base", "1/5/2026 10:00 Asia/Tokyo",
     "08/15", "1.5.20266", "=1+1", "Infinity", "epoch"],
)  # fmt: skip
def test_what_is_unclear_is_unreadable_and_never_guessed(cell: str) -> None:
    assert read(cell) == (None, "date_unreadable")


@pytest.mark.parametrize(
    ("cell", "unit", "at"),
    [
        ("46027", Unit.SERIAL, at("2026-01-05")),
        ("46027.5", Unit.SERIAL, at("2026-01-05 12:00")),
        ("46027.60417", Unit.SERIAL, at("2026-01-05 14:30:00")),
        ("1767225600", Unit.SECONDS, at("2026-01-01")),
        ("1767225600.25", Unit.SECONDS, at("2026-01-01 00:00:00.25")),
        ("1767225600000", Unit.MILLISECONDS, at("2026-01-01")),
    ],
)
def test_a_bare_number_is_a_moment_only_in_the_unit_of_its_column(
    cell: str, unit: Unit, at: datetime
) -> None:
    for each in Unit:
        assert read(cell, unit=each) == (
            (at, None) if each is unit else (None, "date_unit_unknown")
        )
    assert read(cell) == (None, "date_unit_unknown")
    assert read("2026-01-05", unit=unit) == (datetime.fromisoformat("2026-01-05"), None)


def test_what_counts_from_1970_moves_to_the_zone_and_serials_do_not() -> None:
    tokyo = {"zone": "Asia/Tokyo"}
    assert read("1767225600", unit=Unit.SECONDS, **tokyo) == (at("2026-01-01 09:00"), None)
    assert read("46027", unit=Unit.SERIAL, **tokyo) == (at("2026-01-05"), None)


def test_excels_day_zero_is_none() -> None:
    assert read("0", unit=Unit.SERIAL) == (None, "far_past")


def test_the_days_of_a_report_are_counted_from_its_first() -> None:
    first = date(2023, 9, 23)
    assert read("0000", first_day=first) == (at("2023-09-23"), None)
    assert read("0027", first_day=first) == (at("2023-10-20"), None)
    assert read("0000") == (None, "date_unit_unknown")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2050-01-01 00:00:00", "far_future"),
        ("9999-12-31", "far_future"),
        ("2126-01-01", "far_future"),
        ("0001-01-01", "far_past"),
        ("1900-01-01", "far_past"),
        ("1970-01-01T00:00:00Z", "far_past"),
        ("明治10年1月1日", "far_past"),
    ],
)
def test_a_date_too_far_off_to_be_meant_is_none(cell: str, code: str) -> None:
    assert read(cell) == (None, code)


@pytest.mark.parametrize(
    "cell",
    ["-", "--", "―", "N/A", "n/a", "#N/A", "null", "－", "0000-00-00", "0000-00-00 00:00:00",
     "0000/00/00", "00/00/0000", "0000-00-00T00:00:00.000Z", "００００-００-００"],
)  # fmt: skip
def test_a_cell_that_says_there_is_no_date_is_as_good_as_missing(cell: str) -> None:
    assert read(cell) == (None, None)


@pytest.mark.parametrize(
    ("pattern", "cell", "at"),
    [
        ("%m/%d/%y %I:%M %p", "02/23/26 08:55 PM", at("2026-02-23 20:55")),
        ("%d %b, %Y %H:%M:%S", "15 Apr, 2021 00:03:00", at("2021-04-15 00:03")),
        ("%d.%m.%Y", "05.01.2026", at("2026-01-05")),
        ("%d.%m.%Y", "2026-01-05", at("2026-01-05")),
        ("%Y-%d-%m", "2026-01-05", at("2026-05-01")),
        ("%m/%d/%Y %H:%M:%S%z", "07/13/2009 22:14:45-0800", at("2009-07-13 22:14:45")),
    ],
)
def test_a_declared_format_comes_first_and_the_usual_ones_after_it(
    pattern: str, cell: str, at: datetime
) -> None:
    assert read(cell, format=pattern) == (at, None)


def test_a_declared_format_does_not_make_other_days_possible() -> None:
    assert read("31.02.2026", format="%d.%m.%Y") == (None, "date_impossible")
    assert read("2026-02-30", format="%d.%m.%Y") == (None, "date_impossible")


def test_missing_cells_have_neither_date_nor_code() -> None:
    assert read_dates(column(None, None), DateReading()).isna().all(axis=None)
    assert len(read_dates(column(), DateReading())) == 0


def test_twelve_spellings_of_offsets_give_the_right_day(shared: Any, cases: Any) -> None:
    case = cases["offset_formats"]
    frame = pd.read_csv(shared / "exports" / case["files"][0], dtype="str")
    assert len(frame) == 12
    for zone, told in (("UTC", "instants_utc"), ("Asia/Tokyo", "dates_in_asia_tokyo")):
        at = read_dates(frame["Date"], DateReading(Order.MONTH_DAY, zone=zone))["at"]
        shown = {
            name: moment.isoformat()[: len(case["expect"][told][name].rstrip("Z"))]
            for name, moment in zip(frame["Name"], at, strict=True)
        }
        assert shown == {name: text.rstrip("Z") for name, text in case["expect"][told].items()}
