"""The plan on one sheet of paper, in words: for the meeting that agrees to it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kpi_core.domain.period import Month
from kpi_core.domain.status import Direction, Status
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats, Rounding
from kpi_core.plans.actions import Occasion, Rule
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.indicators import Indicator
from kpi_core.plans.targets import target_on
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.kpi import Stamp
from kpi_core.reports.narrative import ERROR, Fact, week_name, with_unit
from kpi_core.reports.target_table import TargetTable, TeamRow, YearRow

LONGEST_REASON = 400
"""A revision's reason may be longer than any text of a plan: its first characters are shown."""
_BY_PAGE = "page"
"""How the pages sign what they save."""


@dataclass(frozen=True)
class Item:
    """An entry of a list. `note` stands smaller below the name; each text may be empty."""

    name: str
    text: str = ""
    owner: str = ""
    note: str = ""


@dataclass(frozen=True)
class KpiPart:
    """One KPI: the running month's target, what was agreed about it, and its targets."""

    name: str
    figure: str
    note: str
    owner: str
    facts: tuple[Fact, ...]
    targets: str
    years: tuple[YearRow, ...]
    teams_title: str
    teams: tuple[TeamRow, ...]


@dataclass(frozen=True)
class CheckpointRow:
    """A checkpoint of the running month; `due` has the value of each KPI that climbs."""

    name: str
    day: str
    share: str
    due: tuple[str, ...]


@dataclass(frozen=True)
class RuleRow:
    """What was agreed for a case. `status` names the level's colour and shape, where it is one."""

    case: str
    note: str
    status: str
    shape: str
    do: tuple[str, ...]
    owner: str


@dataclass(frozen=True)
class PlanSheet:
    """Everything on the sheet, in the words of one language."""

    language: str
    kind: str
    name: str
    month: str
    goal: Item
    csf: str
    kpis: tuple[KpiPart, ...]
    reason_for_second: Fact
    actions: tuple[Item, ...]
    heads: tuple[str, ...]
    due_heads: tuple[str, ...]
    working_days: str
    checkpoints: tuple[CheckpointRow, ...]
    rules: tuple[RuleRow, ...]
    indicators: tuple[Item, ...]
    calendar: tuple[Fact, ...]
    review: Fact
    saved: tuple[str, ...]
    labels: dict[str, str]


def plan_sheet(
    plan: Plan, words: Words, *, now: datetime, revisions: Sequence[Revision] = ()
) -> PlanSheet:
    """The sheet of a plan in the month of `now`, which has a zone.

    Where `plan` is the newest of the `revisions`, it says which; each month then has the target
    of the revision in force. A plan that is not is a draft, and holds from the running month on.
    """
    return _Sheet(plan, words, plan.work_calendar.local(now).date(), revisions).report()


