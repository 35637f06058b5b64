"""Where a request comes from: the machine itself, the network, or behind a proxy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import Scope

FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)
"""A proxy was in between."""
LOCALHOST = "localhost"
_BRACKETS = re.compile(r"[^\[\]]*|\[[^\[\]]*\](:\d*)?")
"""An IPv6 address stands in brackets, with a port behind it at most."""


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own: 127.0.0.1, ::1, the name localhost."""
    name = (address or "").strip("[]").rstrip(".").lower()
    if name == LOCALHOST:
        return True
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def is_local(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from the machine itself: by its own name, through no proxy.

    `headers` are found by their names in lower case.
    """
    if not is_loopback(address) or any(name in headers for name in FORWARDED):
        return False
    origin = headers.get("origin")
    names = [hostname(headers.get("host", ""))]
    names += [] if origin is None else [hostname(_netloc(origin) or "")]
    return all(is_loopback(name) for name in names)


def is_own_page(headers: Mapping[str, str]) -> bool:
    """Whether a page of this server asks, by the same name and port, or no browser at all.

    A browser names the origin of each WebSocket and of each form that it posts, and cannot be made
    to name a false one.
    """
    origin = headers.get("origin")
    return origin is None or _netloc(origin) == headers.get("host")


def _netloc(origin: str) -> str | None:
    """The name and port in an Origin header; None where it is no URL."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def hostname(host: str) -> str | None:
    """The name in a Host header, in lower case and without its port; None where it is none."""
    try:
        parts = urlsplit(f"//{host.strip()}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != host.strip() or "@" in host or not _BRACKETS.fullmatch(host.strip()):
        return None
    return (parts.hostname or "").rstrip(".") or None


def believe_no_proxy(scope: Scope, *, https: bool) -> None:
    """Undo what the server took over from `X-Forwarded-…` of a proxy on this machine.

    uvicorn trusts a loopback peer unless configured otherwise. Whatever connects to a loopback
    address is this machine: no other machine's packets get there.
    """
    server = scope.get("server")
    if server and is_loopback(str(server[0])):
        client = scope.get("client")
        if client and not is_loopback(str(client[0])):
            scope["client"] = (str(server[0]), 0)
        kind = "ws" if scope["type"] == "websocket" else "http"
        scope["scheme"] = f"{kind}s" if https else kind
