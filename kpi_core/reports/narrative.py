"""What a board's report says, in words: the same on the page, in its alt text, in a terminal."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kpi_core.analysis.anomaly import FEWEST_WEEKS, Side
from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.evaluation.month_end import Landing, Odds
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats, Rounding
from kpi_core.plans.actions import Occasion, Per, Rule
from kpi_core.plans.document import GoalPer
from kpi_core.reports import forecast_text as forecast_text
from kpi_core.reports.board import ActionReport, BoardReport
from kpi_core.reports.indicators import IndicatorReport, Signal
from kpi_core.reports.kpi import ClosedMonth, KpiReport, Stamp


@dataclass(frozen=True)
class Fact:
    """A label, its value, and what stands smaller beside it; each may be empty."""

    label: str
    text: str
    note: str = ""


NAMED = 3
"""Abnormal indicators named at most."""
WEEKS = 3
"""Checkpoints before the month's end that are called weeks."""
RAREST = 0.01
"""Odds that are shown as they are; below them they are called rarer."""
ERROR = 1e-9
"""Of floating-point numbers: 10.000000000000002 needed are 10."""


def figure(value: float | None, report: KpiReport, words: Words) -> str:
    """A value as the KPI's kind asks: 68%, 1,234 or 123.5万; never on its target's other side."""
    formats, beside = Formats(words.language), () if report.target is None else (report.target,)
    if report.is_ratio:
        return formats.percent(value, beside=beside)
    return formats.short(value, beside=beside)


def target_figure(
    target: float | None, report: KpiReport, words: Words, beside: float | None = None
) -> str:
    """A target as it was stated; `beside` is the value that stands next to it."""
    formats = Formats(words.language)
    if report.is_ratio:
        return formats.stated_percent(target)
    return formats.stated(target, beside=() if beside is None else (beside,))


def of_target(report: KpiReport, words: Words) -> str:
    """The target as it stands beside the value, with the unit; the unit alone without one."""
    unit = words.localize(report.unit)
    if not has_target(report):
        return Formats(words.language).unit(figure(report.value, report, words), unit)
    target = target_figure(report.target, report, words, report.value)
    key = "board.of_ceiling" if report.direction is Direction.DOWN else "board.of_target"
    return words(key, target=with_unit(target, unit, words))


def has_target(report: KpiReport) -> bool:
    """Whether there is a target to show: above zero, or a ceiling, which may be zero."""
    return report.target is not None and report.status is not Status.NO_TARGET


def with_unit(text: str, unit: str, words: Words) -> str:
    """A number and its unit; in English a space stands between."""
    if not unit:
        return text
    unit = Formats(words.language).unit(text, unit)
    return words("board.number_unit", number=text, unit=unit)


def share_of_target(report: KpiReport, words: Words) -> str:
    """The share of the target reached, of a ceiling used; empty where there is none."""
    if report.share is None:
        return ""
    key = "board.share_of_ceiling" if report.direction is Direction.DOWN else "board.share"
    return words(key, share=share_figure(report, words))


def share_figure(report: KpiReport, words: Words) -> str:
    """The share alone; never on another side of an alert level."""
    beside = (report.levels.attention, report.levels.warning)
    return Formats(words.language).percent(report.share, beside=beside)


def needed_figure(stamp: Stamp, report: KpiReport, words: Words) -> str:
    """What is needed by a checkpoint, rounded up."""
    if stamp.is_end or stamp.needed is None:
        return target_figure(stamp.needed, report, words, stamp.value)
    return rounded_up(stamp.needed, report, words)


def rounded_up(value: float, report: KpiReport, words: Words) -> str:
    """What is needed, never less: of whole things a whole number."""
    if report.is_whole:
        value = math.ceil(value - ERROR)
    return Formats(words.language).short(value, rounding=Rounding.UP)


def reached_figure(stamp: Stamp, report: KpiReport, words: Words) -> str:
    """What was reached by a checkpoint, beside what was needed."""
    beside = () if stamp.needed is None else (stamp.needed,)
    return Formats(words.language).short(stamp.value, beside=beside)


def odds(stamp: Stamp, words: Words) -> str:
    """How often chance alone makes a team on plan miss a checkpoint; empty where unknown."""
    if stamp.odds is None:
        return ""
    key = "board.odds_rare" if stamp.odds < RAREST else "board.odds"
    return words(key, count=_one_in(stamp.odds))