class _Sheet:
    def __init__(
        self, plan: Plan, words: Words, today: date, revisions: Sequence[Revision]
    ) -> None:
        self.plan, self.words, self.formats, self.today = (
            plan,
            words,
            Formats(words.language),
            today,
        )
        self.table = TargetTable(plan, words, today, revisions)
        self.month = self.table.month
        self.period = plan.work_calendar.period(self.month)
        self.climbing = [
            kpi for kpi in plan.kpi if plan.grows(kpi) and kpi.direction is Direction.UP
        ]

    def report(self) -> PlanSheet:
        plan, words = self.plan, self.words
        working = len(self.plan.work_calendar.working_days(self.period))
        reason = words.localize(plan.reason_for_second_kpi)
        return PlanSheet(
            language=words.language.value,
            kind=words("sheet.kind"),
            name=words.localize(plan.name),
            month=self.formats.month(self.month),
            goal=self._goal(),
            csf=words.localize(plan.csf),
            kpis=tuple(self._kpi(each) for each in plan.kpi),
            reason_for_second=Fact(words("sheet.second"), reason),
            actions=tuple(self._actions()),
            heads=tuple(self.table.heads()),
            due_heads=tuple(
                words("sheet.due") if len(plan.kpi) == 1 else words.localize(kpi.name)
                for kpi in self.climbing
            ),
            working_days=words("sheet.working_days", count=working),
            checkpoints=tuple(self._checkpoints()),
            rules=tuple(self._rule(rule) for rule in plan.rules),
            indicators=tuple(self._indicator(each) for each in plan.indicators),
            calendar=tuple(self._calendar()),
            review=self._review(),
            saved=tuple(self._saved()),
            labels=self._labels(),
        )

    def _labels(self) -> dict[str, str]:
        words = self.words
        return {
            "kgi": words("board.kgi"),
            "csf": words("board.csf"),
            "kpi": words("board.kpi"),
            "kai": words("board.kai"),
            "checkpoints": words("sheet.checkpoints", month=self.formats.month(self.month)),
            "no_checkpoints": words("sheet.no_checkpoints"),
            "rules": words("sheet.rules"),
            "rules_none": words("sheet.rules_none"),
            "indicators": words("sheet.indicators"),
            "indicators_note": words("sheet.indicators_note"),
            "indicators_none": words("sheet.indicators_none"),
            "actions_none": words("sheet.actions_none"),
            "calendar": words("sheet.calendar"),
            "share": words("sheet.share"),
            "month": self.formats.month_name(self.month),
            "year": words("sheet.year_sum"),
            "more": words("sheet.more", count="#"),
        }

    # --- the chain ---

    def _goal(self) -> Item:
        kgi, words = self.plan.kgi, self.words
        figure = with_unit(self.formats.stated(kgi.target), words.localize(kgi.unit), words)
        per = "" if kgi.per is None else words(f"sheet.per_{kgi.per}")
        day = self.formats.full_day(kgi.deadline)
        return Item(words.localize(kgi.name), figure, note=words("sheet.by", day=day), owner=per)

    def _actions(self) -> Iterator[Item]:
        for action in self.plan.actions:
            unit = self.words.localize(action.unit)
            minimum = with_unit(self.formats.stated(action.minimum), unit, self.words)
            text = self.words(f"sheet.minimum_{action.per}", minimum=minimum)
            yield Item(self.words.localize(action.name), text, self._owner(action.owner))

    def _owner(self, owner: Text | None) -> str:
        name = self.words.localize(owner) or self.words("board.no_owner")
        return self.words("board.rule_owner", owner=name)

    # --- the KPI ---

    def _kpi(self, kpi: Indicator) -> KpiPart:
        words, name = self.words, self.words.localize(kpi.name)
        unit = words.localize(kpi.unit)
        is_down = kpi.direction is Direction.DOWN
        target = self.table.target(kpi, self.month)
        month = self.formats.month(self.month)
        note = words("sheet.month_ceiling" if is_down else "sheet.month_target", month=month)
        figure = with_unit(self.table.figure(kpi, target), unit, words)
        teams = kpi.teams
        return KpiPart(
            name=name,
            figure=words("sheet.no_target") if target is None else figure,
            note="" if target is None else note,
            owner=self._owner(kpi.owner),
            facts=tuple(self._agreed(kpi)),
            targets=words("sheet.of_unit", name=name, unit=unit) if unit else name,
            years=tuple(self.table.years(kpi)),
            teams_title="" if teams is None else words(f"sheet.teams_{teams.by}"),
            teams=tuple(self.table.teams(kpi)),
        )

    def _agreed(self, kpi: Indicator) -> Iterator[Fact]:
        words, meant = self.words, kpi.definition
        if kpi.why is not None:
            yield Fact(words("sheet.why"), words.localize(kpi.why))
        if kpi.decision is not None:
            yield Fact(words("sheet.decision"), words.localize(kpi.decision))
        if meant.text is not None:
            label = words("sheet.definition", version=meant.version)
            yield Fact(label, words.localize(meant.text))
        by = words("board.and").join(words.localize(name) for name in meant.agreed_by)
        day = "" if meant.agreed_on is None else self.formats.full_day(meant.agreed_on)
        if by and day:
            by = words("sheet.agreed_by", by=by, day=day)
        if by or day:
            yield Fact(words("sheet.agreed"), by or day)

    # --- the month, and what was agreed for it ---

    def _checkpoints(self) -> Iterator[CheckpointRow]:
        if not self.climbing:
            return
        for each in self.plan.lines_of(self.month).checkpoints:
            share = 1.0 if each.is_end else each.share
            stamp = Stamp(each.number, each.of, each.on, share, None, None, None, None)
            due = []
            for kpi in self.climbing:
                target = target_on(kpi.targets, self.month, self.period, each.on)
                value = None if target is None else share * target
                stated = self.table.figure(kpi, value) if each.is_end else self._least(kpi, value)
                due.append(stated)
            day, percent = self.formats.day(each.on), self.formats.stated_percent(share)
            yield CheckpointRow(week_name(stamp, self.words), day, percent, tuple(due))

    def _least(self, kpi: Indicator, value: float | None) -> str:
        """What is due, rounded up: of whole things a whole number."""
        if value is not None and kpi.is_whole:
            value = float(math.ceil(value - ERROR))
        return self.formats.short(value, rounding=Rounding.UP)

    def _rule(self, rule: Rule) -> RuleRow:
        words = self.words
        case, note, status = self._case(rule.when)
        return RuleRow(
            case=case,
            note=note,
            status="" if status is None else status.value,
            shape="" if status is None else status.shape,
            do=tuple(words.localize(each) for each in rule.do),
            owner=self._owner(rule.owner),
        )

    def _case(self, when: Occasion) -> tuple[str, str, Status | None]:
        """The case of a rule in words, the border of a level, and the level."""
        words, is_down = self.words, self.plan.kpi[0].direction is Direction.DOWN
        if when.checkpoint is not None:
            of = len(self.plan.checkpoints.shares)
            stamp = Stamp(when.checkpoint, of, self.today, 0, None, None, None, None)
            return words("sheet.missed", week=week_name(stamp, words)), "", None
        if when is Occasion.MONTH_END:
            return words("sheet.month_over" if is_down else "sheet.month_missed"), "", None
        if when is Occasion.TWO_MONTHS:
            return words("sheet.two_months"), "", Status.CRISIS
        levels = self.plan.alert_levels
        borders = {
            "attention": self.formats.stated_percent(levels.attention),
            "warning": self.formats.stated_percent(levels.warning),
        }
        is_ceiling = is_down and self.plan.grows(self.plan.kpi[0])
        key = f"sheet.ceiling_{when}" if is_ceiling else f"sheet.level_{when}"
        level = Status(when.value)
        return words(f"status.{level}"), words(key, **borders), level

    def _indicator(self, indicator: Indicator) -> Item:
        words = self.words
        target, text = self.table.target(indicator, self.month), ""
        if target is not None:
            unit = words.localize(indicator.unit)
            text = with_unit(self.table.figure(indicator, target), unit, words)
            if indicator.direction is Direction.DOWN:
                text = words("sheet.at_most", target=text)
        name, owner = words.localize(indicator.name), words.localize(indicator.owner)
        return Item(name, text, owner, words.localize(indicator.decision))

    # --- calendar, review, revision ---

    def _calendar(self) -> Iterator[Fact]:
        words, stated, calendar = self.words, self.plan.calendar, self.plan.work_calendar
        country = calendar.country
        none = words("sheet.holidays_none")
        yield Fact(words("sheet.holidays"), self.formats.country(country) if country else none)
        ends = words("sheet.closing_end")
        if calendar.closing_day is not None:
            ends = words("sheet.closing_day", day=calendar.closing_day)
        yield Fact(words("sheet.closing"), ends)
        days = words("board.and").join(self.formats.weekday(n) for n in sorted(calendar.weekend))
        yield Fact(words("sheet.weekend"), days or words("sheet.weekend_none"))
        year = self.table.year
        first, last = calendar.period(year[0]).first, calendar.period(year[-1]).last
        count = sum(first <= day <= last for day in calendar.days_off)
        off = words("sheet.days_off_none")
        if count:
            off = words("sheet.days_off_count", count=count, years=self.table.label(year))
        yield Fact(words("sheet.days_off"), off)
        hours = words(
            "sheet.hours_value",
            start=f"{stated.work_from:%H:%M}",
            end=f"{stated.work_to:%H:%M}",
            zone=stated.zone,
        )
        yield Fact(words("sheet.hours"), hours)
        weeks = words(f"sheet.weeks_{self.plan.checkpoints.weeks}")
        yield Fact(words("sheet.weeks"), weeks)

    def _review(self) -> Fact:
        label, day = self.words("sheet.review"), self.plan.review_on
        if day is None:
            return Fact(label, self.words("sheet.review_none"))
        text = self.formats.full_day(day)
        return Fact(label, self.words("sheet.review_due", day=text) if day <= self.today else text)

    def _saved(self) -> Iterator[str]:
        """The revision, from when on it is in force, and why it was saved."""
        words, saved = self.words, self.table.saved
        if saved is None:
            yield words("sheet.draft")
            return
        who = words("imports.by_page") if saved.who == _BY_PAGE else saved.who
        day = self.formats.full_day(saved.at.date())
        yield words("sheet.saved", revision=saved.revision, who=who, day=day)
        if saved.effective_from is None:
            yield words("sheet.from_start")
        else:
            month = self.formats.month(Month.of(saved.effective_from))
            yield words("sheet.from_month", month=month)
        if saved.why:
            is_long = len(saved.why) > LONGEST_REASON
            yield f"{saved.why[: LONGEST_REASON - 1]}…" if is_long else saved.why
