"""The office password in the settings: whether there is one, and how it is set."""

import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.records.errors import StoreError
from kpi_core.records.office_password import LONGEST
from pages import _confirm_dialog, _lock, _runtime


def draw(words: Words) -> None:
    """The section of the settings page. It is changed on the machine itself alone."""
    st.subheader(words("password.title"), anchor=False)
    is_set = _runtime.store().records.office_password() is not None
    st.markdown(words("password.about"))
    if is_set:
        st.caption(words("password.is_set"))
    elif _lock.listens_to_network():
        st.warning(words("password.open_to_all"))
    else:
        st.caption(words("password.this_machine"))
    if not _lock.is_local():
        st.caption(words("password.elsewhere"))
        return
    with st.container(horizontal=True):
        if st.button(words("password.change" if is_set else "password.set")):
            _set(words)
        if is_set and st.button(words("password.remove"), type="tertiary"):
            _confirm_remove(words)


def _set(words: Words) -> None:
    @st.dialog(words("password.set_title"))
    def set_password() -> None:
        if _lock.shows_notice(words):
            return
        with st.form("password_set", border=False):
            first = st.text_input(
                words("password.new"),
                type="password",
                max_chars=LONGEST,
                autocomplete="new-password",
                help=words("password.new_help"),
            )
            again = st.text_input(
                words("password.again"),
                type="password",
                max_chars=LONGEST,
                autocomplete="new-password",
            )
            if not st.form_submit_button(words("password.set_confirm"), type="primary"):
                return
        if first != again:
            st.error(words("password.differ"))
            return
        if not _lock.is_local():
            raise _lock.Locked
        try:
            _runtime.store().records.set_office_password(
                first, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
            )
        except StoreError as error:
            st.error(_runtime.refusal(error, words))
            return
        st.rerun()

    set_password()


def _confirm_remove(words: Words) -> None:
    def remove() -> None:
        if not _lock.is_local():
            raise _lock.Locked
        _runtime.store().records.remove_office_password(
            who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
        )

    _confirm_dialog.ask(
        words("password.remove_title"),
        words("password.remove_text"),
        words("password.remove_confirm"),
        words("password.keep"),
        remove,
        words,
    )
