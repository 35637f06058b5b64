"""What a board's report says, in words: the same on the page, in its alt text, in a terminal."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Occasion, Per, Rule
from kpi_core.reports.board import ActionReport, BoardReport
from kpi_core.reports.indicators import IndicatorReport
from kpi_core.reports.kpi import KpiReport, Stamp


@dataclass(frozen=True)
class Fact:
    """A label, its value, and what stands smaller beside it; each may be empty."""

    label: str
    text: str
    note: str = ""


NAMED = 3
"""Abnormal indicators named at most."""


def figure(value: float | None, report: KpiReport, words: Words) -> str:
    """A value as the KPI's kind asks: 68%, 1,234 or 123.5万."""
    formats = Formats(words.language)
    return formats.percent(value) if report.is_ratio else formats.short(value)


def of_target(report: KpiReport, words: Words) -> str:
    """The target as it stands beside the value, with the unit; the unit alone without one."""
    unit = words.pick(report.unit)
    if not report.target:
        return unit
    target = figure(report.target, report, words)
    return with_unit(words("board.of_target", target=target), unit, words)


def with_unit(text: str, unit: str, words: Words) -> str:
    """A number and its unit; in English a space stands between."""
    return words("board.number_unit", number=text, unit=unit) if unit else text


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
    """`Week 1`, or the month's end."""
    return words("board.checkpoint_end" if stamp.week == 4 else f"board.week_{stamp.week}")


def takeaway(report: KpiReport, words: Words) -> str:
    """The track in a few sentences, for those who do not see it."""
    formats = Formats(words.language)
    name = words.pick(report.name)
    if report.value is None:
        return words("board.alt_no_value", name=name)
    day = formats.day(min(report.moment.counted_through, report.moment.period.last))
    value = figure(report.value, report, words)
    if report.share is None:
        return words("board.alt_no_target", name=name, value=value, day=day)
    status = words(f"status.{report.status}")
    target, share = figure(report.target, report, words), formats.percent(report.share)
    told = {"name": name, "day": day, "value": value, "target": target}
    sentences = [words("board.alt", **told, share=share, status=status)]
    landing = report.landing
    if landing is not None and landing.low is not None and not report.moment.is_over:
        ends = {"expected": landing.expected, "low": landing.low, "high": landing.high}
        texts = {key: formats.short(rounded(end)) for key, end in ends.items()}
        sentences.append(words("board.alt_landing", **texts))
    missed = [week_name(stamp, words) for stamp in report.stamps if stamp.passed is False]
    if missed:
        sentences.append(words("board.alt_missed", weeks=words("board.and").join(missed)))
    return words("board.sentence_gap").join(sentences)


def from_plan_line(report: KpiReport, words: Words) -> str:
    """How far the KPI is from the plan line; empty where that cannot be said."""
    pace, target, value = report.pace, report.target, report.value
    if pace is None or not target or value is None or report.moment.is_over:
        return ""
    if report.status in (Status.ACHIEVED, Status.STALE):
        return ""
    if pace.days_elapsed == 0:
        return words("board.sentence_early")
    gap = value - pace.plan_line * target
    text = with_unit(figure(abs(gap), report, words), words.pick(report.unit), words)
    return words("board.sentence_ahead" if gap >= 0 else "board.sentence_behind", gap=text)


def facts(report: KpiReport, words: Words) -> Iterator[Fact]:
    """What is needed, where it will land, who owns it."""
    pace, moment = report.pace, report.moment
    running = pace is not None and not moment.is_over
    if running and report.target and report.value is not None:
        yield _needed(report, words)
    if running and report.value is not None and report.status is not Status.STALE:
        yield _landing(report, words)
    owner = words.pick(report.owner) or words("board.no_owner")
    yield Fact(words("board.owner"), owner)


def _needed(report: KpiReport, words: Words) -> Fact:
    label = words("board.needed")
    if report.status is Status.ACHIEVED:
        return Fact(label, words("board.needed_none"))
    if report.pace is None or report.needed_per_day is None:
        return Fact(label, "–")
    text = Formats(words.language).short(_upwards(report.needed_per_day))
    days = words("board.needed_days", count=report.pace.days_left)
    return Fact(label, with_unit(text, words.pick(report.unit), words), days)


SHORTENED = 10_000_000
"""From here on `Formats.short` shortens, to three digits at least."""


def _upwards(value: float) -> float:
    """As `Formats.short` will show it, and never down: what is needed is not rounded away."""
    if value >= SHORTENED:
        unit = 10.0 ** (math.floor(math.log10(value)) - 2)
        return math.ceil(value / unit) * unit
    return float(math.ceil(value)) if value >= 99.9 else math.ceil(value * 10 - 1e-9) / 10


