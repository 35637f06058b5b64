"""One plan's view on the wall: what a glance from five metres shows, and nothing else."""

from dataclasses import dataclass
from datetime import date

from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.wall import TEMPLATES
from kpi_core.web.wall.track import track_svg

DEEDS = 3
"""What a rule asks for, at most; the board has the rest."""
LEVELS = (Occasion.ATTENTION, Occasion.WARNING, Occasion.CRISIS)
"""Occasions that are a status."""
WIDE = 1.0
NARROW = 0.62
"""Widths of a character in the number's font, in its size: 万 and 億, and digits."""
WIDEST = 24


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
    report, status, formats = board.kpi, board.kpi.status, Formats(words.language)
    name = words.localize(report.name)
    value = narrative.figure(report.value, report, words)
    reached = _reached_on(report)
    as_of, through = narrative.times(report, words)
    notice = narrative.notice(board, words)
    inner = TEMPLATES.render(
        "view.html",
        words=words,
        name=name,
        reached_on=reached and formats.short_day(reached),
        month=formats.month(report.moment.month),
        value=value,
        digits=_digits(value),
        of_target=narrative.of_target(report, words),
        target=_target(report, words),
        status=status,
        share=narrative.share_of_target(report, words),
        percent=narrative.share_figure(report, words),
        gap=narrative.from_plan_line(report, words),
        facts=[_fact(fact, report, words) for fact in narrative.facts(report, words)],
        track=track_svg(report, words),
        rules=[_rule(rule, report, words) for rule in report.rules],
        look=_look(board, words),
        notice=_notice(board, notice, words),
        as_of=as_of,
        # A notice about old data has said how far they reach.
        through="" if notice and not board.nothing_fits else through,
    )
    spoken = narrative.takeaway(report, words)
    # Before the script has seen how much room there is, or without one: the first rule.
    classes = f"s-{status.value}" + " lone" * (len(report.rules) > 1)
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
    return words("board.of_target", target=target)


def _digits(value: str) -> int:
    """How wide the number is, in digits: the style sheet has a size for each."""
    width = sum(
        0.35 if letter in ",." else WIDE / NARROW if ord(letter) > 0x2E7F else 1.0
        for letter in value
    )
    return min(max(round(width + 0.3), 1), WIDEST)


def _fact(fact: narrative.Fact, report: KpiReport, words: Words) -> dict[str, str]:
    """A fact, with its label and its note for where there is little room."""
    short = {
        words("board.needed"): ("needed", words("wall.needed"), ""),
        words("board.left"): ("needed", words("wall.left"), ""),
        words("board.landing"): ("landing", words("wall.landing"), _landing(report, words)),
    }
    kind, label, note = short.get(fact.label, ("owner", fact.label, ""))
    return {
        "kind": kind,
        "label": fact.label,
        "short_label": label,
        "text": fact.text,
        "note": fact.note,
        "short_note": note,
    }


def _landing(report: KpiReport, words: Words) -> str:
    """The two ends alone; a dash before there is a forecast."""
    landing, formats = report.landing, Formats(words.language)
    if landing is None:
        return "–"
    ends = (landing.low, landing.high)
    if None in ends:
        return ""
    return "–".join(formats.short(narrative.rounded(end)) for end in ends)


def _rule(rule: Rule, report: KpiReport, words: Words) -> dict[str, object]:
    return {
        "occasion": narrative.occasion(rule, report, words),
        "short_occasion": _occasion(rule, report, words),
        "owner": words.localize(rule.owner) if rule.owner else "",
        "deeds": [words.localize(deed) for deed in rule.do[:DEEDS]],
    }


def _occasion(rule: Rule, report: KpiReport, words: Words) -> str:
    """Why a rule is in force, in two or three words."""
    if rule.when in LEVELS:
        return words(f"status.{rule.when}")
    if rule.when is Occasion.MONTH_END and report.closed is not None:
        month = Formats(words.language).month(report.closed.month)
        return words("wall.missed", week=month)
    if rule.when is Occasion.TWO_MONTHS or report.missed is None:
        return words("wall.two_months")
    missed = words("wall.missed", week=narrative.week_name(report.missed, words))
    odds = narrative.odds_chip(report.missed, words)
    return words("wall.missed_odds", missed=missed, odds=odds) if odds else missed


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
