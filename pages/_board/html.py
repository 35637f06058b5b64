"""The board's own HTML: the large number, the rules in force, the chain, the cards."""

from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

from kpi_core.charts.palette import PALETTES
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.actions import Rule
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.indicators import IndicatorReport
from kpi_core.reports.kpi import KpiReport


@cache
def style() -> str:
    """The style sheet, sent along with the first piece of HTML."""
    return Path(__file__).with_name("board.css").read_text(encoding="utf-8")


def hero(report: KpiReport, words: Words) -> str:
    """Name, number, target, status and the few facts that go with it."""
    value = narrative.figure(report.value, report, words)
    of = narrative.of_target(report, words)
    month = narrative.month_elsewhere(report, words)
    month = f' <span class="kb-quiet">{escape(month)}</span>' if month else ""
    comma = " kb-comma" if "," in value else ""
    comma += " kb-none" if report.value is None else ""
    digits = max(2.2, len(value) + len(of) * 0.14)
    facts = "".join(_fact(fact) for fact in narrative.facts(report, words))
    as_of, through = narrative.times(report, words)
    facts += (
        f"<div><dt>{escape(words('board.as_of'))}</dt>"
        f"<dd><small>{escape(as_of)}</small><small>{escape(through)}</small></dd></div>"
    )
    return (
        f"<style>{style()}</style>"
        f'<section class="kb" style="{_colors(report.status)};--digits:{digits * 0.62:.2f}">'
        f"<div><h1>{escape(words.pick(report.name))}{month}</h1>"
        f'<div class="kb-number"><span class="kb-value{comma}">{escape(value)}</span>'
        f'<span class="kb-of">{escape(of)}</span></div>'
        f'<div class="kb-verdict">{_verdict(report, words)}</div></div>'
        f'<dl class="kb-facts">{facts}</dl></section>'
    )


def _fact(fact: narrative.Fact) -> str:
    note = f" <small>{escape(fact.note)}</small>" if fact.note else ""
    return f"<div><dt>{escape(fact.label)}</dt><dd>{escape(fact.text)}{note}</dd></div>"


def _colors(status: Status) -> str:
    palette = PALETTES["both"]
    fill, text = palette.badge(status)
    return (
        f"--badge:{fill};--on-badge:{text};--ink:{palette.ink};--quiet:{palette.quiet};"
        f"--line:{palette.line};--status:{palette.tone(status)};"
        f"--alarm:{palette.tone(Status.CRISIS)}"
    )


def _verdict(report: KpiReport, words: Words) -> str:
    word = escape(words(f"status.{report.status}"))
    parts = [f'<span class="kb-status"><span>{report.status.shape}</span>{word}</span>']
    if share := narrative.share_of_target(report, words):
        parts.append(f"<span><b>{escape(share)}</b></span>")
    sentence = narrative.from_plan_line(report, words)
    if sentence:
        parts.append(f'<span class="kb-quiet">{escape(sentence)}</span>')
    return "".join(parts)


def rules(report: KpiReport, words: Words) -> str | None:
    """The response rules in force, in words; None where none is."""
    if not report.rules:
        return None
    blocks = "".join(_rule(rule, report, words) for rule in report.rules)
    return f'<section class="kb-rules" style="{_colors(report.status)}">{blocks}</section>'


def _rule(rule: Rule, report: KpiReport, words: Words) -> str:
    deeds = "".join(f"<li>{escape(words.pick(deed))}</li>" for deed in rule.do)
    owner = ""
    if rule.owner:
        text = words("board.rule_owner", owner=words.pick(rule.owner))
        owner = f'<p class="kb-quiet">{escape(text)}</p>'
    why = escape(narrative.occasion(rule, report, words))
    return f"<div><p><b>{why}</b></p><ul>{deeds}</ul>{owner}</div>"


def chain(board: BoardReport, words: Words) -> str:
    """KGI → CSF → KPI → KAI in one quiet line, and below it what the KPI means."""
    links = "<i>›</i>".join(
        f"<span><b>{escape(fact.label)}</b>{escape(fact.text)}</span>"
        for fact in narrative.chain(board, words)
    )
    notes = " · ".join(narrative.definition(board.kpi, words))
    return (
        f'<div style="{_colors(board.kpi.status)}"><p class="kb-chain">{links}</p>'
        f'<p class="kb-chain">{escape(notes)}</p></div>'
    )


def card(report: IndicatorReport, words: Words) -> str:
    """One management indicator: name, value, and whether it is worth a look."""
    look = ""
    if report.is_abnormal:
        look = f'<p class="kb-look">▲ {escape(narrative.last_week(report, words))}</p>'
    note = " · ".join(_notes(report, words))
    return (
        f'<section class="kb-card" style="{_colors(report.status)}">'
        f"<h3>{escape(words.pick(report.name))}</h3>{_figure(report, words)}{look}"
        f'<p class="kb-note">{escape(note)}</p>{_shares(report, words)}</section>'
    )


def _figure(report: IndicatorReport, words: Words) -> str:
    """The value with its unit and target; nothing where its shares say it all."""
    if report.shares:
        return ""
    value = narrative.indicator_figure(report.value, report, words)
    unit = Formats(words.language).unit(value, words.pick(report.unit))
    beside = "" if report.is_ratio else narrative.with_unit("", unit, words)
    if target := narrative.indicator_target(report, words):
        beside += " " + words("board.of_target", target=target)
    return f'<p class="kb-figure">{escape(value)}<small>{escape(beside)}</small></p>'


def _notes(report: IndicatorReport, words: Words) -> Iterator[str]:
    if report.basis is not None:
        yield words(f"board.by_{report.basis}")
    if report.matures_on is not None:
        yield words("board.maturing", day=Formats(words.language).day(report.matures_on))
    if report.owner:
        yield words("board.rule_owner", owner=words.pick(report.owner))


def _shares(report: IndicatorReport, words: Words) -> str:
    if not report.shares:
        return ""
    formats = Formats(words.language)
    widest = report.shares[0].share
    rows = "".join(
        f"<span>{escape(share.channel or words('board.no_channel'))}</span>"
        f'<span class="kb-bar" style="width:{100 * share.share / widest:.1f}%"></span>'
        f"<span>{formats.percent(share.share)}</span>"
        for share in report.shares
    )
    return f'<div class="kb-shares">{rows}</div>'
