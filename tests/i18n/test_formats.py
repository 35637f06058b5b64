"""Numbers and dates as each language writes them."""

from datetime import date, datetime

import pytest

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language
from kpi_core.i18n.formats import Formats

JA, EN = Formats(Language.JA), Formats(Language.EN)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (3.25, "3.2"), (1234, "1,234"), (1234.6, "1,235")]
)
def test_a_number_has_one_decimal_below_a_hundred(value: float | None, text: str) -> None:
    assert JA.number(value) == EN.number(value) == text


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (123_456, "123,456", "123,456"),
        (1_234_567, "123.5万", "1.23M"),
        (12_345_678, "1235万", "12.3M"),
        (106_000_000, "1.06億", "106M"),
        (123_456_789_012, "1235億", "123.5B"),
    ],
)
def test_a_long_number_is_shortened_as_each_language_counts(value: int, ja: str, en: str) -> None:
    assert (JA.short(value), EN.short(value)) == (ja, en)


def test_what_is_short_of_all_never_reads_a_hundred_percent() -> None:
    assert [EN.percent(share) for share in (0.624, 0.996, 0.99999, 1.0, 1.14)] == [
        "62%",
        "99%",
        "99%",
        "100%",
        "114%",
    ]


def test_days_and_months_are_written_as_people_do() -> None:
    day, month = date(2026, 11, 24), Month(2026, 11)
    assert (JA.day(day), EN.day(day)) == ("11月24日(火)", "Tue, Nov 24")
    assert (JA.month(month), EN.month(month)) == ("2026年11月", "November 2026")


def test_midnight_reads_as_the_end_of_the_day_before_and_another_year_is_named() -> None:
    midnight = datetime.fromisoformat("2026-11-22T00:00")
    now = datetime.fromisoformat("2027-01-05T09:00")
    assert JA.moment(midnight) == "11月21日(土)終了時点"
    assert EN.moment(midnight, now) == "end of Nov 21, 2026"
    assert EN.moment(datetime.fromisoformat("2027-01-04T18:05"), now) == "Mon, Jan 4, 18:05"
