"""One plan's face on the wall: what a glance from five metres takes in, and nothing else."""

from dataclasses import dataclass
from datetime import date
from html import escape

from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport
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
class Face:
    """A plan's face as HTML. `status` colours the screen; `title` is what the tab is called.

    `heard` is what those are told who do not see it.
    """

    plan_id: str
    status: Status
    title: str
    html: str
    heard: str


def face(board: BoardReport, words: Words) -> Face:
    """The board as the wall shows it."""
    report = board.kpi
    status = report.status
    title = f"{status.shape} {narrative.figure(report.value, report, words)}"
    inner = "".join(
        (
            _head(report, words),
            f'<div class="top">{_number(report, words)}{_facts(report, words)}</div>',
            f'<div class="month">{track_svg(report, words)}</div>',
            _rules(report, words),
            _look(board, words),
            _notice(board, words),
            _times(board, words),
        )
    )
    heard = narrative.takeaway(report, words)
    # Before the script has seen how much room there is, or without one: the first rule.
    classes = f"s-{status.value}" + " lone" * (len(report.rules) > 1)
    html = _article(board.plan_id, classes, heard, inner)
    return Face(board.plan_id, status, f"{title} – {words.pick(report.name)}", html, heard)


def failed_face(plan_id: str, sentence: str) -> Face:
    """What stands in the place of a plan that cannot be shown: small, and the rest goes on."""
    inner = f'<header><h1>{escape(plan_id)}</h1></header><p class="why">{escape(sentence)}</p>'
    html = _article(plan_id, "s-no_target failed", sentence, inner)
    return Face(plan_id, Status.NO_TARGET, plan_id, html, sentence)


def _article(plan_id: str, classes: str, heard: str, inner: str) -> str:
    return (
        f'<article class="face {classes}" data-plan="{escape(plan_id, quote=True)}"'
        f' data-heard="{escape(heard, quote=True)}">{inner}</article>'
    )


def _either(long: str, short: str) -> str:
    """A text, and what stands in its place where there is little room."""
    if long == short:
        return escape(long)
    return f'<span class="long">{escape(long)}</span><span class="short">{escape(short)}</span>'


def _head(report: KpiReport, words: Words) -> str:
    formats = Formats(words.language)
    said = formats.month(report.moment.month)
    reached = _reached_on(report)
    if reached is not None:
        mark = words("wall.reached_on", day=formats.short_day(reached))
        said = f'<b class="mark">★ {escape(mark)}</b> <span class="long">{escape(said)}</span>'
    else:
        said = escape(said)
    return f"<header><h1>{escape(words.pick(report.name))}</h1><p>{said}</p></header>"


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


def _number(report: KpiReport, words: Words) -> str:
    value = narrative.figure(report.value, report, words)
    of = _either(narrative.of_target(report, words), _target(report, words))
    status = words(f"status.{report.status}")
    sentence = narrative.from_plan_line(report, words)
    said = ""
    if share := narrative.share_of_target(report, words):
        percent = narrative.share_figure(report, words)
        said = f'<span class="share">{_either(share, percent)}</span>'
    if sentence:
        said += f'<span class="gap">{escape(sentence)}</span>'
    classes = f"number n{_digits(value)}" + " tailed" * ("," in value)
    return (
        f'<section class="{classes}"><p class="value">{escape(value)}</p>'
        f' <p class="of">{of}</p>'
        f'<p class="verdict"><b><i>{report.status.shape}</i> {escape(status)}</b>{said}</p>'
        "</section>"
    )


def _target(report: KpiReport, words: Words) -> str:
    """The target without its unit, which stands with what is needed."""
    if not narrative.has_target(report):
        return words.pick(report.unit)
    target = narrative.target_figure(report.target, report, words, report.value)
    return words("board.of_target", target=target)


def _digits(value: str) -> int:
    """How wide the number is, in digits: the style sheet has a size for each."""
    width = sum(
        0.35 if letter in ",." else WIDE / NARROW if ord(letter) > 0x2E7F else 1.0
        for letter in value
    )
    return min(max(round(width + 0.3), 1), WIDEST)


def _facts(report: KpiReport, words: Words) -> str:
    brief = {
        words("board.needed"): ("needed", words("wall.needed"), ""),
        words("board.left"): ("needed", words("wall.left"), ""),
        words("board.landing"): ("landing", words("wall.landing"), _landing(report, words)),
    }
    rows = []
    for fact in narrative.facts(report, words):
        kind, label, note = brief.get(fact.label, ("owner", fact.label, ""))
        small = f" <small>{_either(fact.note, note)}</small>" if fact.note else ""
        rows.append(
            f'<div class="{kind}"><dt>{_either(fact.label, label)}</dt>'
            f" <dd>{escape(fact.text)}{small}</dd></div>"
        )
    return f'<dl class="facts">{"".join(rows)}</dl>'


def _landing(report: KpiReport, words: Words) -> str:
    """The two ends alone; a dash before anything can be said."""
    landing, formats = report.landing, Formats(words.language)
    if landing is None:
        return "–"
    ends = (landing.low, landing.high)
    if None in ends:
        return ""
    return "–".join(formats.short(narrative.rounded(end)) for end in ends)


def _rules(report: KpiReport, words: Words) -> str:
    """Each rule in force with its words and its owner, and how many they are beside the first."""
    if not report.rules:
        return ""
    first, *others = report.rules
    more = ""
    if others:
        count = len(others)
        said = _either(words("wall.more", count=count), words("wall.others", count=count))
        more = f' <p class="more">{said}</p>'
    rules = _rule(first, report, words, more) + "".join(_rule(o, report, words) for o in others)
    return f'<div class="rules">{rules}</div>'


def _rule(rule: Rule, report: KpiReport, words: Words, more: str = "") -> str:
    deeds = "".join(f"<li>{escape(words.pick(deed))}</li>" for deed in rule.do[:DEEDS])
    why = _either(narrative.occasion(rule, report, words), _occasion(rule, report, words))
    owner = ""
    if rule.owner:
        said = words("board.rule_owner", owner=words.pick(rule.owner))
        owner = f' <span class="owner">{escape(said)}</span>'
    return (
        f'<section class="rule"><p class="why"><b>{why}</b>{owner}</p> <ul>{deeds}</ul>{more}'
        "</section>"
    )


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
    names = words("board.and").join(words.pick(name) for name in board.abnormal[: narrative.NAMED])
    more = words("board.more") if len(board.abnormal) > narrative.NAMED else ""
    text = words("wall.look", count=len(board.abnormal), names=names + more)
    return f'<p class="look">{escape(text)}</p>'


def _notice(board: BoardReport, words: Words) -> str:
    """What to know before reading the number. The board's own words speak of what it has beside."""
    text = narrative.notice(board, words)
    if text and board.nothing_fits and not board.rebuilding:
        text = words("wall.nothing_fits")
    return f'<p class="notice">{escape(text)}</p>' if text else ""


def _times(board: BoardReport, words: Words) -> str:
    """As of when, and how far the data reach: the wall's own clock stands beside it."""
    as_of, through = narrative.times(board.kpi, words)
    told = narrative.notice(board, words) and not board.nothing_fits
    said = "" if told else f' <span class="long">{escape(through)}</span>'
    as_of = f"{words('board.as_of')} {as_of}"
    return f"<footer><p><span>{escape(as_of)}</span>{said}</p></footer>"
