"""What a change of the plan does to the board of today: each line before and after."""

from collections.abc import Iterator

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.reports import narrative
from kpi_core.reports.board import BoardReport
from kpi_core.reports.kpi import KpiReport

Row = tuple[str, str, str]
"""What it is, as it is now, as it would be."""


def board_changes(before: BoardReport, after: BoardReport, words: Words) -> tuple[Row, ...]:
    """The lines of the board that a change moves; empty where it moves none."""
    old, new = dict(_lines(before.kpi, words)), dict(_lines(after.kpi, words))
    names = dict.fromkeys((*old, *new))
    rows = ((name, old.get(name, "–"), new.get(name, "–")) for name in names)
    return tuple(row for row in rows if row[1] != row[2])


def _lines(report: KpiReport, words: Words) -> Iterator[tuple[str, str]]:
    formats = Formats(words.language)
    yield words("plan_edit.line_number"), words.localize(report.name)
    yield words("plan_edit.line_month"), formats.month(report.moment.month)
    yield words("plan_edit.line_value"), narrative.figure(report.value, report, words)
    yield words("plan_edit.line_target"), narrative.of_target(report, words) or "–"
    yield words("plan_edit.line_status"), words(f"status.{report.status}")
    following = next((stamp for stamp in report.stamps if stamp.passed is None), None)
    if following is not None and following.needed is not None:
        due = narrative.needed_figure(following, report, words)
        day = formats.day(following.on)
        yield (
            words("plan_edit.line_checkpoint"),
            words("plan_edit.due_by", due=due, day=day),
        )
    for fact in narrative.facts(report, words):
        yield fact.label, " ".join(part for part in (fact.text, fact.note) if part)
    rules = [narrative.occasion(rule, report, words) for rule in report.rules]
    yield words("plan_edit.line_rules"), words("plan_edit.list_comma").join(rules) or "–"
