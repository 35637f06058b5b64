"""What the API and the command line are told of the process they meet."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import streamlit as st

from kpi_core.ingest.handoff import Server, new_token, remove_server, write_server
from kpi_core.settings import Settings
from kpi_core.web.api import Api, Host
from kpi_core.web.bearer import digest
from pages import _inbox, _runtime

LOGGER = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
_announced: list[str] = []
"""The digest of the token that the command line finds beside the database, while this runs."""


def api() -> Api:
    """The API of this process, under the path that the board is under."""
    host = Host(
        why_not_ready=_runtime.why_not_ready,
        store=_runtime.store,
        raw=_inbox.raw_files,
        limit_mb=lambda: _settings().upload_limit_mb,
        now=_runtime.now,
        local_digest=lambda: _announced[-1] if _announced else None,
    )
    return Api(host, st.get_option("server.baseUrlPath"))


@contextmanager
def announced() -> Iterator[None]:
    """While it lasts, the command line finds this server and may hand it files."""
    database = _settings().database.absolute()
    server = Server(_url(), os.getpid(), new_token(), _certificate())
    try:
        write_server(database, server)
    except OSError as problem:
        LOGGER.warning("The command line will not find this server: %s", problem.strerror)
        yield
        return
    _announced.append(digest(server.token))
    try:
        yield
    finally:
        _announced.clear()
        with suppress(OSError):
            remove_server(database, server)


def _settings() -> Settings:
    return Settings.from_env(os.environ)


def _certificate() -> str:
    return str(st.get_option("server.sslCertFile") or "")


def _url() -> str:
    """Where this machine reaches the server: over the loopback, unless it listens elsewhere."""
    scheme = "https" if _certificate() else "http"
    host = reachable(st.get_option("server.address"))
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{base}".rstrip("/")


def reachable(address: str | None) -> str:
    """The host to ask, for the address the server is told to listen on."""
    if not address:
        return LOOPBACK
    try:
        listens = ip_address(address)
    except ValueError:
        return address
    if listens.is_unspecified:
        return LOOPBACK
    return f"[{listens}]" if listens.version == 6 else str(listens)
