"""The key by which a browser is known again: what it began to change is kept under it.

It opens nothing and says nothing of who sits there.
"""

import re
import secrets
from datetime import timedelta

COOKIE = "kpi_browser"
KEPT_FOR = timedelta(days=400)
"""As long as browsers keep a cookie at all."""
_KEY = re.compile(r"[A-Za-z0-9_-]{20,60}")


def new_key() -> str:
    """A key that no other browser has."""
    return secrets.token_urlsafe(18)


def known_key(cookie: str | None) -> str | None:
    """The key that a browser sends; None where it is none of ours."""
    return cookie if cookie and _KEY.fullmatch(cookie) else None


def set_cookie(*, path: str, secure: bool) -> str:
    """The header by which a browser gets a key of its own."""
    age = int(KEPT_FOR.total_seconds())
    tail = "; Secure" if secure else ""
    return f"{COOKIE}={new_key()}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{tail}"
