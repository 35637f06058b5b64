"""What the database reads itself, it reads as read_dates does."""

from datetime import datetime

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.parsing.date_formats import Order, Unit
from kpi_core.parsing.dates import DateReading, read_dates
from kpi_core.parsing.fast_dates import fast_date
from kpi_core.parsing.numbers import Decimal, NumberReading, fast_number, read_numbers
from kpi_core.parsing.text_column import trimmed_sql

at = datetime.fromisoformat


SCRATCH = duckdb.connect()


def by_database(cells: list[str], sql: str) -> list[object]:
    """What an expression over `cell` makes of each of these cells."""
    query = f"select {sql} from unnest($cells) with ordinality as t(cell, n) order by n"
    found = SCRATCH.execute(query, {"cells": cells}).fetchall()
    return [value for (value,) in found]


def agrees(cells: list[str], sample: list[str], reading: DateReading) -> int:
    """How many cells the database read, all of them as read_dates does."""
    sql = fast_date("cell", sample, reading)
    if sql is None or not cells:
        return 0
    quick = by_database(cells, sql)
    slow = read_dates(pd.Series(cells, dtype="str"), reading)["at"]
    seen = 0
    for cell, one, other in zip(cells, quick, slow, strict=True):
        if one is not None:
            assert one == other.to_pydatetime(), (cell, sql)
            seen += 1
    return seen


