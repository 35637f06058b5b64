"""One plan's face on the wall: what a glance from five metres takes in, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from kpi_core.domain.pace import reaches
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Rule
from kpi_core.reports import in_words
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.wall.track import track_svg

DEEDS = 3
"""What a rule asks for, at most; the board has the rest."""
WIDE = 1.0
NARROW = 0.62
"""Widths of a character in the number's font, in its size: 万 and 億, and digits."""
WIDEST = 24


@dataclass(frozen=True)
class Face:
    """A plan's face as HTML. `status` colours the screen; `title` is what the tab is called."""

    plan_id: str
    status: Status
    title: str
    html: str


def face(board: BoardReport, words: Words) -> Face:
    """The board as the wall shows it."""
    report = board.kpi
    status = report.status
    title = f"{status.shape} {in_words.figure(report.value, report, words)}"
    inner = "".join(
        (
            _head(report, words),
            f'<div class="top">{_number(report, words)}{_facts(report, words)}</div>',
            f'<div class="month">{track_svg(report, words)}</div>',
            _rule(report, words),
            _look(board, words),
            _times(board, words),
        )
    )
    html = (
        f'<article class="face s-{status.value}" data-plan="{escape(board.plan_id, quote=True)}">'
        f"{inner}</article>"
    )
    return Face(board.plan_id, status, f"{title} – {words.pick(report.name)}", html)


def failed_face(plan_id: str, sentence: str) -> Face:
    """What stands in the place of a plan that cannot be shown: small, and the rest goes on."""
    html = (
        f'<article class="face s-no_target failed" data-plan="{escape(plan_id, quote=True)}">'
        f"<header><h1>{escape(plan_id)}</h1></header>"
        f'<p class="why">{escape(sentence)}</p></article>'
    )
    return Face(plan_id, Status.NO_TARGET, plan_id, html)


def _head(report: KpiReport, words: Words) -> str:
    formats = Formats(words.language)
    said = formats.month(report.moment.month)
    reached = _reached_on(report)
    if reached is not None:
        mark = words("wall.reached_on", day=formats.short_day(reached))
        said = f'<b class="mark">★ {escape(mark)}</b> {escape(said)}'
    else:
        said = escape(said)
    return f"<header><h1>{escape(words.pick(report.name))}</h1><p>{said}</p></header>"


def _reached_on(report: KpiReport) -> date | None:
    """The day on which the month's target was reached; None while it is not.

    Data that have grown old since take nothing of it back.
    """
    target = report.target
    if not target or report.is_ratio or report.direction is Direction.DOWN:
        return None
    if report.share is None or not reaches(report.share, 1):
        return None
    return next((day.day for day in report.track if reaches((day.value or 0.0) / target, 1)), None)


def _number(report: KpiReport, words: Words) -> str:
    value = in_words.figure(report.value, report, words)
    of = in_words.of_target(report, words)
    status = words(f"status.{report.status}")
    sentence = in_words.from_plan_line(report, words)
    share = ""
    if report.share is not None:
        share = words("board.share", share=Formats(words.language).percent(report.share))
    said = "".join(f"<span>{escape(text)}</span>" for text in (share, sentence) if text)
    return (
        f'<section class="number n{_digits(value)}"><p class="value">{escape(value)}</p>'
        f'<p class="of">{escape(of)}</p>'
        f'<p class="verdict"><b><i>{report.status.shape}</i> {escape(status)}</b>{said}</p>'
        "</section>"
    )


def _digits(value: str) -> int:
    """How wide the number is, in digits: the style sheet has a size for each."""
    width = sum(
        0.35 if letter in ",." else WIDE / NARROW if ord(letter) > 0x2E7F else 1.0
        for letter in value
    )
    return min(max(round(width + 0.3), 1), WIDEST)


def _facts(report: KpiReport, words: Words) -> str:
    rows = "".join(
        f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.text)}"
        f"{f' <small>{escape(fact.note)}</small>' if fact.note else ''}</dd></div>"
        for fact in in_words.facts(report, words)
    )
    return f'<dl class="facts">{rows}</dl>'


def _rule(report: KpiReport, words: Words) -> str:
    """The first rule in force, and how many more there are."""
    if not report.rules:
        return ""
    rule, *others = report.rules
    deeds = "".join(f"<li>{escape(words.pick(deed))}</li>" for deed in rule.do[:DEEDS])
    heading = "".join(f"<span>{escape(text)}</span>" for text in _about(rule, report, words))
    more = f'<p class="more">{escape(words("wall.more", count=len(others)))}</p>' if others else ""
    return f'<section class="rule"><p class="why">{heading}</p><ul>{deeds}</ul>{more}</section>'


def _about(rule: Rule, report: KpiReport, words: Words) -> Iterator[str]:
    yield in_words.occasion(rule, report, words)
    if rule.owner:
        yield words("board.rule_owner", owner=words.pick(rule.owner))


def _look(board: BoardReport, words: Words) -> str:
    """The management indicators, only where one is abnormal."""
    if not board.abnormal:
        return ""
    names = words("board.and").join(words.pick(name) for name in board.abnormal[: in_words.NAMED])
    more = words("board.more") if len(board.abnormal) > in_words.NAMED else ""
    text = words("wall.look", count=len(board.abnormal), names=names + more)
    return f'<p class="look">{escape(text)}</p>'


def _times(board: BoardReport, words: Words) -> str:
    """As of when, and how far the data reach: the wall's own clock stands beside it."""
    as_of, through = in_words.times(board.kpi, words)
    notice = in_words.notice(board, words)
    said = notice or through
    return (
        f"<footer><p><span>{escape(words('board.as_of'))} {escape(as_of)}</span>"
        f"<span>{escape(said)}</span></p></footer>"
    )
