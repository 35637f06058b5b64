"""How much a history scatters, worked out by hand on weeks that are easily added up."""

from datetime import date, timedelta

import pytest

from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.dispersion import Amounts, History
from kpi_core.domain.period import Period

EVERY_DAY = WorkCalendar(country=None, weekend=frozenset())
FIRST = date(2026, 6, 1)


def history(counts: list[float], calendar: WorkCalendar = EVERY_DAY) -> History:
    days = {FIRST + timedelta(days=n): count for n, count in enumerate(counts)}
    return History(days, Period(FIRST, max(days)), calendar)


def test_without_two_weeks_and_a_day_it_is_one_and_a_half() -> None:
    assert history([9.0] * 14).dispersion == 1.5
    assert history([9.0] * 14).raw_dispersion is None


def test_what_never_varies_is_drawn_down_to_a_poisson_and_no_further() -> None:
    # 26 weeks of 3 a day scatter not at all: (15 + 26 * 0) / 36 is below 1.
    assert history([3.0] * 182).raw_dispersion == pytest.approx(0, abs=0.01)
    assert history([3.0] * 182).dispersion == 1


def test_four_weeks_worked_out_by_hand() -> None:
    # 2 and 6 by turns on 28 days of June: 112 in all, (112 + 0.5) / 28 = 4.018 a day. Every day
    # is 2.018 too low or 1.982 too high. There are no five blocks, so days alone tell.
    found = history([2.0, 6.0] * 14)
    squares = 14 * (2.0178571**2 + 1.9821429**2)
    by_day = squares / 112.5 * 28 / (28 - 1 - 6)
    assert found.raw_dispersion == pytest.approx(by_day, rel=1e-3)
    assert found.dispersion == pytest.approx((15 + 4 * by_day) / 14, rel=1e-3)


def test_a_months_level_is_its_own() -> None:
    # 2 a day in June and 8 a day in July: no scatter at all, but a step between months.
    assert history([2.0] * 30 + [8.0] * 31).raw_dispersion == pytest.approx(0, abs=0.05)


def test_good_and_bad_weeks_scatter_more_than_their_days_tell() -> None:
    calm = history([3.0] * 182).raw_dispersion
    weeks = history([1.0 if n // 7 % 2 else 5.0 for n in range(182)]).raw_dispersion
    assert calm is not None
    assert weeks is not None
    # Days: 4 over a mean of 3. Blocks of seven: 14 squared over 21, seven times as much.
    assert 4 / 3 < weeks < 2 * 14**2 / 21
    assert weeks == pytest.approx((4 / 3 + 14**2 / 21) / 2, rel=0.3)


def test_only_the_last_26_weeks_tell() -> None:
    wild, calm = [0.0, 20.0] * 100, [3.0] * 183
    assert history([*wild, *calm]).dispersion == 1


def test_days_off_weigh_what_they_bring() -> None:
    # Four weeks of 10 on each working day and 1 on Saturdays and Sundays: 20 and 8 days.
    weekdays = WorkCalendar(country=None)
    found = history([10.0] * 5 + [1.0] * 2 + ([10.0] * 5 + [1.0] * 2) * 3, weekdays)
    rate = (200 + 1) / (20 + 1)
    assert found.weights[FIRST + timedelta(days=5)] == pytest.approx((8 + 2.5) / (8 * rate + 5))
    assert found.weights[FIRST] == 1


def test_the_end_of_past_months_has_its_own_weight() -> None:
    # June: 1 a day and 11 on each of its last three: 60 in 30 days.
    found = history([1.0] * 27 + [11.0] * 3 + [1.0] * 10)
    level = (60 + 1) / (30 + 1)
    assert found.weights[date(2026, 6, 30)] == pytest.approx((33 + 30) / (3 * level + 30))
    assert found.weights[date(2026, 7, 31)] == found.weights[date(2026, 6, 30)]


def test_amounts_are_told_from_their_days() -> None:
    # Ten days of one at 100 and ten of one at 300: mean 200, sample variance 200000 / 19.
    days = [FIRST + timedelta(days=n) for n in range(20)]
    sums = {day: 100.0 if n % 2 else 300.0 for n, day in enumerate(days)}
    found = Amounts.of(sums, dict.fromkeys(days, 1.0))
    assert found is not None
    assert found.mean == 200
    assert found.variation == pytest.approx(20 * 100**2 / 19 / 200**2)


def test_fewer_than_twenty_amounts_tell_nothing() -> None:
    days = [FIRST + timedelta(days=n) for n in range(19)]
    assert Amounts.of(dict.fromkeys(days, 5.0), dict.fromkeys(days, 1.0)) is None
    more = [*days, FIRST + timedelta(days=19)]
    assert Amounts.of(dict.fromkeys(more, -5.0), dict.fromkeys(more, 1.0)) is None