FORMATS = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+09:00", "%Y-%m-%d %H:%M:%S -0600",
    "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%fZ",
    "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%d.%m.%Y", "%d.%m.%y %H:%M",
    "%m/%d/%Y %I:%M %p", "%m/%d/%y %I:%M:%S %p", "%d %b, %Y %H:%M:%S", "%d-%b-%Y", "%a, %d %b %Y",
    "%b %d, %Y", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%m/%d/%Y %H:%M:%S+0800", "%Y.%m.%d",
    "%d %B %Y", "%Y%m%d", "%m/%d/%YT%H:%M:%S-0800", "%d-%b-%y", "%Y-%b-%d", "%Y. %m. %d",
    "%d-%m-%y %H:%M-0800", "%A, %B %d, %Y", "%dth %b %Y, %I:%M %p", "%b %d %Y %H", "%d %b %YT%H:%M",
    "%Y-%m-%d %H:%M UTC+9",
]  # fmt: skip
"""Spellings as files have them."""
moments = st.datetimes(datetime(1960, 1, 1), datetime(2070, 12, 31))  # noqa: DTZ001 - a wall clock
spellings = st.builds(datetime.strftime, moments, st.sampled_from(FORMATS))


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A date with a sign too many, too few, or another one."""
    text = draw(spellings)
    place = draw(st.integers(0, len(text)))
    sign = draw(
        st.sampled_from(
            ["", "0", "1", "9", "-", "/", ".", ":", " ", "T", "Z", "+", "PM", "１", "\t", ","]
        )
    )
    return (text[:place] + sign + text[place + draw(st.integers(0, 2)) :]).strip()


@given(
    st.lists(spellings, min_size=1, max_size=6),
    st.lists(spellings | mangled(), min_size=1, max_size=30),
    st.sampled_from([None, *Order]),
    st.sampled_from(
        [None, "UTC", "Asia/Tokyo", "America/New_York", "Europe/London", "Asia/Kolkata"]
    ),
)
def test_no_date_is_read_otherwise_by_the_database(
    sample: list[str], cells: list[str], order: Order | None, zone: str | None
) -> None:
    agrees(sample + cells, sample, DateReading(order, zone=zone))


@given(
    st.sampled_from(Unit),
    st.sampled_from([None, "Asia/Tokyo", "America/New_York"]),
    st.lists(
        st.from_regex(r"[0-9]{1,14}(\.[0-9]{1,12})?", fullmatch=True)
        | st.floats(20000, 80000).map(str)
        | st.integers(10**9, 3 * 10**9).map(str)
        | st.integers(10**12, 3 * 10**12).map(str)
        | spellings,
        min_size=1,
    ),
)
def test_no_bare_number_is_read_otherwise_by_the_database(
    unit: Unit, zone: str | None, cells: list[str]
) -> None:
    agrees(cells, [], DateReading(unit=unit, zone=zone))


@pytest.mark.parametrize(
    ("cell", "reading", "moment"),
    [
        ("2026-01-05", DateReading(), at("2026-01-05")),
        ("2026/1/5 9:07", DateReading(), at("2026-01-05 09:07")),
        ("2026-01-05 14:05:09.25", DateReading(), at("2026-01-05 14:05:09.250")),
        ("2026-01-05T23:30:00.000Z", DateReading(), at("2026-01-05 23:30")),
        ("2026-01-05T23:30:00.000Z", DateReading(zone="Asia/Tokyo"), at("2026-01-06 08:30")),
        ("2026-07-05T23:30:00-0400", DateReading(zone="Europe/Paris"), at("2026-07-06 05:30")),
        ("02/10/26 03:04 PM", DateReading(Order.MONTH_DAY), at("2026-02-10 15:04")),
        ("02/10/26 03:04 PM", DateReading(Order.DAY_MONTH), at("2026-10-02 15:04")),
        ("26/1/5", DateReading(Order.YEAR_MONTH), at("2026-01-05")),
        ("05.01.2026", DateReading(format="%d.%m.%Y"), at("2026-01-05")),
        ("15 Apr, 2021 00:03:00", DateReading(), at("2021-04-15 00:03")),
        ("15 Apr, 2021 00:03:00", DateReading(format="%d %b, %Y %H:%M:%S"), at("2021-04-15 00:03")),
        ("Thu, 5 Feb 2026", DateReading(), at("2026-02-05")),
        ("05-JAN-26", DateReading(), at("2026-01-05")),
        ("2026-Feb-05, 2:30 PM", DateReading(), at("2026-02-05 14:30")),
        ("2026-01-05 23:30 UTC+9", DateReading(zone="UTC"), at("2026-01-05 14:30")),
        ("2026年1月5日", DateReading(), at("2026-01-05")),
        ("46027.5", DateReading(unit=Unit.SERIAL), at("2026-01-05 12:00")),
        ("1767225600", DateReading(unit=Unit.SECONDS), at("2026-01-01")),
        ("1767225600000", DateReading(unit=Unit.MILLISECONDS, zone="Asia/Tokyo"),
         at("2026-01-01 09:00")),
    ],
)  # fmt: skip
def test_the_usual_spellings_are_read_by_the_database(
    cell: str, reading: DateReading, moment: datetime
) -> None:
    sql = fast_date("cell", [cell], reading)
    assert sql is not None
    others = ["四月", "infinity", "2126-01-01", "1/5/2", "0000-00-00"]
    assert by_database([cell, *others], sql) == [moment, *[None] * len(others)]


@pytest.mark.parametrize(
    ("sample", "reading"),
    [
        (["03/04/2026"], DateReading()),
        (["5 janv. 2026", "令和8年1月5日"], DateReading()),
        (["2026-01-05"], DateReading(format="%Y-%d-%m")),
        ([], DateReading()),
    ],
)
def test_what_has_to_be_decided_or_is_unusual_is_left_to_read_dates(
    sample: list[str], reading: DateReading
) -> None:
    assert fast_date("cell", sample, reading) is None


figures = st.text("0123456789.,'-+eE _()%$¥", min_size=1, max_size=8)


@given(
    st.lists(figures | st.floats().map(str) | st.integers().map(str), min_size=1),
    st.sampled_from([None, *Decimal]),
)
def test_no_number_is_read_otherwise_by_the_database(
    cells: list[str], decimal: Decimal | None
) -> None:
    reading = NumberReading(decimal)
    texts = [bare for cell in cells if (bare := cell.strip())]
    slow = read_numbers(pd.Series(texts, dtype="str"), reading)["number"]
    quick = by_database(texts, fast_number("cell", reading))
    for cell, one, other in zip(texts, quick, slow, strict=True):
        assert one is None or one == other, cell


def test_plain_numbers_are_read_by_the_database() -> None:
    cells = ["12", "-3.5", "1e3", "1,234", "¥1,234,567", "1,23", "1_000", "inf", "nan"]
    by_point = by_database(cells, fast_number("cell", NumberReading(Decimal.POINT)))
    assert by_point == [12, -3.5, 1000, 1234, 1234567, None, None, None, None]
    by_comma = by_database(cells, fast_number("cell", NumberReading(Decimal.COMMA)))
    assert by_comma == [12, *[None] * 8]


@given(st.lists(st.text(st.sampled_from("aあ1 \t\n\u3000\u00a0\u200b\u2009\x1f\x85"), max_size=6)))
def test_the_database_trims_as_python_does(cells: list[str]) -> None:
    assert by_database(cells, trimmed_sql("cell")) == [cell.strip() or None for cell in cells]
