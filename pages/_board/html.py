"""The board's own HTML: the large number, the rules in force, the chain, the cards."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kpi_core.charts.palette import FILLED, PALETTES
from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.headline import headline
from kpi_core.reports.indicators import IndicatorReport
from kpi_core.reports.kpi import KpiReport
from kpi_core.web.templates import Templates

TEMPLATES = Templates(Path(__file__).with_name("templates"))


@cache
def style() -> str:
    """The style sheet, sent along with the first piece of HTML."""
    return Path(__file__).with_name("board.css").read_text(encoding="utf-8")


def hero(report: KpiReport, words: Words, *, small: bool = False) -> str:
    """Name, number, target and status; the sentence below; the few facts and what to do beside it.

    `small` is for a column beside something else, whose page has a heading of its own.
    """
    value = narrative.figure(report.value, report, words)
    of_target = narrative.of_target(report, words)
    status = narrative.shown_status(report)
    return TEMPLATES.render(
        "hero.html",
        report=report,
        words=words,
        style=style(),
        small=small,
        heading="h2" if small else "h1",
        status=status,
        filled=status in FILLED,
        colors=_colors(status),
        width=0.62 * max(2.2, len(value) + len(of_target) * 0.14),
        name=words.localize(report.name),
        month=narrative.month_elsewhere(report, words),
        value=value,
        of_target=of_target,
        sentence=headline(report, words).text(words),
        facts=narrative.facts_beside(report, words),
        rules=[(narrative.occasion(rule, report, words), rule) for rule in report.rules],
        times=narrative.times(report, words),
    )


def _colors(status: Status) -> str:
    palette = PALETTES["both"]
    fill, text = palette.badge(status)
    return (
        f"--badge:{fill};--on-badge:{text};--ink:{palette.ink};--quiet:{palette.quiet};"
        f"--line:{palette.line};--status:{palette.tone(status)};"
        f"--alarm:{palette.tone(Status.CRISIS)}"
    )


def chain(board: BoardReport, words: Words) -> str:
    """KGI → CSF → KPI → KAI in one quiet line, and below it what the KPI means."""
    return TEMPLATES.render(
        "chain.html",
        colors=_colors(board.kpi.status),
        facts=narrative.chain(board, words),
        notes=" · ".join(narrative.definition(board.kpi, words)),
    )


def card(report: IndicatorReport, words: Words) -> str:
    """One management indicator: name, value, and whether it is worth a look."""
    return TEMPLATES.render(
        "card.html",
        report=report,
        words=words,
        formats=Formats(words.language),
        colors=_colors(report.status),
        value=narrative.indicator_figure(report.value, report, words),
        beside=_beside(report, words),
        last_week=narrative.last_week(report, words) if report.is_abnormal else "",
        usual=words("board.sentence_gap").join(
            filter(None, (_usual(report, words), narrative.tried(report, words)))
        ),
        notes=list(_notes(report, words)),
    )


def _usual(report: IndicatorReport, words: Words) -> str:
    """The usual range where the line of the week that needs a look does not say it."""
    return "" if report.signal is not None else narrative.usual_range(report, words)


def _beside(report: IndicatorReport, words: Words) -> str:
    """The unit and the target."""
    value = narrative.indicator_figure(report.value, report, words)
    unit = Formats(words.language).unit(value, words.localize(report.unit))
    beside = "" if report.is_ratio else narrative.with_unit("", unit, words)
    if target := narrative.indicator_target(report, words):
        beside += " " + words("board.of_target", target=target)
    return beside


def _notes(report: IndicatorReport, words: Words) -> Iterator[str]:
    if report.basis is not None:
        yield words(f"board.by_{report.basis}")
    if report.matures_on is not None:
        yield words("board.maturing", day=Formats(words.language).day(report.matures_on))
    if report.owner:
        yield words("board.rule_owner", owner=words.localize(report.owner))