def odds_chip(stamp: Stamp, words: Words) -> str:
    """The same in three words, for a checkpoint that was missed; else empty."""
    if stamp.passed is not False or stamp.odds is None:
        return ""
    return words("board.odds_chip", count=_one_in(stamp.odds))


def _one_in(odds: float) -> int:
    """Odds as one of so many, at most of a hundred."""
    return min(max(round(1 / max(odds, RAREST)), 2), round(1 / RAREST))


def rounded(value: float | None) -> float | None:
    """A forecast to no more digits than it deserves: whole numbers."""
    return None if value is None else float(round(value))


def month_elsewhere(report: KpiReport, words: Words) -> str:
    """The month's name where it is not the running one; else empty."""
    moment = report.moment
    if moment.now.date() in moment.period:
        return ""
    return Formats(words.language).month(moment.month)


def week_name(stamp: Stamp, words: Words) -> str:
    """`Week 1`, or `Checkpoint 1` where there are not three; the month's end."""
    if stamp.is_end:
        return words("board.checkpoint_end")
    key = "board.week_number" if stamp.of == WEEKS else "board.checkpoint_number"
    return words(key, number=stamp.number)


def short_week_name(stamp: Stamp, words: Words) -> str:
    """The same in a few letters."""
    if stamp.is_end:
        return words("board.checkpoint_end")
    key = "board.week_short" if stamp.of == WEEKS else "board.checkpoint_short"
    return words(key, number=stamp.number)


def takeaway(report: KpiReport, words: Words) -> str:
    """The track in a few sentences, for those who do not see it."""
    formats = Formats(words.language)
    name = words.localize(report.name)
    if report.value is None:
        return words("board.alt_no_value", name=name)
    day = formats.day(min(report.moment.counted_through, report.moment.period.last))
    value = figure(report.value, report, words)
    if report.share is None:
        return words("board.alt_no_target", name=name, value=value, day=day)
    status = words(f"status.{report.status}")
    target = target_figure(report.target, report, words, report.value)
    share = share_figure(report, words)
    params = {"name": name, "day": day, "value": value, "target": target}
    sentences = [words("board.alt", **params, share=share, status=status)]
    landing = report.landing
    if landing is not None and landing.low is not None and not report.moment.is_over:
        ends = {"expected": landing.expected, "low": landing.low, "high": landing.high}
        texts = {key: formats.short(rounded(end)) for key, end in ends.items()}
        chance = chance_of_target(landing, words)
        key = "forecast.alt" if chance else "board.alt_landing"
        sentences.append(words(key, **texts, **({"chance": chance} if chance else {})))
    missed = [week_name(stamp, words) for stamp in report.stamps if stamp.passed is False]
    if missed:
        sentences.append(words("board.alt_missed", weeks=words("board.and").join(missed)))
    return words("board.sentence_gap").join(sentences)


def from_plan_line(report: KpiReport, words: Words) -> str:
    """How far the KPI is from the plan line, or the ceiling line; empty where it cannot be said."""
    pace, value = report.pace, report.value
    if pace is None or pace.expected is None or value is None or report.moment.is_over:
        return ""
    if report.status in (Status.ACHIEVED, Status.STALE, Status.NO_TARGET):
        return ""
    is_down = report.direction is Direction.DOWN
    if is_down and report.status is Status.CRISIS and report.target is not None:
        return words("board.sentence_over_ceiling", gap=_gap(value - report.target, report, words))
    if not pace.has_begun:
        return words("board.sentence_early")
    gap = value - pace.expected
    on_it = reaches(value, pace.expected) and reaches(pace.expected, value)
    if on_it or (report.is_whole and 0 < abs(gap) < 1 and (gap > 0) != is_down):
        return words("board.sentence_on_ceiling_line" if is_down else "board.sentence_on")
    if is_down:
        key = "board.sentence_over" if gap > 0 else "board.sentence_under"
        return words(key, gap=_gap(gap, report, words, good=gap < 0))
    if gap >= 0:
        return words("board.sentence_ahead", gap=_gap(gap, report, words, good=True))
    behind = words("board.sentence_behind", gap=_gap(gap, report, words))
    if report.could_be_chance:
        return words("board.sentence_gap").join((behind, words("board.could_be_chance")))
    return behind


def _gap(gap: float, report: KpiReport, words: Words, *, good: bool = False) -> str:
    """A distance with its unit."""
    return with_unit(size(gap, report, words, good=good), words.localize(report.unit), words)


