"""Which days count: country, days off, closing day, fiscal year, weeks."""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays
import streamlit as st
from babel import Locale

from kpi_core.domain.checkpoint import WeekRule
from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.parsing.days_off import read_days_off
from kpi_core.plans.working_days import NO_COUNTRY, Calendar
from pages import _markdown
from pages._plan import fields
from pages._plan.draft import Draft

USUAL = Calendar()
ZONES = (
    "Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai", "Asia/Taipei", "Asia/Singapore", "Asia/Bangkok",
    "Asia/Kolkata", "Australia/Sydney", "Europe/London", "Europe/Paris", "Europe/Berlin",
    "America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "UTC",
)  # fmt: skip
LATEST_CLOSING = 28
MONTH_END = 0
SHOWN = 8


def draw(draft: Draft, words: Words) -> None:
    """The calendar, each part with its usual answer."""
    formats = Formats(words.language)
    names = countries(words.language.value)
    with st.container(horizontal=True):
        fields.choice(
            draft,
            ("calendar", "country"),
            words("plan_edit.country"),
            list(names),
            USUAL.country,
            lambda code: (
                words("plan_edit.no_country") if code == NO_COUNTRY else names.get(code, code)
            ),
            width=240,
        )
        fields.choice(
            draft,
            ("calendar", "zone"),
            words("plan_edit.zone"),
            ZONES,
            USUAL.zone,
            str,
            width=220,
        )
    with st.container(horizontal=True):
        _closing_day(draft, words)
        fields.choice(
            draft,
            ("calendar", "fiscal_year_start"),
            words("plan_edit.fiscal_year"),
            range(1, 13),
            USUAL.fiscal_year_start,
            lambda number: words(f"plan_edit.month_{number}"),
            width=200,
        )
        fields.choice(
            draft,
            ("checkpoints", "weeks"),
            words("plan_edit.weeks"),
            [each.value for each in WeekRule],
            WeekRule.QUARTERS.value,
            lambda each: words(f"plan_edit.weeks_{each}"),
            width=340,
        )
    _days_off(draft, words, formats)


@cache
def countries(language: str) -> dict[str, str]:
    """Countries whose public holidays are known, by code, with their names; "none" first."""
    territories = Locale(language).territories
    codes = (code for code in holidays.list_supported_countries(include_aliases=False))
    named = {code: str(territories[code]) for code in codes if code in territories}
    return {NO_COUNTRY: ""} | dict(sorted(named.items(), key=lambda each: each[1]))


def _closing_day(draft: Draft, words: Words) -> None:
    path = ("calendar", "closing_day")
    key = fields.key_of(draft, path)
    st.session_state.setdefault(key, draft.get(*path) or MONTH_END)
    chosen = st.selectbox(
        words("plan_edit.closing_day"),
        [MONTH_END, *range(1, LATEST_CLOSING + 1)],
        format_func=lambda day: (
            words("plan_edit.month_end")
            if day == MONTH_END
            else words("plan_edit.day_of_month", day=day)
        ),
        key=key,
        width=160,
    )
    draft.set(path, chosen or None)


def _days_off(draft: Draft, words: Words, formats: Formats) -> None:
    """Days off of the company's own, as a list that can be pasted."""
    path = ("calendar", "days_off")
    known: list[date] = list(draft.get(*path) or [])
    key = fields.key_of(draft, path)
    typed = st.text_area(
        words("plan_edit.days_off"),
        fields.begin(key, "\n".join(str(day) for day in known)),
        placeholder=words("plan_edit.days_off_example"),
        help=words("plan_edit.days_off_help"),
        max_chars=20_000,
        key=key,
    )
    read = read_days_off(str(typed))
    if read.unreadable:
        shown = words("plan_edit.list_comma").join(read.unreadable[:SHOWN])
        st.error(words("plan_edit.days_off_unreadable", lines=_markdown.plain(shown)))
        return
    if list(read.days) != known:
        draft.set(path, list(read.days) or None)
    if read.days:
        first, last = formats.full_day(read.days[0]), formats.full_day(read.days[-1])
        st.caption(words("plan_edit.days_off_read", count=len(read.days), first=first, last=last))
