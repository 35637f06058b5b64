"""Being asked before something is taken away."""

from collections.abc import Callable

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.records.errors import StoreError
from pages import _lock, _runtime


def ask(
    title: str, text: str, yes: str, no: str, action: Callable[[], object], words: Words
) -> None:
    """A dialog that runs the action on `yes`. It shows why the store refused it."""

    @st.dialog(title)
    def dialog() -> None:
        st.text(text)
        with st.container(horizontal=True):
            if st.button(yes, type="primary"):
                _lock.demand()
                try:
                    action()
                except StoreError as error:
                    st.error(_runtime.refusal(error, words))
                    return
                st.rerun()
            if st.button(no):
                st.rerun()

    dialog()
