"""Putting the board on a screen: a link of its own, a QR code, and what to type on the machine."""

import io
from urllib.parse import urlsplit

import segno
import streamlit as st

from kpi_core.i18n.catalog import Words
from kpi_core.records.displays import link
from kpi_core.records.errors import StoreError
from pages import _lock, _runtime

LONGEST_NAME = 60
MODULE_PIXELS = 5
KIOSK = "chromium --kiosk --noerrdialogs --disable-infobars"
KIOSK += " --autoplay-policy=no-user-gesture-required"  # else a reached target is silent
LOOPBACK = ("localhost", "127.0.0.1", "::1")
OPEN, ADDRESS = "screen_open", "screen_address"
"""The plan whose dialog is open, and the link it shows: without them a board that redraws
itself while the user copies the link would close it. Forgotten when the dialog closes."""


def button(plan_id: str, words: Words, *, kind: str = "tertiary") -> None:
    """The button; it asks what the screen is called, then shows its link once."""
    drawn = st.button(
        words("screen.button"),
        icon=":material/tv:",
        type="secondary" if kind == "secondary" else "tertiary",
        key="screen_button",
    )
    if drawn:
        _forget()
        st.session_state[OPEN] = plan_id
    if st.session_state.get(OPEN) is not None:
        _dialog(st.session_state[OPEN], words)


def _dialog(plan_id: str, words: Words) -> None:
    @st.dialog(words("screen.title"), width="large", on_dismiss=_forget)
    def put_on_a_screen() -> None:
        if _lock.shows_notice(words):
            return
        place = st.empty()
        if ADDRESS not in st.session_state:
            with place.form("screen_make", border=False):
                made = _asked(plan_id, words)
            if made is None:
                return
            st.session_state[ADDRESS] = made
            place.empty()
        _show(st.session_state[ADDRESS], words)

    put_on_a_screen()


def _forget() -> None:
    for key in (OPEN, ADDRESS):
        st.session_state.pop(key, None)


def _asked(plan_id: str, words: Words) -> str | None:
    """The new screen's link; None until it can be made."""
    st.write(words("screen.about"))
    name = st.text_input(
        words("screen.name"), max_chars=LONGEST_NAME, placeholder=words("screen.name_example")
    ).strip()
    networks = st.text_input(
        words("screen.networks"),
        placeholder="192.168.0.0/24",
        help=words("screen.networks_help"),
    )
    light = st.toggle(words("screen.light"))
    if not st.form_submit_button(words("screen.make"), type="primary"):
        return None
    if not name:
        st.error(words("screen.name_missing"))
        return None
    _lock.demand()
    try:
        _, key = _runtime.store().records.add_display(
            name,
            networks=networks.replace(",", " ").replace("、", " ").split(),
            who=_runtime.BY_PAGE,
            now=_runtime.app().wall_clock(),
        )
    except StoreError as error:
        st.error(_runtime.refusal(error, words))
        return None
    address = f"{base()}{link(key, plan_id)}&lang={words.language.value}"
    return f"{address}&theme=light" if light else address


def base() -> str:
    """The server's address as this visitor's browser reaches it, without the page."""
    url = st.context.url or ""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}/{path}".rstrip("/")


def _show(address: str, words: Words) -> None:
    code, text = st.columns([1, 2], gap="large", vertical_alignment="top")
    with code:
        st.image(_qr(address), caption=words("screen.qr"), width=220)
    with text:
        st.write(words("screen.link"))
        st.code(address, language=None, wrap_lines=True)
        st.caption(words("screen.once"))
        if urlsplit(address).hostname in LOOPBACK:
            alone = not _lock.listens_to_network()
            st.warning(words("screen.this_machine" if alone else "screen.loopback"))
    computer, raspberry, stick = st.tabs(
        [words("screen.computer"), words("screen.raspberry"), words("screen.stick")]
    )
    command = f'{KIOSK} "{address}"'
    with computer:
        st.write(words("screen.computer_how"))
        st.code(command, language="bash", wrap_lines=True)
    with raspberry:
        st.write(words("screen.raspberry_how"))
        st.code("~/.config/autostart/kpi-wall.desktop", language=None)
        name = words("frame.title")
        entry = f"[Desktop Entry]\nType=Application\nName={name}\nExec={command}\n"
        st.code(entry, language="ini", wrap_lines=True)
    with stick:
        st.write(words("screen.stick_how"))
    if st.button(words("screen.done"), key="screen_done"):
        _forget()
        st.rerun()


def _qr(address: str) -> bytes:
    """The address as PNG."""
    packed = io.BytesIO()
    segno.make(address, error="m").save(packed, kind="png", scale=MODULE_PIXELS, border=4)
    return packed.getvalue()
