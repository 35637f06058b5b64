"""Natural limits of a process behaviour chart, by hand."""

import pytest

from kpi_core.analysis.anomaly import is_abnormal, limits_before, natural_limits

ZIGZAG = [10.0, 12.0] * 6
"""Mean 11; every moving range is 2, so the limits are 11 ± 2.66 * 2 = 5.68 and 16.32."""


def test_limits_lie_2_66_mean_moving_ranges_from_the_mean() -> None:
    limits = natural_limits(ZIGZAG)
    assert limits.mean == pytest.approx(11)
    assert limits.low == pytest.approx(5.68)
    assert limits.high == pytest.approx(16.32)


def test_uneven_weeks_by_hand() -> None:
    # 3, 7, 4, 6: mean 5; moving ranges 4, 3, 2, mean 3; 5 ± 7.98.
    limits = natural_limits([3, 7, 4, 6])
    assert limits.low == pytest.approx(-2.98)
    assert limits.high == pytest.approx(12.98)


@pytest.mark.parametrize(
    ("newest", "abnormal"),
    [(16, False), (16.32, False), (16.4, True), (5.68, False), (5.6, True)],
)
def test_the_newest_week_is_judged_by_the_twelve_before_it(newest: float, abnormal: bool) -> None:
    assert is_abnormal([*ZIGZAG, newest]) is abnormal


def test_older_weeks_have_no_say() -> None:
    assert is_abnormal([1000.0, -1000.0, *ZIGZAG, 17]) is True


def test_the_newest_week_does_not_widen_its_own_limits() -> None:
    limits = limits_before([*ZIGZAG, 1000])
    assert limits is not None
    assert limits.high == pytest.approx(16.32)


def test_a_constant_number_is_never_abnormal() -> None:
    assert sum([0.1] * 12) / 12 != 0.1  # binary fractions
    assert is_abnormal([0.1] * 13) is False


def test_a_constant_number_that_moves_is_abnormal() -> None:
    assert is_abnormal([*[5.0] * 12, 6]) is True


@pytest.mark.parametrize(
    "weeks",
    [
        [],
        [10.0],
        ZIGZAG,  # eleven before the newest
        [*ZIGZAG, None],
        [*ZIGZAG[:5], None, *ZIGZAG[6:], 1000],
    ],
    ids=["none", "one", "too few", "newest missing", "one missing"],
)
def test_what_cannot_be_judged_is_not_abnormal(weeks: list[float | None]) -> None:
    assert is_abnormal(weeks) is False
