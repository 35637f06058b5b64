"""The reports that pages draw, loaded once per data version and minute for all visitors."""

from datetime import date, datetime

import streamlit as st

from kpi_core.charts.spec import Spec, spec_of
from kpi_core.charts.track import track_chart
from kpi_core.charts.trend import trend_chart
from kpi_core.domain.period import Month
from kpi_core.domain.stage import Stage
from kpi_core.evaluation.forecast_basis import ForecastBasis
from kpi_core.i18n.catalog import Language, Words
from kpi_core.plans.document import Plan
from kpi_core.plans.document_values import Text
from kpi_core.plans.parse import read_plan
from kpi_core.plans.revisions import load_plan
from kpi_core.plans.starter_plans import starters
from kpi_core.records.ledger import ImportRecord
from kpi_core.reports import countable, plan_text
from kpi_core.reports.board import BoardReport, board_report, forecast_report, management_report
from kpi_core.reports.countable import Countable, Preview
from kpi_core.reports.indicators import IndicatorReport
from kpi_core.reports.months.number_months import NumberMonth
from kpi_core.reports.months.number_months import number_months as months_of_number
from kpi_core.reports.plans import PlanChoice, plan_choices, readable_plan
from pages import _runtime

KEPT = 256
"""Reports kept at most; the oldest go first."""


def board(version: int, plan: str, month: Month | None) -> BoardReport:
    """The board of a plan; `month` None is the month that the data have come to."""
    rebuilding = _runtime.store().rebuilding is not None
    return _board(version, rebuilding, minute(), plan, month)


def management(version: int, plan: str, month: Month | None) -> tuple[IndicatorReport, ...]:
    """The management indicators beside that board."""
    return _management(version, minute(), plan, month)


def forecast(version: int, plan: str, month: Month | None) -> ForecastBasis | None:
    """What that board's forecast goes by."""
    return _forecast(version, minute(), plan, month)


def track(version: int, plan: str, month: Month | None, language: Language) -> Spec:
    """The board's track, drawn."""
    return _track(version, minute(), plan, month, language)


def trends(version: int, plan: str, month: Month | None) -> dict[str, Spec]:
    """The management indicators' weeks, drawn, by the indicators' ids."""
    return _trends(version, minute(), plan, month)


def minute() -> datetime:
    """Now, to the minute: all who look within it see the same report."""
    return _runtime.now().replace(second=0, microsecond=0)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _board(
    version: int, rebuilding: bool, now: datetime, plan: str, month: Month | None
) -> BoardReport:
    return board_report(_runtime.store(), plan, now=now, month=month)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _management(
    version: int, now: datetime, plan: str, month: Month | None
) -> tuple[IndicatorReport, ...]:
    return management_report(_runtime.store(), plan, now=now, month=month)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _forecast(version: int, now: datetime, plan: str, month: Month | None) -> ForecastBasis | None:
    return forecast_report(_runtime.store(), plan, now=now, month=month)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _track(
    version: int,
    now: datetime,
    plan: str,
    month: Month | None,
    language: Language,
) -> Spec:
    return spec_of(track_chart(_board(version, False, now, plan, month).kpi, Words(language)))


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _trends(version: int, now: datetime, plan: str, month: Month | None) -> dict[str, Spec]:
    reports = _management(version, now, plan, month)
    charts = {report.id: trend_chart(report) for report in reports}
    return {name: spec_of(chart) for name, chart in charts.items() if chart is not None}


@st.cache_resource(show_spinner=False, max_entries=4)
def is_empty(version: int) -> bool:
    """No fact stands."""
    return _runtime.store().is_empty()


@st.cache_resource(show_spinner=False, max_entries=4)
def holds_demo(version: int) -> bool:
    """Something of the demo stands."""
    return _runtime.store().holds_demo()


@st.cache_resource(show_spinner=False, max_entries=4)
def plans(version: int) -> tuple[PlanChoice, ...]:
    """The plans to choose from, in the order they were loaded."""
    return plan_choices(_runtime.store(), Month.of(minute().date()))


def unsorted(plan: Plan) -> tuple[Countable, ...]:
    """What the data count and a plan says nothing of."""
    return countable.unsorted(countables(_version()), plan.tallies(), plan.not_ours)


