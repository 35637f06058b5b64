"""What the URL keeps of a visitor's choices, so that a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

KEPT, PAGE = "url_kept", "url_page"


def carry() -> None:
    """Put back what a change of page took out of the URL. The shell calls it before all else."""
    context = get_script_run_ctx(suppress_warning=True)
    page = context.page_script_hash if context else ""
    if st.session_state.get(PAGE) != page:
        for name, value in st.session_state.get(KEPT, {}).items():
            if name not in st.query_params:
                st.query_params[name] = value
    st.session_state[PAGE] = page
    st.session_state[KEPT] = st.query_params.to_dict()


def choice(name: str, options: Sequence[str], default: str) -> str:
    """What the URL says under `name`; the default where it says nothing, or nothing we offer."""
    said = st.query_params.get(name, default)
    return said if said in options else default


def control(
    draw: Callable[..., Any], name: str, options: Sequence[str], default: str, **look: Any
) -> str:
    """A widget of one choice out of `options`, kept in the URL as the option, not its label.

    (Streamlit's own `bind="query-params"` keeps the label: `?month=2026年5月`.)
    """
    key = f"url_{name}"
    chosen = choice(name, options, default)
    st.session_state[key] = chosen
    draw(options=options, key=key, on_change=_keep, args=(name, default), **look)
    return chosen


def _keep(name: str, default: str) -> None:
    """Put the widget's choice into the URL. The default leaves it."""
    chosen = st.session_state[f"url_{name}"]
    if chosen is None or chosen == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen
    st.session_state[KEPT] = st.query_params.to_dict()
