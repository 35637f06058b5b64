"""Numbers and dates as each language writes them."""

from datetime import date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Language
from kpi_core.i18n.formats import Formats, Rounding

JA, EN = Formats(Language.JA), Formats(Language.EN)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (3.25, "3.3"), (1234, "1,234"), (1234.6, "1,235")]
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
        "99.6%",
        "99.99%",
        "100%",
        "114%",
    ]


@pytest.mark.parametrize(
    ("value", "beside", "ja", "en"),
    [
        (999.54, 1000, "999.5", "999.5"),
        (999.96, 1000, "999.96", "999.96"),
        (1000.4, 1000, "1,000.4", "1,000.4"),
        (1000.0, 1000, "1,000", "1,000"),
        (9.96, 10, "9.96", "9.96"),
        (999_999_999, 1_000_000_000, "999,999,999", "999,999,999"),
        (1_234_567_889, 1_234_567_890, "1,234,567,889", "1,234,567,889"),
        (9_996_000, 10_000_000, "999.6万", "9.996M"),
        (987_654_321, 1_234_567_890, "9.88億", "987.7M"),
        (1_234_567_892, 1_234_567_890, "12.35億", "1.235B"),
        (12_345_678, 20_000_000, "1235万", "12.3M"),
        (0.3, 0, "0.3", "0.3"),
        (0.04, 0, "0.04", "0.04"),
    ],
)
def test_what_is_short_of_a_target_is_written_with_the_digits_that_show_it(
    value: float, beside: float, ja: str, en: str
) -> None:
    assert (JA.short(value, beside=[beside]), EN.short(value, beside=[beside])) == (ja, en)


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (1_004_999, "100.5万", "1.01M"),
        (99.91, "100", "100"),
        (3.8, "3.8", "3.8"),
        (3.81, "3.9", "3.9"),
        (2.93, "3", "3"),
        (1_230_001, "123.1万", "1.24M"),
        (999_999.2, "100万", "1M"),
    ],
)
def test_what_is_needed_rounds_up(value: float, ja: str, en: str) -> None:
    up = Rounding.UP
    assert (JA.short(value, rounding=up), EN.short(value, rounding=up)) == (ja, en)


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (50, "50", "50"),
        (12.5, "12.5", "12.5"),
        (4.25, "4.25", "4.25"),
        (1_000_000, "100万", "1M"),
        (12_500_000, "1250万", "12.5M"),
        (1_234_567, "1,234,567", "1,234,567"),
        (1_000_000_000, "10億", "1B"),
    ],
)
def test_what_was_stated_is_never_rounded(value: float, ja: str, en: str) -> None:
    assert (JA.stated(value), EN.stated(value)) == (ja, en)


def test_a_stated_number_is_shortened_beside_one_that_is_clearly_another() -> None:
    assert EN.stated(1_234_567_890, beside=[987_654_321]) == "1.23B"
    assert JA.stated(1_234_567_890, beside=[5]) == "12.3億"
    assert EN.stated(1_234_567_890, beside=[1_234_567_889]) == "1,234,567,890"
    assert EN.stated(1_234_567_890, beside=[1_234_567_890]) == "1.23B"
    assert EN.short(1_234_567_890, beside=[1_234_567_890]) == "1.23B"


def test_a_number_that_rounds_to_the_next_unit_is_written_in_it() -> None:
    assert [EN.short(value) for value in (999_950.0, 999_999.7, 9_999_999)] == [
        "999,950",
        "1M",
        "10M",
    ]
    assert JA.short(99_999_999) == "1億"


def test_half_a_percent_rounds_up_and_a_level_is_never_crossed() -> None:
    assert [EN.percent(share) for share in (0.125, 0.145, 0.135, 0.005)] == [
        "13%",
        "15%",
        "14%",
        "1%",
    ]
    levels = (0.8, 0.7)
    assert [EN.percent(share, beside=levels) for share in (0.796, 0.804, 0.6996, 0.8)] == [
        "79.6%",
        "80.4%",
        "69.96%",
        "80%",
    ]


def test_a_share_has_the_decimals_of_its_target() -> None:
    assert EN.stated_percent(0.125) == "12.5%"
    assert [EN.percent(share, beside=[0.125]) for share in (0.122, 0.125, 0.1249)] == [
        "12.2%",
        "12.5%",
        "12.49%",
    ]


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        ("leads", "lead"),
        ("MQLs", "MQL"),
        ("enquiries", "enquiry"),
        ("retained users", "retained user"),
        ("people", "person"),
        ("boxes", "box"),
        ("yen", "yen"),
        ("business", "business"),
        ("", ""),
    ],
)
def test_one_of_a_unit_is_singular_in_english(unit: str, one: str) -> None:
    assert EN.unit("1", unit) == one
    assert EN.unit("2", unit) == EN.unit("1.5", unit) == unit
    assert JA.unit("1", "件") == "件"


@given(st.floats(0.001, 1e12), st.floats(0.001, 1e12), st.sampled_from([JA, EN]))
def test_what_is_shown_never_looks_like_a_target_that_is_not_reached(
    value: float, target: float, formats: Formats
) -> None:
    assume(value < target * (1 - 1e-6))
    shown = formats.short(value, beside=[target])
    assert shown != formats.stated(target, beside=[value])
    assert shown != formats.stated(target)
    assert formats.percent(value / target) != "100%"


def test_days_and_months_are_written_as_people_do() -> None:
    day, month = date(2026, 11, 24), Month(2026, 11)
    assert (JA.day(day), EN.day(day)) == ("11月24日(火)", "Tue, Nov 24")
    assert (JA.month(month), EN.month(month)) == ("2026年11月", "November 2026")
    assert (JA.month_name(month), EN.month_name(month)) == ("11月", "Nov")
    assert (JA.weekday(0), EN.weekday(6)) == ("月", "Sun")


def test_a_country_without_a_name_goes_by_its_code() -> None:
    assert (JA.country("JP"), EN.country("JP"), EN.country("XQ")) == ("日本", "Japan", "XQ")


def test_midnight_reads_as_the_end_of_the_day_before_and_another_year_is_named() -> None:
    midnight = datetime.fromisoformat("2026-11-22T00:00")
    now = datetime.fromisoformat("2027-01-05T09:00")
    assert JA.moment(midnight) == "11月21日(土)終了時点"
    assert EN.moment(midnight, now) == "end of Nov 21, 2026"
    assert EN.moment(datetime.fromisoformat("2027-01-04T18:05"), now) == "Mon, Jan 4, 18:05"
