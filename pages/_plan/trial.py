"""The rules of a plan, tried on the months so far before they are agreed."""

from datetime import datetime

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.parse import read_plan
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports import plan_text
from kpi_core.reports.months.rule_trial import RuleTrial, TriedRule, tried_rules
from pages import _reports, _runtime
from pages._plan import printed

KEPT = 32


def draw(text: str, words: Words) -> None:
    """Collapsed, it costs nothing: the trial is worked out when it is opened."""
    box = st.expander(words("plan_page.try"), key="plan_trial", on_change="rerun")
    if not box.open:
        return
    with box:
        found = _trial(_runtime.store().data_version(), _reports.minute(), text)
        if found is None or not found.months:
            st.caption(words("plan_page.try_no_months"))
            return
        formats = Formats(words.language)
        first, last = formats.month(found.months[0]), formats.month(found.months[-1])
        st.caption(words("plan_page.try_about", count=len(found.months), first=first, last=last))
        rows = [_row(rule, found, words) for rule in found.rules]
        heads = (
            words("plan_page.rule"),
            words("plan_page.would_have"),
            words("plan_page.by_chance"),
        )
        st.html(printed.table(heads, rows))


def _row(rule: TriedRule, found: RuleTrial, words: Words) -> tuple[str, str, str]:
    total = len(found.months)
    fired = words("plan_page.never_fired", total=total)
    if rule.fired:
        months = printed.months_listed(rule.fired, words)
        fired = words("plan_page.fired", count=len(rule.fired), total=total, months=months)
    odds = ""
    if rule.odds is not None:
        one_in = max(1, round(1 / max(rule.odds, 0.001)))
        key = "plan_page.odds" if one_in <= 100 else "plan_page.odds_rare"
        odds = words(key, one_in=min(one_in, 100))
    return plan_text.occasion(rule.when.value, words), fired, odds


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _trial(version: int, now: datetime, text: str) -> RuleTrial | None:
    """As if the plan had been in force for ever; None for a text that is no plan."""
    plan = read_plan(text)
    if not isinstance(plan, Plan):
        return None
    alone = (Revision(1, None, text, "", "", plan.work_calendar.local(now)),)
    return tried_rules(_runtime.store(), plan.id, now=now, revisions=alone)
