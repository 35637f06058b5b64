"""Weeks judged by those before them: worked out by hand, and simulated."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from kpi_core.analysis.anomaly import (
    Judgement,
    ObservedWeek,
    Series,
    Side,
    Unjudged,
    judge,
    judge_newest,
    openings,
)
from kpi_core.domain.calendar import WorkCalendar
from kpi_core.domain.period import Period

CALM = [20.0, 22, 18, 21, 19, 20, 23, 17, 20, 21, 19, 20, 22]


def weeks(values: Sequence[float | None], working_days: int = 5) -> list[ObservedWeek]:
    return [ObservedWeek(value, working_days) for value in values]


def of_count(values: Sequence[float | None]) -> Judgement:
    return judge(Series.COUNT, weeks(values))


def test_a_week_is_judged_by_those_before_it() -> None:
    assert of_count([*CALM, 25]).side is Side.WITHIN
    assert of_count([*CALM, 45]).side is Side.ABOVE
    assert of_count([*CALM, 4]).side is Side.BELOW
    assert of_count([*CALM, 45]).limits == of_count([*CALM, 25]).limits


def test_a_week_of_two_working_days_is_judged_as_two_days() -> None:
    holiday = [*weeks(CALM), ObservedWeek(8, 2)]
    assert judge(Series.COUNT, holiday).side is Side.WITHIN
    # With five days worked, 8 where 20 are usual is low, and 20 in two days is high.
    assert of_count([*CALM, 7]).side is Side.BELOW
    assert judge(Series.COUNT, [*weeks(CALM), ObservedWeek(20, 2)]).side is Side.ABOVE
    limits = judge(Series.COUNT, holiday).limits
    assert limits is not None
    assert limits.mean == pytest.approx(20 * 2 / 5, rel=0.1)


def test_days_off_weigh_what_came_on_them() -> None:
    # A shop sells alike on all seven days: two working days are a week like any other.
    shop = [ObservedWeek(70, 5, on_days_off=20) for _ in range(13)]
    found = judge(Series.COUNT, [*shop, ObservedWeek(70, 2, on_days_off=50)])
    assert found.limits is not None
    assert found.limits.mean == pytest.approx(70, rel=0.03)


def test_a_week_without_a_working_day_is_not_judged() -> None:
    found = judge(Series.COUNT, [*weeks(CALM), ObservedWeek(0, 0)])
    assert (found.limits, found.reason) == (None, Unjudged.NO_WORKING_DAY)


def test_a_signal_stands_until_a_week_is_back_within() -> None:
    low = [*weeks(CALM), ObservedWeek(3)]
    assert judge_newest(Series.COUNT, low).side is Side.BELOW
    holidays = judge_newest(Series.COUNT, [*low, ObservedWeek(0, 0), ObservedWeek(None)])
    assert (holidays.side, holidays.ago) == (Side.BELOW, 2)
    back = judge_newest(Series.COUNT, [*low, ObservedWeek(0, 0), ObservedWeek(20)])
    assert (back.side, back.ago) == (Side.WITHIN, 0)
    forgotten = judge_newest(Series.COUNT, [*low, *[ObservedWeek(0, 0)] * 4])
    assert forgotten.reason is Unjudged.NO_WORKING_DAY


def test_a_changed_definition_starts_again() -> None:
    changed = [*weeks(CALM), ObservedWeek(90, is_break=True)]
    found = judge_newest(Series.COUNT, changed)
    assert (found.reason, found.known_weeks) == (Unjudged.FEW_WEEKS, 0)
    eight = [*changed, *weeks([92, 88, 90, 91, 89, 90, 90]), ObservedWeek(90)]
    assert judge(Series.COUNT, eight).side is Side.WITHIN
    assert judge(Series.COUNT, eight[:-1]).known_weeks == 7
    signal = [*weeks(CALM), ObservedWeek(3), ObservedWeek(None, is_break=True)]
    assert judge_newest(Series.COUNT, signal).side is Side.WITHIN


def test_a_signal_that_stands_is_counted_once_and_again_after_it_was_back() -> None:
    assert openings(Series.COUNT, weeks([*CALM * 2, 60, 20, 20, 61, 20])) == 2
    standing = [*weeks(CALM * 2), ObservedWeek(60), ObservedWeek(0, 0), ObservedWeek(62)]
    assert openings(Series.COUNT, standing) == 1
    assert openings(Series.COUNT, weeks(CALM * 5)) == 0
    assert openings(Series.COUNT, weeks([20.0] * 7)) is None


def test_under_twelve_a_week_a_fall_is_not_to_be_seen() -> None:
    assert not of_count([8.0, 10, 9, 11, 8, 10, 9, 11, 9]).sees_falls
    assert of_count(CALM).sees_falls


def test_one_spike_does_not_hide_the_next_and_two_are_how_it_is() -> None:
    bulk = [*CALM[:6], 900.0, *CALM[6:]]
    assert of_count([*bulk, 60]).side is Side.ABOVE
    assert of_count([*bulk, 20]).side is Side.WITHIN
    assert of_count([*CALM[:6], 900.0, 20.0, 900.0, *CALM[6:], 60]).side is Side.WITHIN


@pytest.mark.parametrize("series", [Series.COUNT, Series.SUM, Series.LEVEL, Series.RATE])
@pytest.mark.parametrize("known", [0, 1, 4, 7])
def test_little_history_judges_nothing_and_says_how_much_there_is(
    series: Series, known: int
) -> None:
    history = [ObservedWeek(20.0, of=200) for _ in range(known + 1)]
    found = judge(series, history)
    assert (found.limits, found.reason) == (None, Unjudged.FEW_WEEKS)
    assert found.known_weeks == known
    assert judge(series, []).reason is Unjudged.NO_VALUE


def test_zeros_before_the_first_event_are_no_history() -> None:
    assert of_count([0.0] * 26).reason is Unjudged.FEW_WEEKS
    assert of_count([*[0.0] * 20, 5, 6, 7, 5]).known_weeks == 3


def test_gaps_are_skipped() -> None:
    gaps: list[float | None] = [None if n % 3 == 1 else value for n, value in enumerate(CALM)]
    assert of_count([*gaps, 21]).side is Side.WITHIN
    assert of_count([*gaps, 60]).side is Side.ABOVE
    assert of_count([*CALM, None]).reason is Unjudged.NO_VALUE


def test_sums_that_were_ever_negative_have_limits_below_zero() -> None:
    refunds = [-5.0, 10, -8, 12, 4, -6, 9, 3, -2, 8]
    found = judge(Series.SUM, weeks([*refunds, -4]))
    assert found.limits is not None
    assert (found.side, found.limits.low < 0) == (Side.WITHIN, True)
    usual = judge(Series.SUM, weeks([*CALM, 20]))
    assert usual.limits is not None
    assert usual.limits.low > 0


def test_a_constant_number_is_abnormal_once_it_moves() -> None:
    assert judge(Series.LEVEL, weeks([0.1] * 13)).side is Side.WITHIN
    assert judge(Series.LEVEL, weeks([*[5.0] * 12, 6])).side is Side.ABOVE


def rates(came: Sequence[float], of: float, least: float = 0.0) -> list[ObservedWeek]:
    return [ObservedWeek(each, of=of, least_of=least) for each in came]


def test_a_rate_is_judged_by_how_many_it_is_a_part_of() -> None:
    before = rates([10.0, 12, 9, 11, 8, 10, 12, 9, 11, 10], of=100)
    assert judge(Series.RATE, [*before, ObservedWeek(3, of=20)]).reason is Unjudged.FEW_EVENTS
    assert judge(Series.RATE, [*before, ObservedWeek(30, of=100)]).side is Side.ABOVE
    assert judge(Series.RATE, [*before, ObservedWeek(30, of=300)]).side is Side.WITHIN


def test_a_rate_of_few_events_is_judged_by_four_weeks_together() -> None:
    before = rates([1.0, 2, 1, 1, 2, 1, 2, 1, 1, 2, 1, 1, 2, 1, 2, 1], of=50)
    found = judge(Series.RATE, [*before, ObservedWeek(1, of=50)])
    assert (found.weeks, found.side) == (4, Side.WITHIN)
    assert found.value == pytest.approx((1 + 2 + 1 + 1) / 200)
    high = judge(Series.RATE, [*before, *rates([6.0, 7, 6, 2], of=50)])
    assert (high.weeks, high.side) == (4, Side.ABOVE)


def test_a_rate_of_fewer_than_three_events_in_four_weeks_is_not_judged() -> None:
    found = judge(Series.RATE, rates([0.0, 0, 1] * 6, of=20))
    assert (found.limits, found.reason) == (None, Unjudged.FEW_EVENTS)


def test_below_the_minimum_sample_a_rate_is_not_judged() -> None:
    few = rates([4.0, 5, 4, 5] * 4, of=8, least=9)
    assert judge(Series.RATE, few).reason is Unjudged.FEW_EVENTS
    assert judge(Series.RATE, [replace(week, least_of=7) for week in few]).weeks == 1


def test_a_rate_above_one_is_judged_by_its_own_moves() -> None:
    # More wins than leads in a week: no share of them.
    before = rates([110.0, 90, 105, 95, 100, 110, 90, 100], of=100)
    assert judge(Series.RATE, [*before, ObservedWeek(104, of=100)]).side is Side.WITHIN
    assert judge(Series.RATE, [*before, ObservedWeek(300, of=100)]).side is Side.ABOVE


def business_weeks(level: float, random: np.random.Generator, years: int) -> list[ObservedWeek]:
    """Calm weeks of Japan, Golden Week, Obon and New Year included; 5% of a day's on days off."""
    obon = {date(y, 8, d) for y in range(2020, 2040) for d in (12, 13, 14, 15, 16)}
    new_year = {date(y, m, d) for y in range(2020, 2040) for m, d in ((12, 30), (12, 31), (1, 2))}
    calendar = WorkCalendar(days_off=frozenset(obon | new_year))
    found = []
    for n in range(52 * years):
        monday = date(2021, 1, 4) + timedelta(weeks=n)
        working = len(calendar.working_days(Period(monday, monday + timedelta(days=6))))
        usual = level / 5.1
        off = float(random.poisson(usual * 0.05 * (7 - working)))
        found.append(ObservedWeek(float(random.poisson(usual * working)) + off, working, off))
    return found


@pytest.mark.parametrize("level", [5, 20, 100])
@pytest.mark.parametrize("series", [Series.COUNT, Series.SUM])
def test_calm_years_with_all_their_holidays_give_few_signals(series: Series, level: float) -> None:
    random = np.random.default_rng(int(level))
    judged = outside = in_holidays = holidays = 0
    for _ in range(12):
        year = business_weeks(level, random, 3)
        for end in range(27, len(year) + 1):
            found = judge(series, year[end - 27 : end])
            is_out = found.side is not Side.WITHIN
            judged += found.reason is None
            outside += is_out
            if year[end - 1].working_days < 4:
                holidays += found.reason is None
                in_holidays += is_out
    assert judged > 1200
    assert outside / judged <= 0.015
    assert holidays > 50
    assert in_holidays / holidays <= 0.03