def size(gap: float, report: KpiReport, words: Words, *, good: bool = False) -> str:
    """A distance as a number: what is short rounds up, what is ahead down; whole things whole."""
    gap, rounding = abs(gap), Rounding.DOWN if good else Rounding.UP
    if report.is_whole:
        gap = math.floor(gap + ERROR) if good else math.ceil(gap - ERROR)
    return Formats(words.language).short(gap, rounding=rounding)


def facts(report: KpiReport, words: Words) -> Iterator[Fact]:
    """What is needed, where it will land, who owns it."""
    pace, moment = report.pace, report.moment
    running = pace is not None and not moment.is_over
    if running and has_target(report) and report.value is not None:
        yield _left(report, words) if report.direction is Direction.DOWN else _needed(report, words)
    if running and report.value is not None and not moment.stale:
        yield landing_fact(report, words)
    owner = words.localize(report.owner) or words("board.no_owner")
    yield Fact(words("board.owner"), owner)


def shown_status(report: KpiReport) -> Status:
    """The status as screens show it: of a month that ended, until the next has data, none.

    However it came out, the month that runs by now is what a glance asks for.
    """
    return Status.STALE if report.moment.awaits_month else report.status


def facts_beside(report: KpiReport, words: Words) -> Iterator[Fact]:
    """What stands beside the number: the forecast, or how a month came out, and the owner."""
    moment = report.moment
    if moment.is_over and report.share is not None:
        month = Formats(words.language).month(moment.month)
        yield Fact(words("board.result", month=month), share_figure(report, words))
    elif (report.landing or report.no_landing) is not None and not moment.stale:
        yield landing_fact(report, words)
    yield Fact(words("board.owner"), words.localize(report.owner) or words("board.no_owner"))


def _needed(report: KpiReport, words: Words) -> Fact:
    label = words("board.needed")
    if report.share is not None and reaches(report.share, 1):
        is_final = report.status is Status.ACHIEVED
        return Fact(label, words("board.needed_none" if is_final else "board.needed_none_yet"))
    if report.pace is None or report.needed_per_day is None:
        return Fact(label, "–")
    text = Formats(words.language).short(report.needed_per_day, rounding=Rounding.UP)
    days = words("board.needed_days", count=report.pace.days_left)
    return Fact(label, with_unit(text, words.localize(report.unit), words), days)


def _left(report: KpiReport, words: Words) -> Fact:
    """What is left under a ceiling, rounded down; nothing above it."""
    left = max((report.target or 0.0) - (report.value or 0.0), 0.0)
    if report.is_whole:
        left = math.floor(left + ERROR)
    text = Formats(words.language).short(left, rounding=Rounding.DOWN)
    days = words("board.needed_days", count=report.pace.days_left if report.pace else 0)
    return Fact(words("board.left"), with_unit(text, words.localize(report.unit), words), days)


def landing_fact(report: KpiReport, words: Words) -> Fact:
    """Where the month will end; of a thin month the word alone, or why there is no forecast."""
    label, landing, formats = words("board.landing"), report.landing, Formats(words.language)
    if landing is None:
        return Fact(
            label, "", words(f"forecast.none_{report.no_landing}") if report.no_landing else ""
        )
    said = [words("forecast.first_month")] if landing.is_first else []
    if landing.low is None or landing.high is None:
        so_far = words("forecast.so_far", value=formats.short(report.value))
        notes = words("forecast.join").join([so_far, *said])
        if landing.outlook is None:
            return Fact(label, formats.short(rounded(landing.expected)), notes)
        return Fact(label, chance_of_target(landing, words), notes)
    low, high = formats.short(rounded(landing.low)), formats.short(rounded(landing.high))
    said.insert(0, words("forecast.range", low=low, high=high))
    if landing.odds is not None:
        said.append(chance_of_target(landing, words))
    text = formats.short(rounded(landing.expected))
    return Fact(label, text, words("forecast.join").join(said))


def chance_of_target(landing: Landing, words: Words) -> str:
    """How likely the target is, as a word and a fraction; in a thin month as a word alone."""
    if landing.outlook is None:
        return ""
    outlook = words(f"forecast.is_{landing.outlook}")
    if landing.odds is None:
        return words("forecast.thin", outlook=outlook)
    return words("forecast.chance", outlook=outlook, odds=in_so_many(landing.odds, words))


