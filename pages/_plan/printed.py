"""A plan as it is read, section by section, as HTML."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import get_month_names

from kpi_core.charts.palette import PALETTES
from kpi_core.domain.period import Month
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import GoalPer, Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.working_days import NO_COUNTRY
from kpi_core.reports import narrative, plan_text
from kpi_core.reports.board import BoardReport
from kpi_core.reports.countable import Countable
from kpi_core.reports.kpi import KpiReport, Stamp
from kpi_core.reports.months.fiscal_year import fiscal_year, team_sum
from kpi_core.reports.months.number_months import NumberMonth, TwoCounts
from kpi_core.web.templates import Templates

TEMPLATES = Templates(Path(__file__).with_name("templates"))
UNSORTED_NAMED = 6
SAVE_MARK = "plan-save"
Row = dict[str, Any]


@cache
def style() -> str:
    """The style sheet, sent along with each piece of HTML."""
    return Path(__file__).with_name("printed.css").read_text(encoding="utf-8")


def _colors() -> str:
    palette = PALETTES["both"]
    return (
        f"color:{palette.ink};--quiet:{palette.quiet};--line:{palette.line};"
        f"--accent:{palette.tone(Status.ON_PLAN)};--alarm:{palette.tone(Status.CRISIS)}"
    )


def _render(template: str, **values: Any) -> str:
    return TEMPLATES.render(template, style=style(), colors=_colors(), **values)


def goal(plan: Plan, words: Words) -> str:
    """The KGI with number and deadline, and the CSF."""
    kgi, formats = plan.kgi, Formats(words.language)
    per = {GoalPer.MONTH: "plan_page.per_month", GoalPer.YEAR: "plan_page.per_year"}
    shown_by = plan.indicator(kgi.indicator) if kgi.indicator else None
    note = words("plan_page.by_day", day=formats.full_day(kgi.deadline))
    facts = [(words("board.csf"), words.localize(plan.csf))]
    if shown_by is not None:
        facts.append((words("plan_text.field_indicator"), words.localize(shown_by.name)))
    return _render(
        "view_facts.html",
        name=words.localize(kgi.name),
        figure=narrative.with_unit(formats.stated(kgi.target), words.localize(kgi.unit), words),
        note=f"{words(per[kgi.per])} {note}" if kgi.per else note,
        facts=facts,
        empty="",
    )


def number(plan: Plan, words: Words) -> str:
    """Each KPI: what it is, why, and which decision it drives; the reason for a second."""
    return "".join(_number(plan, kpi, words) for kpi in plan.kpi) + _second(plan, words)


def _number(plan: Plan, kpi: Indicator, words: Words) -> str:
    facts = [
        (words("plan_text.field_why"), words.localize(kpi.why)),
        (words("plan_text.field_decision"), words.localize(kpi.decision)),
        (words("plan_page.counts"), plan_text.counted(kpi.model_dump(by_alias=True), words)),
        (words("plan_text.field_owner"), words.localize(kpi.owner)),
    ]
    return _render(
        "view_facts.html",
        name=words.localize(kpi.name),
        figure="",
        note="",
        facts=facts,
        empty=words("plan_page.not_written"),
    )


def _second(plan: Plan, words: Words) -> str:
    if plan.reason_for_second_kpi is None:
        return ""
    facts = [(words("plan_text.part_reason_for_second_kpi"), plan.reason_for_second_kpi)]
    return _render("view_facts.html", name="", figure="", note="", facts=facts, empty="")


def targets(plan: Plan, today: date, words: Words) -> str:
    """Each KPI's twelve months with the sums of quarters and the year."""
    return "".join(_targets(plan, kpi, today, words) for kpi in plan.kpi)


def _targets(plan: Plan, kpi: Indicator, today: date, words: Words) -> str:
    year, formats = fiscal_year(plan, kpi, today), Formats(words.language)
    names = get_month_names("abbreviated", locale=words.language.value)

    def figure(value: float | None) -> str:
        if value is None:
            return "–"
        return formats.stated_percent(value) if kpi.is_ratio else formats.stated(value)

    quarters = [
        {
            "label": words("plan_page.quarter", number=quarter.number),
            "total": "" if quarter.total is None else figure(quarter.total),
            "months": [
                {
                    "name": names[each.month.number],
                    "target": figure(each.target),
                    "is_running": each.is_running,
                }
                for each in quarter.months
            ],
        }
        for quarter in year.quarters
    ]
    first, last = (formats.month(year.months[at].month) for at in (0, -1))
    unit = words.localize(kpi.unit)
    total = "" if year.total is None else narrative.with_unit(figure(year.total), unit, words)
    return _render(
        "view_targets.html",
        name=words.localize(kpi.name) if len(plan.kpi) > 1 else "",
        label=words("plan_page.year", first=first, last=last),
        quarters=quarters,
        total=total,
        total_label=words("plan_page.year", first=first, last=last),
        notes=list(_target_notes(plan, kpi, today, words)),
    )


