"""How much a month: the same for all, by last year's season, or each as typed."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kpi_core.analysis.working_back import by_season
from kpi_core.domain.period import Month
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import GoalPer, Plan
from kpi_core.plans.working_days import Calendar
from kpi_core.reports import narrative
from kpi_core.reports.goal import Suggestion, suggested_target
from pages import _runtime
from pages._plan import fields, goal, html, number, teams
from pages._plan.draft import FIELD, Draft

PATH = ("kpi", "targets")
SAME, SEASON, TYPED = "same", "season", "typed"
MODE = "targets_mode"
TURNED = "targets_turned"
"""In a draft's progress: how many months the strip was turned, negative for earlier ones."""
YEAR = 12


def draw(draft: Draft, words: Words) -> None:
    """The suggestion, the twelve months with their sums, and the teams' parts."""
    _suggestion(draft, words)
    mode = _mode(draft, words)
    if mode == SAME:
        fields.number(
            draft,
            (*PATH, "default"),
            words("plan_edit.target_default"),
            on_change=_only_default,
            args=(draft,),
            width=180,
        )
    else:
        if mode == SEASON:
            _season(draft, words)
        _months(draft, words)
    _sums(draft, words)
    if not draft.is_new:
        _from_a_day(draft, words)
    teams.draw(draft, words)
    with st.container(horizontal=True):
        fields.day(draft, ("review_on",), words("plan_edit.review_on"), width=220)


def missing(draft: Draft, words: Words) -> list[str]:
    """Why the targets cannot be left as they are, in sentences."""
    return [] if draft.get(*PATH) else [words("plan_edit.target_missing")]


def running_month(draft: Draft) -> Month:
    """The month of today by the draft's calendar."""
    plan = draft.read()
    calendar = plan.work_calendar if isinstance(plan, Plan) else Calendar().work_calendar()
    return calendar.month_of(calendar.local(_runtime.now()).date())


def months_of(draft: Draft) -> list[Month]:
    """The twelve months from the running one on, or so many earlier as was turned back."""
    first = running_month(draft).plus(int(draft.progress.get(TURNED, 0)))
    return [first.plus(n) for n in range(YEAR)]


def target_of(draft: Draft, month: Month) -> float | None:
    """A month's target as it is written: its own, or that of all; None without one."""
    targets = draft.get(*PATH) or {}
    value = targets.get(str(month), targets.get("default"))
    return float(value) if isinstance(value, int | float) else None


def _suggestion(draft: Draft, words: Words) -> None:
    found = suggestion(draft)
    kpi, shown = number.kpi_countable(draft), goal.countable_of(draft)
    if found is None or kpi is None or shown is None:
        st.caption(words("plan_edit.no_suggestion"))
        return
    formats = Formats(words.language)
    needed = formats.number(found.needed.value)
    unit = words.localize(shown.unit) or words.localize(shown.name)
    goal_text = narrative.with_unit(formats.stated(found.goal), unit, words)
    name = words.localize(kpi.name)
    if found.so_far is not None:
        st.markdown(
            words(
                "plan_edit.left_of_year",
                so_far=formats.number(found.so_far),
                months=found.months_left,
                goal=goal_text,
            )
        )
    if kpi.key == shown.key:
        sentence = words("plan_edit.suggestion_same", needed=needed, kpi_name=name)
    else:
        sentence = words(
            "plan_edit.suggestion",
            goal=goal_text,
            needed=needed,
            kpi_name=name,
            months=found.needed.months,
        )
    reached = words("plan_edit.reached_in", reached=found.reached, known=found.known, needed=needed)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{sentence} {reached}")
        st.button(
            words("plan_edit.use_target", target=needed),
            key=f"{FIELD}use_suggestion",
            on_click=_use,
            args=(draft, float(found.needed.value)),
        )


def suggestion(draft: Draft) -> Suggestion | None:
    """What the KPI must be each month; None where it cannot be worked out."""
    kpi, shown = number.kpi_countable(draft), goal.countable_of(draft)
    target, deadline = draft.get("kgi", "target"), draft.get("kgi", "deadline")
    if kpi is None or shown is None or not target or not isinstance(deadline, date):
        return None
    per = GoalPer(draft.get("kgi", "per") or GoalPer.MONTH)
    return suggested_target(float(target), per, deadline, shown, kpi)


def _use(draft: Draft, target: float) -> None:
    draft.progress[MODE] = SAME
    document = {**draft.document, "kpi": {**draft.document["kpi"], "targets": {"default": target}}}
    draft.replace(document)


def _mode(draft: Draft, words: Words) -> str:
    targets = draft.get(*PATH) or {}
    known = TYPED if any(key != "default" for key in targets) else SAME
    key = fields.key_of(draft, (MODE,))
    st.session_state.setdefault(key, draft.progress.get(MODE, known))
    chosen = st.segmented_control(
        words("plan_edit.target_mode"),
        [SAME, SEASON, TYPED],
        format_func=lambda each: words(f"plan_edit.target_{each}"),
        key=key,
        required=True,
        on_change=lambda: draft.set_progress(MODE, st.session_state[key]),
    )
    return str(chosen)