def in_so_many(odds: Odds, words: Words) -> str:
    """A chance as a fraction."""
    return words("forecast.odds", times=odds.times, of=odds.of)


def times(report: KpiReport, words: Words) -> tuple[str, str]:
    """As of when the KPI is judged, and how far its data reach: of which source, if not of all."""
    formats, moment = Formats(words.language), report.moment
    as_of = formats.moment(moment.as_of, moment.now)
    if moment.data_through is None:
        return as_of, words("board.no_data")
    through = formats.moment(moment.data_through, moment.now)
    if moment.held_by is not None:
        return as_of, words("board.data_through_of", moment=through, source=moment.held_by)
    return as_of, words("board.data_through_value", moment=through)


def notice(board: BoardReport, words: Words) -> str:
    """What to know before reading the number: not the newest, no data, none that fit, old ones.

    Of old ones the source that is behind.

    Empty where there is nothing of the kind.
    """
    moment = board.kpi.moment
    if board.rebuilding:
        return words("board.rebuilding")
    if moment.data_through is None:
        return words("board.stale_none")
    if board.nothing_fits:
        return words("board.nothing_fits")
    if moment.awaits_month:
        formats = Formats(words.language)
        day = formats.short_day(moment.period.last)
        return words("board.awaits_month", month=formats.month(moment.month.plus(1)), day=day)
    if moment.is_old and (moment.is_live or not moment.is_over):
        through = Formats(words.language).moment(moment.data_through, moment.now)
        if board.behind is not None:
            return words("board.source_behind", source=board.behind.source, moment=through)
        return words("board.stale_notice", moment=through)
    return ""


_LEVELS = {
    Occasion.ATTENTION: Status.ATTENTION,
    Occasion.WARNING: Status.WARNING,
    Occasion.CRISIS: Status.CRISIS,
}


def occasion(rule: Rule, report: KpiReport, words: Words) -> str:
    """Why a rule is in force."""
    if rule.when in _LEVELS:
        return words("board.rule_level", status=words(f"status.{_LEVELS[rule.when]}"))
    if rule.when is Occasion.TWO_MONTHS:
        return words("board.rule_two_months")
    if rule.when is Occasion.MONTH_END and report.closed is not None:
        closed = report.closed
        is_down = report.direction is Direction.DOWN
        return words(
            "board.rule_month_ceiling" if is_down else "board.rule_month",
            month=Formats(words.language).month(closed.month),
            value=_closed_figure(closed, report, words),
            needed=target_figure(closed.target, report, words, closed.value),
        )
    missed = report.missed
    if missed is None:
        return ""
    why = words(
        "board.rule_week",
        week=week_name(missed, words),
        value=reached_figure(missed, report, words),
        needed=needed_figure(missed, report, words),
    )
    return words("board.sentence_gap").join(filter(None, (why, odds(missed, words))))


def closed_result(closed: ClosedMonth, report: KpiReport, words: Words) -> str:
    """How a month came out, with its target where it had one."""
    value = _closed_figure(closed, report, words)
    if closed.target is None:
        return value
    return f"{value} / {target_figure(closed.target, report, words, closed.value)}"


def _closed_figure(closed: ClosedMonth, report: KpiReport, words: Words) -> str:
    formats, beside = Formats(words.language), () if closed.target is None else (closed.target,)
    return (formats.percent if report.is_ratio else formats.short)(closed.value, beside=beside)


def last_week(report: IndicatorReport, words: Words) -> str:
    """The newest closed week; where it needs a look, against the usual range."""
    if not report.weeks:
        return ""
    if report.signal is not None:
        return signal_line(report.signal, words)
    formats, week = Formats(words.language), report.weeks[-1]
    value = indicator_figure(week.value, report, words)
    return words("board.week", week=formats.short_day(week.first), value=value)


def signal_line(signal: Signal, words: Words) -> str:
    """The week that needs a look, against the usual range."""
    low, high = (_share_or_number(end, signal.is_ratio, words) for end in (signal.low, signal.high))
    value = _share_or_number(signal.value, signal.is_ratio, words, signal.low, signal.high)
    week = Formats(words.language).short_day(signal.first)
    key = "board.week_abnormal" if signal.weeks == 1 else "board.weeks_abnormal"
    return words(key, week=week, weeks=signal.weeks, value=value, low=low, high=high)