def _target_notes(plan: Plan, kpi: Indicator, today: date, words: Words) -> Iterator[str]:
    formats = Formats(words.language)
    for month in fiscal_year(plan, kpi, today).months:
        for day, target in month.changes:
            day_text, target_text = formats.full_day(day), formats.stated(target)
            yield words("plan_page.changes_on", day=day_text, target=target_text)
    running = plan.work_calendar.month_of(today)
    teams = team_sum(plan, kpi, running)
    if teams is None:
        return
    listed = words("plan_text.and").join(
        f"{name} {formats.stated(target)}" for name, target in teams.teams
    )
    yield words("plan_page.teams", month=formats.month(running), teams=listed)
    if teams.gap:
        key = "plan_page.teams_short" if teams.gap > 0 else "plan_page.teams_over"
        total, gap = formats.stated(teams.total), formats.stated(abs(teams.gap))
        yield words(key, total=total, gap=gap)


def days(plan: Plan, words: Words) -> str:
    """Which days are worked, and when months and the fiscal year begin."""
    stated, formats = plan.calendar, Formats(words.language)
    locale = Locale(words.language.value)
    country = words("plan_page.no_holidays")
    if stated.country != NO_COUNTRY:
        country = locale.territories.get(stated.country, stated.country)
    closing = words("plan_page.closing_end")
    if stated.closing_day is not None:
        closing = words("plan_page.closing_day", day=stated.closing_day)
    start = get_month_names("wide", locale=locale)[stated.fiscal_year_start]
    off = words("plan_text.and").join(formats.full_day(day) for day in sorted(stated.days_off))
    weekend = words("plan_text.and").join(words(f"plan_text.day_{each}") for each in stated.weekend)
    hours = f"{stated.work_from:%H:%M}–{stated.work_to:%H:%M} ({stated.zone})"
    facts = [
        (words("plan_text.field_country"), country),
        (words("plan_page.month_ends"), closing),
        (words("plan_page.year_starts"), start),
        (words("plan_text.field_weekend"), weekend),
        (words("plan_text.field_days_off"), off),
        (words("plan_page.hours"), hours),
    ]
    none = words("plan_page.none")
    return _render("view_facts.html", name="", figure="", note="", facts=facts, empty=none)


def rules(plan: Plan, board: BoardReport | None, words: Words) -> str:
    """The month's checkpoints, the alert levels, and what was agreed for each occasion."""
    formats, levels = Formats(words.language), plan.levels
    kpi = None if board is None else board.kpi
    month = "" if kpi is None else formats.month(kpi.moment.month)
    attention, warning = (
        formats.stated_percent(each) for each in (levels.attention, levels.warning)
    )
    heads = ("", "plan_page.due_on", "plan_page.due_share", "plan_page.due", "plan_page.reached")
    text = words("plan_page.levels_text", attention=attention, warning=warning)
    agreed = [
        {
            "when": plan_text.occasion(rule.when.value, words),
            "do": [words.localize(each) for each in rule.do],
            "owner": _owner(rule.owner, words),
        }
        for rule in plan.rules
    ]
    return _render(
        "view_rules.html",
        checkpoints=[] if kpi is None else [_stamp(each, kpi, words) for each in kpi.stamps],
        checkpoints_title=words("plan_page.checkpoints", month=month),
        heads=[words(head) if head else "" for head in heads],
        facts=[(words("plan_text.part_levels"), text)],
        rules=agreed,
        empty=words("plan_page.no_rules"),
    )


def _stamp(stamp: Stamp, kpi: KpiReport, words: Words) -> Row:
    formats = Formats(words.language)
    is_known = stamp.passed is not None
    note = words("plan_page.passed" if stamp.passed else "plan_page.missed") if is_known else ""
    return {
        "name": narrative.week_name(stamp, words),
        "day": formats.day(stamp.on),
        "share": formats.stated_percent(stamp.share),
        "needed": "–" if stamp.needed is None else narrative.needed_figure(stamp, kpi, words),
        "reached": narrative.reached_figure(stamp, kpi, words) if is_known else "",
        "note": note,
        "sign": "kv-quiet" if stamp.passed else "kv-miss",
    }


def _owner(owner: Text | None, words: Words) -> str:
    if owner is None:
        return words("plan_page.no_owner")
    return words("board.rule_owner", owner=words.localize(owner))


def others(plan: Plan, unsorted: Sequence[Countable], words: Words) -> str:
    """Management indicators, actions with their minimum, and the numbers that are not sorted."""
    formats = Formats(words.language)
    indicators = [
        (
            words.localize(each.name),
            plan_text.counted(each.model_dump(by_alias=True), words),
            words.localize(each.owner),
        )
        for each in plan.indicators
    ]
    actions = []
    for action in plan.actions:
        unit = words.localize(action.unit)
        minimum = narrative.with_unit(formats.stated(action.minimum), unit, words)
        text = words(f"plan_page.at_least_{action.per}", minimum=minimum)
        actions.append((words.localize(action.name), text, words.localize(action.owner)))
    names = [words.localize(each.name) for each in unsorted]
    listed = words("plan_text.and").join(names[:UNSORTED_NAMED])
    if len(names) > UNSORTED_NAMED:
        listed += words("board.more")
    return _render(
        "view_lists.html",
        lists=[
            (words("plan_page.actions"), actions, words("plan_page.no_actions")),
            (words("plan_page.indicators"), indicators, words("plan_page.no_indicators")),
        ],
        unsorted=words("plan_page.unsorted", names=listed) if names else "",
    )


