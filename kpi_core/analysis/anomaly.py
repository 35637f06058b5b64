"""When a weekly number is abnormal: judged by the weeks before it and by its own working days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from kpi_core.analysis.control_limits import (
    ExpectedCount,
    Limits,
    expected_count,
    natural_limits,
    rate_limits,
    root_limits,
)

BASELINE_WEEKS = 26
"""Weeks before the one that is judged by which it is judged, at most."""
FEWEST_WEEKS = 8
"""Weeks with working days and data below which none is judged."""
SUMMED_WEEKS = 4
"""Weeks of a rate that are judged together where one has too few events."""
WINDOW_WEEKS = BASELINE_WEEKS + SUMMED_WEEKS
"""Weeks that the judgement of the newest is made from."""
STANDING_WEEKS = 3
"""Weeks without a judgement for which the one before them stands."""
FEWEST_EVENTS = 3
"""Expected events below which a week of a rate is not judged."""
FALL_FROM = 12
"""Expected events a week below which no safe chart sees them halved."""
DAYS_OF_PRIOR = 2
"""Days off of half a working day's weight, beside those seen."""
HEAVIEST_DAY_OFF = 1.5
"""Of a working day: more is another business than the calendar says."""
FAR_OFF = 5.0
"""Standard deviations from the median beyond which one week alone is a spike."""
YEAR = 52


class Series(StrEnum):
    """What a weekly number is, by which its limits are made."""

    COUNT = "count"
    """events: negative binomial limits"""
    RATE = "rate"
    """a share: p-prime limits"""
    SUM = "sum"
    """an amount that adds up: XmR limits on roots, plain ones where it was ever negative"""
    LEVEL = "level"
    """a number that does not add up, whatever the days worked: XmR limits"""


