"""Settings: which programs may send files in, and which screens show the wall."""

import streamlit as st

from kpi_core.i18n.formats import Formats
from kpi_core.records.errors import StoreError
from kpi_core.records.tokens import Token, TokenScope
from kpi_core.web.paths import BOARD, IMPORTS, OPENAPI, PLANS
from pages import _confirm_dialog, _lock, _markdown, _runtime
from pages._settings import displays, password, plan_agreement

LONGEST_NAME = 100
PAGE = "/settings"
"""Where this page is, under the board's address."""
SHOWN = "settings_shown"
"""Set while the dialog shows a token: its next run closes it."""

words = _runtime.words()
formats = Formats(words.language)


def draw() -> None:
    """The tokens, and how one is made."""
    st.session_state.pop(SHOWN, None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words("settings_page.title"), width="content")
        st.space("stretch")
        _runtime.choose_language()
    if _lock.shows_notice(words, "settings"):
        return
    st.subheader(words("settings_page.tokens"))
    st.markdown(words("settings_page.about"))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(words("settings_page.make"), type="primary"):
            _make()
        st.link_button(
            words("settings_page.description"),
            _address(OPENAPI),
            type="tertiary",
            icon=":material/open_in_new:",
        )
    _list(_runtime.store().records.tokens())
    st.space("small")
    displays.draw(words)
    st.space("small")
    plan_agreement.draw(words)
    st.space("small")
    password.draw(words)


def _list(tokens: tuple[Token, ...]) -> None:
    standing = [token for token in tokens if token.is_current]
    revoked = [token for token in tokens if not token.is_current]
    if not standing:
        st.caption(words("settings_page.none_yet"))
    for token in standing:
        _entry(token)
    if revoked:
        with st.expander(words("settings_page.revoked", count=formats.number(len(revoked)))):
            for token in revoked:
                _entry(token)


def _entry(token: Token) -> None:
    key = f"settings_token_{token.token_id}"
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="medium", key=key
    ):
        st.text(token.name, width="stretch")
        st.caption(words(f"settings_page.scope_{token.scope}"), width="content")
        st.caption(_made(token), width="content")
        if token.is_current:
            st.caption(_used(token), width="content")
            if st.button(words("settings_page.revoke"), key=f"{key}_revoke"):
                _confirm_revoke(token)
        else:
            st.caption(_revoked(token), width="content")


def _made(token: Token) -> str:
    when = formats.moment(token.made_at, _runtime.app().wall_clock())
    return words("settings_page.made", when=when, who=_who(token.made_by))


def _used(token: Token) -> str:
    if token.used_at is None:
        return words("settings_page.not_used")
    when = formats.moment(token.used_at, _runtime.app().wall_clock())
    return words("settings_page.used", when=when)


def _revoked(token: Token) -> str:
    if token.revoked_at is None:
        return ""
    when = formats.moment(token.revoked_at, _runtime.app().wall_clock())
    return words("settings_page.revoked_on", when=when, who=_who(token.revoked_by or ""))


def _who(name: str) -> str:
    return words("imports.by_page") if name == _runtime.BY_PAGE else _markdown.plain(name)


@st.dialog(words("settings_page.make_title"), width="large", on_dismiss="rerun")
def _make() -> None:
    """Ask for a name, then show the token: in this one run, and kept nowhere."""
    if st.session_state.pop(SHOWN, False):
        st.rerun()
    if _lock.shows_notice(words):
        return
    place = st.empty()
    with place.form("settings_make", border=False):
        name = st.text_input(
            words("settings_page.name"),
            max_chars=LONGEST_NAME,
            placeholder=words("settings_page.name_example"),
            help=words("settings_page.name_help"),
        ).strip()
        chosen = st.radio(
            words("settings_page.scope"),
            [scope.value for scope in TokenScope],
            format_func=lambda scope: words(f"settings_page.scope_{scope}_long"),
        )
        asked = st.form_submit_button(words("settings_page.make_confirm"), type="primary")
    if not asked:
        return
    if not name:
        st.error(words("settings_page.name_missing"))
        return
    scope = TokenScope(chosen)
    try:
        _, text = _runtime.store().records.add_token(
            name, scope, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
        )
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return
    place.empty()
    st.session_state[SHOWN] = True
    _show_once(name, text, scope)


def _show_once(name: str, text: str, scope: TokenScope) -> None:
    st.warning(words("settings_page.once", name=_markdown.plain(name)))
    st.code(text, language=None, wrap_lines=True)
    command = f'curl -H "Authorization: Bearer {text}"'
    if scope is TokenScope.IMPORTS:
        st.markdown(words("settings_page.try_it"))
        command = f"{command} -F file=@leads.csv {_address(IMPORTS)}"
    else:
        st.markdown(words("settings_page.try_read"))
        command = f"{command} {_address(PLANS if scope is TokenScope.PLANS else BOARD)}"
    st.code(command, language="bash", wrap_lines=True)
    st.button(words("settings_page.done"))


def _confirm_revoke(token: Token) -> None:
    _confirm_dialog.ask(
        words("settings_page.revoke_title"),
        words("settings_page.revoke_text", name=token.name),
        words("settings_page.revoke_confirm"),
        words("settings_page.keep"),
        lambda: _runtime.store().records.revoke_token(
            token.token_id, who=_runtime.BY_PAGE, now=_runtime.app().wall_clock()
        ),
        words,
    )


def _address(path: str) -> str:
    """A route's address as this visitor's browser reaches it."""
    here = (st.context.url or "").rstrip("/")
    return f"{here.removesuffix(PAGE)}{path}"


draw()
