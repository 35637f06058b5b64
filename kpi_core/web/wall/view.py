"""One plan's view on the wall: what a glance from five metres shows, and nothing else."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_core.charts.palette import FILLED
from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.headline import headline
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.wall import TEMPLATES
from kpi_core.web.wall.track import wall_track

DEEDS = 3
"""What a rule asks for, at most; the board has the rest."""
LEVELS = (Occasion.ATTENTION, Occasion.WARNING, Occasion.CRISIS)
"""Occasions that are a status."""
REMEMBERED = 5
"""Working days of a month through which the result of the one before stands beside it."""
WIDE = 1.0
NARROW = 0.62
LETTER = 0.58
"""Widths of a character in its font's size: 万 and 億, bold digits, and the letters of a name."""
WIDE_LETTER = 0x2E7F
"""Signs beyond it are as wide and as high as the font is large."""
WIDEST = 24
WIDEST_NAME = 16


@dataclass(frozen=True)
class View:
    """A plan's view as HTML. `status` colours the screen; `title` is what the tab is called.

    `spoken` is what a screen reader says.
    """

    plan_id: str
    status: Status
    title: str
    html: str
    spoken: str


def wall_view(board: BoardReport, words: Words) -> View:
    """The board as the wall shows it."""
    report, formats = board.kpi, Formats(words.language)
    status = narrative.shown_status(report)
    name = words.localize(report.name)
    value = narrative.figure(report.value, report, words)
    reached = _reached_on(report)
    as_of, through = narrative.times(report, words)
    notice = _notice(board, narrative.notice(board, words), words)
    track = wall_track(report, words)
    rules = report.rules
    inner = TEMPLATES.render(
        "view.html",
        words=words,
        name=name,
        reached_on=reached and formats.short_day(reached),
        month=formats.month(report.moment.month),
        value=value,
        digits=_digits(value),
        tail=" tailed" if any(each == "," or ord(each) > WIDE_LETTER for each in value) else "",
        of_target=narrative.of_target(report, words),
        target=_target(report, words),
        status=status,
        facts=list(_facts(report, words)),
        notice=notice,
        sentence=headline(report, words),
        track=track.svg,
        names=_names_width(track.names),
        rule=_rule(rules[0], report, words) if rules else None,
        more=len(rules[1:]),
        look=_look(board, words),
        as_of=as_of,
        # A notice about old data has said how far they reach.
        through="" if notice and not board.nothing_fits else through,
    )
    spoken = narrative.takeaway(report, words)
    classes = f"s-{status.value}" + " filled" * (status in FILLED)
    html = _article(board.plan_id, classes, spoken, inner, board.zone)
    return View(board.plan_id, status, f"{status.shape} {value} – {name}", html, spoken)


def failed_view(plan_id: str, sentence: str) -> View:
    """The place of a plan that cannot be shown: small, beside the others."""
    inner = TEMPLATES.render("failed.html", plan_id=plan_id, sentence=sentence)
    html = _article(plan_id, "s-no_target failed", sentence, inner)
    return View(plan_id, Status.NO_TARGET, plan_id, html, sentence)


def _article(plan_id: str, classes: str, spoken: str, inner: str, zone: str = "") -> str:
    return TEMPLATES.render(
        "article.html", plan_id=plan_id, classes=classes, zone=zone, spoken=spoken, inner=inner
    )


def _reached_on(report: KpiReport) -> date | None:
    """The day on which the month's target was reached; None while it is not.

    Data that have grown old since take nothing of it back.
    """
    target = report.target
    if report.status is not Status.ACHIEVED or report.direction is Direction.DOWN or not target:
        return None
    if report.pace is None:
        return None
    return next((day.day for day in report.track if reaches((day.value or 0.0) / target, 1)), None)


def _target(report: KpiReport, words: Words) -> str:
    """The target without its unit, which is beside the daily need."""
    if not narrative.has_target(report):
        return words.localize(report.unit)
    target = narrative.target_figure(report.target, report, words, report.value)
    key = "board.of_ceiling" if report.direction is Direction.DOWN else "board.of_target"
    return words(key, target=target)


def _names_width(names: Sequence[str]) -> int:
    """How wide the longest name of a line is, in the size of its letters."""
    widths = (sum(WIDE if ord(each) > WIDE_LETTER else LETTER for each in name) for name in names)
    return min(math.ceil(max(widths, default=0.0)) + 1, WIDEST_NAME)


def _digits(value: str) -> int:
    """How wide the number is, in digits: the style sheet has a size for each."""
    width = sum(
        0.35 if letter in ",." else WIDE / NARROW if ord(letter) > WIDE_LETTER else 1.0
        for letter in value
    )
    return min(max(round(width + 0.3), 1), WIDEST)


def _facts(report: KpiReport, words: Words) -> Iterator[tuple[str, narrative.Fact]]:
    """What stands beside the number, with its class: the forecast, or how a month came out."""
    beside = [*narrative.facts_beside(report, words)]
    yield from (("landing", fact) for fact in beside[:-1])
    if _is_new(report) and report.closed is not None and report.closed.value is not None:
        month = Formats(words.language).month(report.closed.month)
        yield "last", narrative.Fact(month, narrative.closed_result(report.closed, report, words))
    if report.owner:
        yield "owner", beside[-1]


def _is_new(report: KpiReport) -> bool:
    """The running month is in its first working days, and the one before is remembered still."""
    moment = report.moment
    started = [day for day in report.track if day.is_working and day.day <= moment.now.date()]
    closed = report.closed
    is_before = closed is not None and closed.month == moment.month.plus(-1)
    return is_before and not moment.is_over and len(started) <= REMEMBERED


def _rule(rule: Rule, report: KpiReport, words: Words) -> dict[str, object]:
    return {
        "occasion": _occasion(rule, report, words, odds=True),
        "short": _occasion(rule, report, words),
        "owner": words.localize(rule.owner) if rule.owner else "",
        "deeds": [words.localize(deed) for deed in rule.do[:DEEDS]],
    }


def _occasion(rule: Rule, report: KpiReport, words: Words, *, odds: bool = False) -> str:
    """Why a rule is in force, in two or three words; `odds`: and how often by chance."""
    if rule.when in LEVELS:
        return words(f"status.{rule.when}")
    if rule.when is Occasion.MONTH_END and report.closed is not None:
        month = Formats(words.language).month(report.closed.month)
        return words("wall.missed", week=month)
    if rule.when is Occasion.TWO_MONTHS or report.missed is None:
        return words("wall.two_months")
    missed = words("wall.missed", week=narrative.week_name(report.missed, words))
    chip = narrative.odds_chip(report.missed, words) if odds else ""
    return words("wall.missed_odds", missed=missed, odds=chip) if chip else missed


def _look(board: BoardReport, words: Words) -> str:
    """The management indicators, only where one is abnormal."""
    if not board.abnormal:
        return ""
    names = words("board.and").join(
        words.localize(name) for name in board.abnormal[: narrative.NAMED]
    )
    more = words("board.more") if len(board.abnormal) > narrative.NAMED else ""
    return words("wall.look", count=len(board.abnormal), names=names + more)


def _notice(board: BoardReport, text: str | None, words: Words) -> str | None:
    """What to know before reading the number, without what only the board shows."""
    if text and board.nothing_fits and not board.rebuilding:
        return words("wall.nothing_fits")
    return text