class Side(StrEnum):
    """Where a week lies."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


class Unjudged(StrEnum):
    """Why a week is not judged."""

    NO_VALUE = "no_value"
    NO_WORKING_DAY = "no_working_day"
    FEW_WEEKS = "few_weeks"
    FEW_EVENTS = "few_events"
    UNLIKE_WEEKS = "unlike_weeks"
    """the number bunches within a month"""
    OLD_DATA = "old_data"


@dataclass(frozen=True)
class ObservedWeek:
    """A closed week. `value` is None where it is unknown; `of` is what a rate is a part of.

    `on_days_off` is the part of the value that came on its days off; of a rate, whose value is
    the upper part, `least_of` is what a week must at least be a part of. `is_break` marks the
    first week of another definition.
    """

    value: float | None
    working_days: int = 5
    on_days_off: float = 0.0
    of: float = 0.0
    least_of: float = 0.0
    is_break: bool = False


@dataclass(frozen=True)
class Judgement:
    """A week against the range that the weeks before it let expect of its working days.

    `limits` is None where it is not judged, and `reason` says why; else `reason` is None.
    `weeks` is how many were judged together, and `ago` how many weeks before the newest the last
    of them lies. `sees_falls`: it expects events enough for half of them to be noticed.
    """

    side: Side = Side.WITHIN
    value: float | None = None
    limits: Limits | None = None
    reason: Unjudged | None = None
    weeks: int = 1
    ago: int = 0
    known_weeks: int = 0
    sees_falls: bool = True


def judge_newest(series: Series, weeks: Sequence[ObservedWeek]) -> Judgement:
    """The newest week, oldest first in the list; or the last that can be judged, which stands.

    A signal stands until a week is back within: through up to three weeks without a working day
    or a value. A changed definition ends it.
    """
    newest = judge(series, weeks)
    for ago in range(1, min(STANDING_WEEKS, len(weeks) - 1) + 1):
        if newest.reason not in (Unjudged.NO_VALUE, Unjudged.NO_WORKING_DAY):
            break
        if weeks[-ago].is_break:
            break
        before = judge(series, weeks[:-ago])
        if before.reason is None:
            return replace(before, ago=ago)
    return newest


def openings(series: Series, weeks: Sequence[ObservedWeek]) -> int | None:
    """How often a signal would have opened in the last 52 weeks; None where no week is judged.

    A week that is not judged leaves a signal as it is; a changed definition closes it.
    """
    first = max(len(weeks) - YEAR, 0)
    opened, judged, standing = 0, False, Side.WITHIN
    for end in range(first + 1, len(weeks) + 1):
        found = _judge(series, weeks[max(end - WINDOW_WEEKS, 0) : end], with_limits=False)
        if weeks[end - 1].is_break:
            standing = Side.WITHIN
        if found.reason is not None:
            continue
        opened += found.side not in (Side.WITHIN, standing)
        judged, standing = True, found.side
    return opened if judged else None


def judge(series: Series, weeks: Sequence[ObservedWeek]) -> Judgement:
    """The last week by those before it: at most 26, since the definition changed last.

    It is no part of them: otherwise it widens its own limits. One spike is left out of them, every
    week without a working day or a value, and zeros before the first that is not. What has never
    been negative is not expected to be.
    """
    return _judge(series, weeks, with_limits=True)


def _judge(series: Series, weeks: Sequence[ObservedWeek], *, with_limits: bool) -> Judgement:
    own = weeks[-WINDOW_WEEKS:]
    own = own[max((n for n, week in enumerate(own) if week.is_break), default=0) :]
    if not own or own[-1].value is None:
        return Judgement(reason=Unjudged.NO_VALUE)
    if own[-1].working_days == 0:
        return Judgement(reason=Unjudged.NO_WORKING_DAY)
    newest, before = own[-1], own[:-1]
    if series in (Series.COUNT, Series.SUM):
        started = next((n for n, week in enumerate(before) if week.value), len(before))
        before = before[started:]
    if series is Series.RATE:
        return _judge_rate(before, newest)
    baseline = _known(before[-BASELINE_WEEKS:])
    if len(baseline) < FEWEST_WEEKS:
        return Judgement(reason=Unjudged.FEW_WEEKS, known_weeks=len(baseline))
    if series is Series.LEVEL:
        limits = natural_limits(_values(baseline))
        if min(_values(baseline)) >= 0:
            limits = replace(limits, low=max(limits.low, 0.0))
        return _outside(newest, limits)
    return _judge_by_days(series, baseline, newest, with_limits=with_limits)


def _judge_by_days(
    series: Series, baseline: list[ObservedWeek], newest: ObservedWeek, *, with_limits: bool
) -> Judgement:
    """What adds up: by the working days of each week."""
    day_off = _day_off(baseline)
    weights = [_weight(week, day_off) for week in baseline]
    values, weight = _values(baseline), _weight(newest, day_off)
    is_negative = min(*values, newest.value or 0.0) < 0
    usual = sum(weights) / len(weights)
    alike = [value * usual / w for value, w in zip(values, weights, strict=True)]
    if (spike := _spike(alike, is_count=series is Series.COUNT)) is not None:
        for each in (values, weights, alike):
            del each[spike]
    if series is Series.COUNT and not is_negative:
        expected = expected_count(values, weights, weight)
        return _judge_count(expected, newest, expected.mean * usual / weight, with_limits)
    parts = [w / usual for w in weights]
    make = natural_limits if is_negative else root_limits
    limits, scale = make(alike, parts, weight / usual), weight / usual
    scaled = Limits(limits.mean * scale, limits.low * scale, limits.high * scale)
    return replace(_outside(newest, scaled), sees_falls=is_negative or scaled.low > 0)


def _judge_count(
    expected: ExpectedCount, newest: ObservedWeek, usual_mean: float, with_limits: bool
) -> Judgement:
    value = newest.value or 0.0
    limits = expected.limits() if with_limits else None
    side = {-1: Side.BELOW, 0: Side.WITHIN, 1: Side.ABOVE}[expected.side_of(value)]
    return Judgement(side, value, limits, sees_falls=usual_mean >= FALL_FROM)


def _judge_rate(before: Sequence[ObservedWeek], newest: ObservedWeek) -> Judgement:
    """A share, of one week or, where its events are few, of four together."""
    baseline = [week for week in _known(before[-BASELINE_WEEKS:]) if week.of > 0]
    if len(baseline) < FEWEST_WEEKS:
        return Judgement(reason=Unjudged.FEW_WEEKS, known_weeks=len(baseline))
    share = sum(_values(baseline)) / sum(week.of for week in baseline)
    summed = 1
    if newest.of * share < FEWEST_EVENTS or newest.of < newest.least_of:
        summed, least = SUMMED_WEEKS, SUMMED_WEEKS * newest.least_of
        whole = [*before, newest]
        blocks = [_sum(whole[end - summed : end]) for end in range(len(whole), summed - 1, -summed)]
        newest, baseline = blocks[0], [block for block in reversed(blocks[1:]) if block.of > 0]
        if len(baseline) < 2:
            return Judgement(reason=Unjudged.FEW_EVENTS)
        share = sum(_values(baseline)) / sum(week.of for week in baseline)
        if newest.of * share < FEWEST_EVENTS or newest.of < least:
            return Judgement(reason=Unjudged.FEW_EVENTS)
    value = (newest.value or 0.0) / newest.of
    came, of = _values(baseline), [week.of for week in baseline]
    rates = [each / n for each, n in zip(came, of, strict=True)]
    is_share = max(*rates, value) <= 1
    limits = rate_limits(came, of, newest.of) if is_share else natural_limits(rates)
    found = _outside(replace(newest, value=value), limits)
    return replace(found, weeks=summed, sees_falls=limits.low > 0)


def _outside(week: ObservedWeek, limits: Limits) -> Judgement:
    value = week.value or 0.0
    side = Side.WITHIN if value in limits else Side.BELOW if value < limits.low else Side.ABOVE
    return Judgement(side, value, limits)


def _known(weeks: Sequence[ObservedWeek]) -> list[ObservedWeek]:
    return [week for week in weeks if week.value is not None and week.working_days > 0]


def _values(weeks: Sequence[ObservedWeek]) -> list[float]:
    return [week.value or 0.0 for week in weeks]


def _sum(weeks: Sequence[ObservedWeek]) -> ObservedWeek:
    return ObservedWeek(sum(_values(weeks)), of=sum(week.of for week in weeks))


def _day_off(weeks: Sequence[ObservedWeek]) -> float:
    """What a day off weighs beside a working day: 0.5 before anything is known of them."""
    off = sum(max(week.on_days_off, 0.0) for week in weeks)
    worked = sum(max((week.value or 0.0) - week.on_days_off, 0.0) for week in weeks)
    days = sum(week.working_days for week in weeks)
    if worked <= 0:
        return HEAVIEST_DAY_OFF if off > 0 else 0.5
    days_off = 7 * len(weeks) - days
    weight = (off * days / worked + DAYS_OF_PRIOR / 2) / (days_off + DAYS_OF_PRIOR)
    return min(weight, HEAVIEST_DAY_OFF)


def _weight(week: ObservedWeek, day_off: float) -> float:
    return week.working_days + (7 - week.working_days) * day_off


def _spike(values: Sequence[float], *, is_count: bool) -> int | None:
    """The place of the one week that is far from all others; None where there is none or more."""
    roots = [2 * max(value, 0.0) ** 0.5 for value in values] if min(values) >= 0 else list(values)
    centre = median(roots)
    spread = 1.4826 * median(abs(root - centre) for root in roots)
    if is_count:
        spread = max(spread, 1.0)
    far = [n for n, root in enumerate(roots) if abs(root - centre) > FAR_OFF * spread]
    return far[0] if len(far) == 1 and spread > 0 else None