def number_months(plan_id: str) -> tuple[NumberMonth, ...]:
    """The newest closed months of a plan's first KPI, with the breaks of its definition."""
    return _number_months(_version(), minute(), plan_id)


@st.cache_resource(show_spinner=False, max_entries=32)
def _number_months(version: int, now: datetime, plan_id: str) -> tuple[NumberMonth, ...]:
    return months_of_number(_runtime.store(), plan_id, now=now)


def plan(plan_id: str, month: Month) -> Plan:
    """The plan in force in a month; UnreadablePlan where its text cannot be read."""
    return readable_plan(_runtime.store().records.revisions(plan_id), month)


def _version() -> int:
    return _runtime.store().data_version()


def ledger(version: int) -> tuple[ImportRecord, ...]:
    """All imports, newest first."""
    return _ledger(version)


@st.cache_resource(show_spinner=False, max_entries=2)
def _ledger(version: int) -> tuple[ImportRecord, ...]:
    return _runtime.store().imports()


def sources() -> tuple[str, ...]:
    """Whose data stand, by name, the demo's left out."""
    records = _ledger(_runtime.store().data_version())
    return tuple(sorted({each.source for each in records if each.is_current and not each.demo}))


@st.cache_resource(show_spinner=False, max_entries=2)
def imported(version: int) -> tuple[tuple[str, ...], datetime | None]:
    """What the imports tell of, stages first and in their order, and up to when; None for nothing.

    Stages, activities and measures by their names in the store.
    """
    known = _runtime.store().coverage().known
    place = {stage.value: place for place, stage in enumerate(Stage)}
    names = sorted({name for _, name in known}, key=lambda name: (place.get(name, 99), name))
    moments = [through for by_source in known.values() for through in by_source.values()]
    return tuple(names), max(moments, default=None)


def countables(version: int) -> tuple[Countable, ...]:
    """All that the store can count, with its closed months."""
    return _countables(version, minute().date())


@st.cache_resource(show_spinner=False, max_entries=2)
def _countables(version: int, _day: date) -> tuple[Countable, ...]:
    return countable.countables(_runtime.store(), now=minute())


def kpi_countable(version: int, text: str) -> Countable | None:
    """The KPI of a plan's text with its closed months."""
    return _kpi_countable(version, minute().date(), text)


@st.cache_resource(show_spinner=False, max_entries=8)
def _kpi_countable(version: int, _day: date, text: str) -> Countable | None:
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        return None
    return countable.countable_of(_runtime.store(), plan.kpi[0], now=minute())


@st.cache_resource(show_spinner=False, max_entries=2)
def starter_names(version: int) -> dict[str, Text]:
    """The plans that ship, by id, with their names.

    Those made for a source at hand come first, then those for whose KPI there are data.
    """
    sources = {record.source for record in _ledger(version) if record.is_current}
    through = _runtime.store().coverage().through
    read = {key: read_plan(text) for key, text in starters().items()}
    plans = {key: plan for key, plan in read.items() if isinstance(plan, Plan)}

    def less_likely(key: str) -> tuple[bool, bool]:
        plan = plans[key]
        return not sources & _sources(plan), through(plan.tallies_of(plan.kpi[0])) is None

    return {key: plans[key].name for key in sorted(plans, key=less_likely)}


@st.cache_resource(show_spinner=False, max_entries=16)
def _preview(version: int, _day: date, starter: str) -> Preview | None:
    plan = read_plan(starters()[starter])
    if not isinstance(plan, Plan):
        return None
    return countable.preview(_runtime.store(), plan, now=minute())


def starter_says(version: int, starter: str, words: Words) -> str:
    """What a starter counts and needs, and what it would count in the data at hand."""
    found = _preview(version, minute().date(), starter)
    return "" if found is None else plan_text.would_count(found, words)


def _sources(plan: Plan) -> set[str]:
    return {tally.source for tally in plan.tallies() if tally.source}


def begin_with(starter: str, *, who: str) -> None:
    """Load one of the plans that ship."""
    load_plan(
        _runtime.store(),
        starters()[starter],
        who=who,
        why="",
        effective_from=None,
        now=_runtime.app().wall_clock(),
    )
