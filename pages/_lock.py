"""The office password on the pages: who may do more than read, and what is said to the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from kpi_core.i18n.catalog import Words
from kpi_core.web import peer
from kpi_core.web.gate import Rules
from kpi_core.web.paths import UNLOCK
from kpi_core.web.templates import Templates
from kpi_core.web.unlock import COOKIE, Unlock, is_unlocked
from pages import _runtime

TEMPLATES = Templates(Path(__file__).with_name("templates"))
TRUSTED_PROXIES = "FORWARDED_ALLOW_IPS"
"""The server's own variable: addresses of proxies whose X-Forwarded-… headers count."""


class Locked(Exception):
    """What was asked for needs the office password."""


def is_open() -> bool:
    """Whether this visitor may do all: no password is set, or their browser was given it."""
    return _opens(st.context.cookies.get(COOKIE))


def demand() -> None:
    """Before anything that changes or shows what is kept behind the password: Locked without it.

    A page may have been drawn before the password was set or the twelve hours were over.
    """
    if not is_open():
        raise Locked


def shows_notice(words: Words, page: str = "") -> bool:
    """Whether this visitor has to enter the password first; then it says so, with the way there."""
    if is_open():
        return False
    notice(words, page)
    return True


def kept(make: Callable[[], bytes | str]) -> Callable[[], bytes | str]:
    """What makes a file that is kept behind the password, when its button is pressed."""

    def made() -> bytes | str:
        demand()
        return make()

    return made


def notice(words: Words, page: str = "") -> None:
    """That the password is needed, and where it is entered; after that, on with the page."""
    text = words("unlock.locked" if page else "unlock.locked_action")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}" if base else ""
    way = f"{root}{UNLOCK}?next={quote(f'/{page}')}&lang={words.language.value}"
    st.html(TEMPLATES.render("locked.html", text=text, way=way, link=words("unlock.link")))


def is_local() -> bool:
    """Whether this visitor sits at the machine itself."""
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    # Streamlit gives no address for a visitor from the machine itself.
    return bool(headers) and peer.is_local(st.context.ip_address or "127.0.0.1", headers)


def listens_to_network() -> bool:
    """Whether others than this machine reach the port, themselves or through a proxy."""
    address = str(st.get_option("server.address") or "")
    headers = st.context.headers
    return not peer.is_loopback(address) or (bool(len(headers)) and not is_local())


def unlock() -> Unlock:
    """The page that asks for the password, under the path that the board is under."""
    return Unlock(
        lambda: _runtime.store().records.office_password(),
        _runtime.now,
        base=str(st.get_option("server.baseUrlPath") or ""),
    )


def rules() -> Rules:
    """What the gate goes by in this process."""
    settings = _runtime.app().settings
    return Rules(
        hosts=frozenset(settings.hosts),
        frame_ancestors=settings.frame_ancestors,
        trusts_proxies=bool(os.environ.get(TRUSTED_PROXIES, "").strip()),
        https=bool(st.get_option("server.sslCertFile")),
        may_upload=_opens,
        is_refused=_clears,
    )


def _clears(message: bytes) -> bool:
    """Whether a message clears the framework's caches: our store and all who follow it are there.

    Streamlit takes it from everybody; its own menu offers it to developers alone.
    """
    said = BackMsg()
    try:
        said.ParseFromString(message)
    except Exception:  # no message at all: the framework refuses it
        return False
    return said.WhichOneof("type") == "clear_cache"


def _opens(cookie: str | None) -> bool:
    password = _runtime.store().records.office_password()
    return is_unlocked(password, cookie, _runtime.now())
