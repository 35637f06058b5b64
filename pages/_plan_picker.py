"""Which plan a page shows: a choice where there are several, kept in the URL."""

from collections import Counter

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.reports.plans import PlanChoice
from pages import _url


def draw(plans: tuple[PlanChoice, ...], words: Words) -> str:
    """The id of the plan shown; the first one where none was chosen."""
    names = distinct({plan.id: words.localize(plan.name) for plan in plans})
    if len(names) == 1:
        return plans[0].id
    return _url.control(
        st.selectbox,
        "plan",
        list(names),
        plans[0].id,
        label=words("board.plan"),
        label_visibility="collapsed",
        format_func=names.__getitem__,
        width=240,
    )


def distinct(names: dict[str, str]) -> dict[str, str]:
    """Names with their ids where several are the same: a choice is known by its label."""
    often = Counter(names.values())
    return {id_: f"{name} ({id_})" if often[name] > 1 else name for id_, name in names.items()}