def definition(plan: Plan, months: Sequence[NumberMonth], words: Words) -> str:
    """What each KPI means, who agreed to it, and its closed months with their breaks."""
    pieces = [_definition(plan, kpi, words) for kpi in plan.kpi]
    if months:
        pieces.append(_months(plan.kpi[0], months, words))
    return "".join(pieces)


def _definition(plan: Plan, kpi: Indicator, words: Words) -> str:
    meant, formats = kpi.definition, Formats(words.language)
    stated = kpi.model_dump(by_alias=True, exclude_none=True)
    where = [plan_text.condition(each, words) for each in stated.get("where", ())]
    by = words("plan_text.and").join(words.localize(each) for each in meant.agreed_by)
    if by and meant.agreed_on is not None:
        day = formats.full_day(meant.agreed_on)
        by = words("plan_page.agreed", by=by, day=day)
    facts = [
        (words("plan_text.field_text"), words.localize(meant.text)),
        (words("plan_page.counts"), plan_text.counted(stated, words)),
        (words("plan_text.field_where"), words("plan_text.condition_gap").join(where)),
        (words("plan_text.field_agreed_by"), by),
    ]
    return _render(
        "view_facts.html",
        name=words("plan_page.definition_of", name=words.localize(kpi.name), version=meant.version),
        figure="",
        note="",
        facts=facts,
        empty=words("plan_page.none"),
    )


def _months(kpi: Indicator, months: Sequence[NumberMonth], words: Words) -> str:
    formats = Formats(words.language)

    def figure(value: float | None) -> str:
        if value is None:
            return "–"
        return formats.percent(value, 1) if kpi.is_ratio else formats.short(value)

    rows = [
        {
            "cells": [
                formats.month(each.month),
                figure(each.value),
                figure(each.target),
                words(f"status.{each.status}"),
            ],
            "is_break": each.is_break,
            "badge": words("plan_page.break", version=each.version) if each.is_break else "",
            "wraps": False,
        }
        for each in months
    ]
    heads = ("plan_page.month", "plan_page.value", "plan_text.field_target", "plan_page.status")
    notes = [words("plan_page.break_note")] if any(each.is_break for each in months) else []
    return _render(
        "view_table.html",
        title=words("plan_page.closed_months", name=words.localize(kpi.name)),
        heads=[words(head) for head in heads],
        rows=rows,
        notes=notes,
        wraps=False,
    )


def two_counts(found: Sequence[TwoCounts], before: int, after: int, words: Words) -> str:
    """The closed months under the old and the new definition."""
    formats = Formats(words.language)
    rows = [
        {
            "cells": [
                formats.month(each.month), formats.short(each.before), formats.short(each.after),
            ],
            "is_break": False,
            "badge": "",
            "wraps": False,
        }
        for each in found
    ]  # fmt: skip
    return _render(
        "view_table.html",
        title=words("plan_page.two_counts"),
        heads=[
            words("plan_page.month"),
            words("plan_page.version_now", version=before),
            words("plan_page.version_new", version=after),
        ],
        rows=rows,
        notes=[],
        wraps=False,
    )


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = (), title: str = ""
) -> str:
    """Rows of text that wraps."""
    found = [{"cells": row, "is_break": False, "badge": "", "wraps": True} for row in rows]
    return _render("view_table.html", title=title, heads=heads, rows=found, notes=notes, wraps=True)


def months_listed(months: Sequence[Month], words: Words) -> str:
    """Months in order, each year named once: `Nov, Dec 2025; Jan 2026`."""
    names = get_month_names("abbreviated", locale=words.language.value)
    by_year = groupby(months, key=lambda month: month.year)
    return words("plan_page.year_gap").join(
        words(
            "plan_page.months_of_year",
            year=year,
            months=words("plan_text.and").join(names[each.number] for each in found),
        )
        for year, found in by_year
    )


def way_to_save(words: Words) -> str:
    """The way down to where a change is saved."""
    return _render("view_way.html", mark=SAVE_MARK, text=words("plan_page.to_save"))


def save_mark() -> str:
    """Where that way ends."""
    return _render("view_mark.html", mark=SAVE_MARK)


def climbs(plan: Plan) -> bool:
    """Whether the plan's first KPI has checkpoints."""
    return plan.grows(plan.kpi[0]) and plan.kpi[0].direction is Direction.UP


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], found: Sequence[Any], words: Words
) -> str:
    """What differs between two documents, each place on its line."""
    lines = [plan_text.changed(each, before, after, words) for each in found]
    heads = ("", words("plan_page.before"), words("plan_page.after"))
    return table(heads, [(line.place, line.before or "–", line.after or "–") for line in lines])