def _only_default(draft: Draft) -> None:
    """One target for all takes the place of those of single months."""
    value = st.session_state[fields.key_of(draft, (*PATH, "default"))]
    draft.set(PATH, None if value is None else {"default": float(value)})


def _season(draft: Draft, words: Words) -> None:
    """A year's total spread over the months as last year's was."""
    kpi = number.kpi_countable(draft)
    months = months_of(draft)
    last_year = _last_year(months, {} if kpi is None else {m.month: m.value for m in kpi.months})
    if last_year is None:
        st.caption(words("plan_edit.no_season"))
        return
    key = fields.key_of(draft, ("season_total",))
    known = sum(target_of(draft, month) or 0.0 for month in months)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        total = st.number_input(
            words("plan_edit.season_total"),
            value=fields.begin(key, known or None),
            min_value=0.0,
            max_value=fields.LARGEST,
            step=1.0,
            format="%.0f",
            key=key,
            width=180,
        )
        st.button(
            words("plan_edit.spread"),
            disabled=not total,
            key=f"{FIELD}spread",
            on_click=_spread,
            args=(draft, months, float(total or 0), last_year),
        )


def _last_year(months: list[Month], values: dict[Month, float | None]) -> list[float] | None:
    """What the same months of the year before brought; None where any is not known."""
    found = [values.get(month.plus(-YEAR)) for month in months]
    known = [value for value in found if value is not None]
    return known if len(known) == YEAR else None


def _spread(draft: Draft, months: list[Month], total: float, last_year: list[float]) -> None:
    parts = by_season(total, last_year)
    draft.progress[MODE] = SEASON
    targets = dict(zip(map(str, months), parts, strict=True))
    before = draft.get(*PATH) or {}
    if "default" in before:
        targets["default"] = before["default"]
    draft.replace({**draft.document, "kpi": {**draft.document["kpi"], "targets": targets}})


def _months(draft: Draft, words: Words) -> None:
    formats = Formats(words.language)
    default = (draft.get(*PATH) or {}).get("default")
    placeholder = "" if default is None else formats.stated(float(default))
    with st.container(horizontal=True):
        for month in months_of(draft):
            fields.number(
                draft,
                (*PATH, str(month)),
                formats.month(month),
                placeholder=placeholder,
                width=140,
            )
    with st.container(horizontal=True):
        for months, label in ((-YEAR, "plan_edit.earlier"), (YEAR, "plan_edit.later")):
            st.button(
                words(label),
                type="tertiary",
                key=f"{FIELD}turn_{months}",
                on_click=_turn,
                args=(draft, months),
            )


def _turn(draft: Draft, months: int) -> None:
    draft.set_progress(TURNED, int(draft.progress.get(TURNED, 0)) + months)


def _sums(draft: Draft, words: Words) -> None:
    """Each quarter of the fiscal year and the year, as far as the twelve months reach."""
    formats = Formats(words.language)
    begins = draft.get("calendar", "fiscal_year_start") or Calendar().fiscal_year_start
    quarters: dict[tuple[int, int], list[float]] = {}
    for month in months_of(draft):
        target = target_of(draft, month)
        if target is None:
            return
        place = (month.number - begins) % YEAR
        year = month.plus(-place).year
        quarters.setdefault((year, place // 3 + 1), []).append(target)
    parts = [
        (words("plan_edit.quarter", number=quarter, year=year), formats.number(sum(values)))
        for (year, quarter), values in quarters.items()
        if len(values) == 3
    ]
    total = sum(sum(values) for values in quarters.values())
    st.html(html.sums([*parts, (words("plan_edit.twelve_months"), formats.number(total))]))


def _from_a_day(draft: Draft, words: Words) -> None:
    """A target of the running month that changes from a day on."""
    month = running_month(draft)
    plan = draft.read()
    if not isinstance(plan, Plan):
        return
    period = plan.work_calendar.period(month)
    with st.expander(words("plan_edit.from_a_day")):
        st.caption(words("plan_edit.from_a_day_text"))
        changes = [
            key
            for key in draft.get(*PATH) or {}
            if len(key) == 10 and date.fromisoformat(key) in period
        ]
        for key in changes:
            day = date.fromisoformat(key)
            fields.number(
                draft,
                (*PATH, key),
                words("plan_edit.target_from", day=Formats(words.language).day(day)),
                width=220,
            )
        today = min(max(plan.work_calendar.local(_runtime.now()).date(), period.first), period.last)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            day = st.date_input(
                words("plan_edit.from_which_day"),
                today,
                min_value=period.first,
                max_value=period.last,
                format="YYYY-MM-DD",
                key=f"{FIELD}from_day",
                width=180,
            )
            target = st.number_input(
                words("plan_edit.target"),
                value=None,
                min_value=0.0,
                max_value=fields.LARGEST,
                step=1.0,
                format="%.0f",
                key=f"{FIELD}from_target",
                width=180,
            )
            st.button(
                words("plan_edit.add"),
                key=f"{FIELD}from_add",
                disabled=target is None,
                on_click=fields.show,
                args=(draft, (*PATH, f"{day}"), target),
            )