def _landing(report: KpiReport, words: Words) -> Fact:
    label, landing, formats = words("board.landing"), report.landing, Formats(words.language)
    if landing is None:
        return Fact(label, "", words("board.landing_early"))
    text = formats.short(rounded(landing.expected))
    if landing.low is None:
        return Fact(label, text)
    low, high = formats.short(rounded(landing.low)), formats.short(rounded(landing.high))
    return Fact(label, text, words("board.landing_range", low=low, high=high))


def times(report: KpiReport, words: Words) -> tuple[str, str]:
    """As of when the KPI is judged, and how far its data reach."""
    formats, moment = Formats(words.language), report.moment
    as_of = formats.moment(moment.as_of, moment.now)
    if moment.data_through is None:
        return as_of, words("board.no_data")
    through = formats.moment(moment.data_through, moment.now)
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
    if rule.when is Occasion.TWO_MONTHS or report.missed is None:
        return words("board.rule_two_months")
    missed = report.missed
    blanks = {
        "value": figure(missed.value, report, words),
        "needed": figure(missed.needed, report, words),
    }
    if missed.week == 4:
        return words("board.rule_month", **blanks)
    return words("board.rule_week", week=week_name(missed, words), **blanks)


def last_week(report: IndicatorReport, words: Words) -> str:
    """The newest closed week; where it is abnormal, against what the weeks before let expect."""
    if not report.weeks:
        return ""
    formats, week = Formats(words.language), report.weeks[-1]
    told = {
        "week": formats.short_day(week.first),
        "value": indicator_figure(week.value, report, words),
    }
    if not report.is_abnormal or report.limits is None:
        return words("board.week", **told)
    low, high = (
        indicator_figure(end, report, words) for end in (report.limits.low, report.limits.high)
    )
    return words("board.week_abnormal", **told, low=low, high=high)


def indicator_figure(value: float | None, report: IndicatorReport, words: Words) -> str:
    """A management indicator's value; shares below a tenth, and of weeks, with a decimal."""
    formats = Formats(words.language)
    if not report.is_ratio:
        return formats.short(value)
    return formats.percent(value, 1 if value is not None and value < 0.1 else 0)


def management(board: BoardReport, words: Words) -> str:
    """How many management indicators there are, and how many of them are abnormal."""
    count = len(board.abnormal)
    if not count:
        return words("board.management_none", total=board.indicators)
    named = words("board.and").join(words.pick(name) for name in board.abnormal[:NAMED])
    more = words("board.more") if count > NAMED else ""
    return words("board.management", total=board.indicators, abnormal=count, names=named + more)


def chain(board: BoardReport, words: Words) -> tuple[Fact, ...]:
    """KGI, CSF, KPI and each KAI."""
    formats, kgi, kpi = Formats(words.language), board.kgi, board.kpi
    destination = words(
        "board.kgi_value",
        name=words.pick(kgi.name),
        target=with_unit(formats.short(kgi.target), words.pick(kgi.unit), words),
        deadline=formats.full_day(kgi.deadline),
    )
    lever = words.pick(kpi.name)
    if kpi.target:
        target = with_unit(figure(kpi.target, kpi, words), words.pick(kpi.unit), words)
        lever = words("board.kpi_value", name=lever, target=target)
    return (
        Fact(words("board.kgi"), destination),
        Fact(words("board.csf"), words.pick(board.csf)),
        Fact(words("board.kpi"), lever),
        *(Fact(words("board.kai"), _action(action, words)) for action in board.actions),
    )


def _action(report: ActionReport, words: Words) -> str:
    action, formats = report.action, Formats(words.language)
    keys = {Per.DAY: "board.kai_day", Per.WEEK: "board.kai_week", Per.MONTH: "board.kai_month"}
    unit = words.pick(action.unit)
    minimum = with_unit(formats.short(action.minimum), unit, words)
    text = words(keys[action.per], name=words.pick(action.name), minimum=minimum)
    if report.done is None:
        return text
    return words("board.kai_done", text=text, done=formats.short(report.done))


def definition(report: KpiReport, words: Words) -> Iterator[str]:
    """What the KPI means, who agreed to it, and on which basis it is counted."""
    meant = report.definition
    if meant.text is not None:
        text = words.pick(meant.text)
        yield words("board.definition", version=meant.version, text=text)
    by = words("board.and").join(words.pick(name) for name in meant.agreed_by)
    if by and meant.agreed_on is not None:
        day = Formats(words.language).full_day(meant.agreed_on)
        yield words("board.agreed_on", by=by, day=day)
    elif by:
        yield words("board.agreed", by=by)
    yield words(f"board.by_{report.basis}")
    if report.matures_on is not None:
        yield words("board.maturing", day=Formats(words.language).day(report.matures_on))
