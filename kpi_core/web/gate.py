"""What every request passes: by which name it may come, and the headers its answer leaves with."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpi_core.settings import HOSTS
from kpi_core.web import browser_key
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.language import words_of
from kpi_core.web.page import page
from kpi_core.web.peer import LOCALHOST, believe_no_proxy, hostname, is_own_page
from kpi_core.web.unlock import COOKIE

MISDIRECTED = 421
METRICS = "/_stcore/metrics"
"""Streamlit's own counters, which say who is there: closed."""
UPLOAD = "/_stcore/upload_file/"
MEDIA = "/media/"
PAGES = ("text/html", "text/javascript", "application/javascript", "")
"""Kinds of answers that run under the pages' policy. One without a kind has no body: "not modified"
sends its headers to the page that the browser has."""
DATA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
API = "/api/"
_PLAIN_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_AS_SOURCE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True)
class Rules:
    """What the gate goes by. `may_upload` says so of a browser by the cookie that unlocks."""

    hosts: frozenset[str] = frozenset()
    """Names beside the machine's own."""
    frame_ancestors: tuple[str, ...] = ()
    """Sites beside this one that may frame a page."""
    trusts_proxies: bool = False
    """The administrator has named the proxies to trust."""
    https: bool = False
    """The server itself speaks TLS."""
    may_upload: Callable[[str | None], bool] = lambda _: True
    is_refused: Callable[[bytes], bool] = lambda _: False
    """Whether a page's message asks the framework for what no visitor may do."""


class Gate:
    """Refuses foreign names, and sends every answer with the headers that keep it to itself.

    `index` is the framework's own page: the scripts in it are the only ones allowed inline.
    """

    def __init__(
        self, app: ASGIApp, rules: Callable[[], Rules], index: Path, base_path: str = ""
    ) -> None:
        self._app = app
        self._rules = cache(rules)
        base = base_path.strip("/")
        self._base = f"/{base}" if base else ""
        self._scripts = " ".join(
            f"'{_hash(script)}'" for script in _INLINE.findall(index.read_text(encoding="utf-8"))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        rules = self._rules()
        if not rules.trusts_proxies:
            believe_no_proxy(scope, https=rules.https)
        connection = HTTPConnection(scope)
        path = str(scope["path"]).removeprefix(self._base)
        host = connection.headers.get("host", "")
        is_own = is_own_name(host, rules.hosts) or await run_in_threadpool(is_full_name, host)
        if scope["type"] == "websocket":
            if is_own and is_own_page(connection.headers):
                await self._app(scope, _arriving(receive, rules), send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        is_new = browser_key.known_key(connection.cookies.get(browser_key.COOKIE)) is None
        is_secure = connection.url.scheme == "https"
        cookie = browser_key.set_cookie(path=self._base or "/", secure=is_secure) if is_new else ""
        leaving = self._leaving(send, rules, host, path, cookie)
        if not is_own:
            await refused(Request(scope), path)(scope, receive, leaving)
        elif path == METRICS:
            await PlainTextResponse("Not found", 404)(scope, receive, leaving)
        elif path.startswith(UPLOAD) and not await run_in_threadpool(
            rules.may_upload, connection.cookies.get(COOKIE)
        ):
            await PlainTextResponse("Locked", 403)(scope, receive, leaving)
        else:
            await self._app(scope, receive, leaving)

    def _leaving(self, send: Send, rules: Rules, host: str, path: str, cookie: str) -> Send:
        """Sends an answer with the headers that all have, and its own where it has any.

        `cookie` goes with the framework's page: a browser's key, empty where it has one.
        """

        async def leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kind = headers.get("content-type", "").partition(";")[0]
                own = headers.get("content-security-policy")
                policy = own or (self._page_policy(host) if kind in PAGES else DATA_POLICY)
                ancestors = " ".join(("'self'", *rules.frame_ancestors))
                headers["content-security-policy"] = f"{policy}; frame-ancestors {ancestors}"
                headers["x-content-type-options"] = "nosniff"
                headers.setdefault("referrer-policy", "same-origin")
                # A page may show a token, and what lies under /media a display's link as a picture.
                if path.startswith(MEDIA) or (kind == "text/html" and own is None):
                    headers["cache-control"] = "no-store"
                if cookie and kind == "text/html" and own is None:
                    headers.append("set-cookie", cookie)
            await send(message)

        return leave

    def _page_policy(self, host: str) -> str:
        """As strict as the framework's pages run under.

        Styles are made in the browser; the host is named, as 'self' is no WebSocket to some.
        """
        lines = f" ws://{host} wss://{host}" if _AS_SOURCE.fullmatch(host) else ""
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' 'wasm-unsafe-eval' {self._scripts}",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "media-src 'self' blob:",
                "font-src 'self' data:",
                f"connect-src 'self'{lines}",
                "worker-src 'self' blob:",
                "manifest-src 'self'",
                "frame-src 'self'",
                "form-action 'self'",
                "base-uri 'self'",
                "object-src 'none'",
            )
        )


def _arriving(receive: Receive, rules: Rules) -> Receive:
    """Receives what a page says, but for what no visitor may ask for."""

    async def arrive() -> Message:
        while True:
            message = await receive()
            said = message.get("bytes") if message["type"] == "websocket.receive" else None
            if not said or not rules.is_refused(said):
                return message

    return arrive


def is_own_name(host: str, hosts: Iterable[str]) -> bool:
    """Whether a Host header names this server: an IP address, its own name, or one of `hosts`.

    A page of another site that has its name lead here (DNS rebinding) sends that name. A request
    without one is no browser's.
    """
    if not host:
        return True
    name = hostname(host)
    if name is None:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        machine = socket.gethostname().lower()
        return name in {LOCALHOST, machine, f"{machine.partition('.')[0]}.local", *hosts}
    return True


def is_full_name(host: str) -> bool:
    """Whether a Host header is the machine's name with its domain.

    Its domain may have to be asked for over the network, once: only where the machine fits.
    """
    name = hostname(host) or ""
    machine = socket.gethostname().lower().partition(".")[0]
    return name.partition(".")[0] == machine and name == _full_name()


@cache
def _full_name() -> str:
    return socket.getfqdn().lower().rstrip(".")


def refused(request: Request, path: str) -> Response:
    """The answer to a request by a foreign name: JSON under /api, else a page."""
    words = words_of(request)
    name = hostname(request.headers.get("host", "")) or ""
    shown = name if _PLAIN_NAME.fullmatch(name) and len(name) < 100 else "?"
    if path.startswith(API):
        return ApiError(MISDIRECTED, "host_refused", {"host": shown}).response(words)
    return page(
        words,
        words("unlock.host_title"),
        "host_refused.html",
        MISDIRECTED,
        host=shown,
        is_named=shown != "?",
        setting=HOSTS.name,
    )


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