def usual_range(report: IndicatorReport, words: Words) -> str:
    """What its weeks usually are, and whether they show a fall; or why none is judged."""
    found, limits = report.judgement, report.judgement.limits
    if limits is None:
        return words(f"board.unjudged_{found.reason}", known=found.known_weeks, needed=FEWEST_WEEKS)
    ends = [_share_or_number(end, report.is_ratio, words) for end in (limits.low, limits.high)]
    usual = words("board.usual_range", low=ends[0], high=ends[1])
    if found.sees_falls:
        return usual
    return words("board.sentence_gap").join((usual, words("board.no_falls")))


def tried(report: IndicatorReport, words: Words) -> str:
    """How often it would have given a signal in the past year; empty where no week is judged."""
    return "" if report.openings is None else words("board.tried", count=report.openings)


def indicator_figure(value: float | None, report: IndicatorReport, words: Words) -> str:
    """A management indicator's value; shares below a tenth, and of weeks, with a decimal."""
    beside = () if report.target is None else (report.target,)
    return _share_or_number(value, report.is_ratio, words, *beside)


def _share_or_number(value: float | None, is_ratio: bool, words: Words, *beside: float) -> str:
    formats = Formats(words.language)
    if not is_ratio:
        return formats.short(value, beside=beside)
    return formats.percent(value, 1 if value is not None and value < 0.1 else 0, beside=beside)


def indicator_target(report: IndicatorReport, words: Words) -> str:
    """Its target as it was stated; empty where there is none to show."""
    if report.target is None or report.status is Status.NO_TARGET:
        return ""
    formats = Formats(words.language)
    if report.is_ratio:
        return formats.stated_percent(report.target)
    return formats.stated(report.target, beside=() if report.value is None else (report.value,))


_SIDES = {Side.BELOW: "board.below_usual", Side.ABOVE: "board.above_usual"}


def management(board: BoardReport, words: Words) -> str:
    """How many management indicators there are, and which of them need a look."""
    count = len(board.signals)
    if not count:
        return words("board.management_none", total=board.indicators)
    named = words("board.and").join(
        words(_SIDES[signal.side], name=words.localize(signal.name))
        for signal in board.signals[:NAMED]
    )
    more = words("board.more") if count > NAMED else ""
    return words("board.management", total=board.indicators, count=count, names=named + more)


def chain(board: BoardReport, words: Words) -> tuple[Fact, ...]:
    """KGI, CSF, KPI and each KAI."""
    formats, kgi, kpi = Formats(words.language), board.kgi, board.kpi
    destination = words(
        "board.kgi_month" if kgi.per is GoalPer.MONTH else "board.kgi_value",
        name=words.localize(kgi.name),
        target=with_unit(formats.stated(kgi.target), words.localize(kgi.unit), words),
        deadline=formats.full_day(kgi.deadline),
    )
    lever = words.localize(kpi.name)
    if kpi.target is not None and has_target(kpi):
        target = with_unit(target_figure(kpi.target, kpi, words), words.localize(kpi.unit), words)
        lever = words("board.kpi_value", name=lever, target=target)
    return (
        Fact(words("board.kgi"), destination),
        Fact(words("board.csf"), words.localize(board.csf)),
        Fact(words("board.kpi"), lever),
        *(Fact(words("board.kai"), _action(action, words)) for action in board.actions),
    )


def _action(report: ActionReport, words: Words) -> str:
    action, formats = report.action, Formats(words.language)
    keys = {Per.DAY: "board.kai_day", Per.WEEK: "board.kai_week", Per.MONTH: "board.kai_month"}
    unit = words.localize(action.unit)
    minimum = with_unit(formats.stated(action.minimum), unit, words)
    text = words(keys[action.per], name=words.localize(action.name), minimum=minimum)
    if report.done is None:
        return text
    return words("board.kai_done", text=text, done=formats.short(report.done))


def definition(report: KpiReport, words: Words) -> Iterator[str]:
    """What the KPI means, who agreed to it, and on which basis it is counted."""
    meant = report.definition
    if meant.text is not None:
        text = words.localize(meant.text)
        yield words("board.definition", version=meant.version, text=text)
    by = words("board.and").join(words.localize(name) for name in meant.agreed_by)
    if by and meant.agreed_on is not None:
        day = Formats(words.language).full_day(meant.agreed_on)
        yield words("board.agreed_on", by=by, day=day)
    elif by:
        yield words("board.agreed", by=by)
    yield words(f"board.by_{report.basis}")
    if report.matures_on is not None:
        yield words("board.maturing", day=Formats(words.language).day(report.matures_on))
