"""Whether changes of plans are saved directly, or once those named have agreed."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from pages import _lock
from pages._plan import agreement

KEY = "settings_agreement"


def draw(words: Words) -> None:
    """The section of the settings page."""
    st.subheader(words("plan_page.agreement_title"), anchor=False)
    chosen = agreement.chosen()
    st.session_state[KEY] = chosen
    st.radio(
        words("plan_page.agreement_about"),
        agreement.CHOICES,
        format_func=lambda each: words(f"plan_page.agreement_{each}"),
        key=KEY,
        on_change=_choose,
    )


def _choose() -> None:
    _lock.demand()
    agreement.choose(str(st.session_state[KEY]))
