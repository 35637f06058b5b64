"""The office password at the door: the page that asks for it, and the cookie that remembers it."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kpi_core.i18n.catalog import Words
from kpi_core.records.office_password import OfficePassword
from kpi_core.web.attempts import Attempts
from kpi_core.web.language import words_of
from kpi_core.web.page import page
from kpi_core.web.paths import UNLOCK
from kpi_core.web.peer import is_local, is_own_page

COOKIE = "kpi_unlocked"
LASTS = timedelta(hours=12)
KNOWN_FOR = timedelta(days=90)
"""How long a browser keeps its ticket, over or not: one that was given the password before has
attempts of its own, whatever is guessed behind the same address."""
AT_THE_MACHINE = "this machine"
"""Stands for the address of who sits at the machine itself."""
LONGEST_FORM = 4096
"""Bytes."""
PATIENCE_SECONDS = 10.0
"""How long a form may take to arrive."""
_PATH = re.compile(r"(/[A-Za-z0-9_-]+)*/?")

Find = Callable[[], "OfficePassword | None"]


def ticket(password: OfficePassword, now: datetime) -> str:
    """What a browser shows that was given the password: until when, and our signature."""
    claim = f"{int((now + LASTS).timestamp())}.{secrets.token_urlsafe(9)}"
    return f"{claim}.{password.sign(claim)}"


def is_unlocked(password: OfficePassword | None, cookie: str | None, now: datetime) -> bool:
    """Whether a browser may do all: no password is set, or its ticket is ours and not over.

    A ticket ends with the password that it was given for.
    """
    if password is None:
        return True
    claim = _claim(password, cookie)
    return claim is not None and now.timestamp() < int(claim.partition(".")[0])


def _claim(password: OfficePassword, cookie: str | None) -> str | None:
    """What a ticket claims, over or not; None for one that is not ours."""
    claim, _, signature = (cookie or "").rpartition(".")
    until = claim.partition(".")[0]
    if not (until.isascii() and until.isdecimal() and signature.isascii()):
        return None
    return claim if secrets.compare_digest(password.sign(claim), signature) else None


class Unlock:
    """The page and what it asks. `find` knows the password; `base` is the board's path."""

    def __init__(self, find: Find, now: Callable[[], datetime], base: str = "") -> None:
        self._find = find
        self._now = now
        self._root = f"/{base.strip('/')}" if base.strip("/") else ""
        self._attempts = Attempts(monotonic)
        self._turn = asyncio.Semaphore()
        """One guess at a time: each takes memory and a tenth of a second."""

    def routes(self) -> list[Route]:
        """The page, and the form that it sends."""
        return [Route(self._root + UNLOCK, self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """The form; with the right password a cookie, and the way back to the page before."""
        words, password = words_of(request), await run_in_threadpool(self._find)
        if request.method == "POST":
            return await self._sent(request, words, password)
        if password is None:
            return self._none_set(request, words)
        if is_unlocked(password, request.cookies.get(COOKIE), self._now()):
            return self._is_open(request, words)
        return self._form(request, words)

    async def _sent(
        self, request: Request, words: Words, password: OfficePassword | None
    ) -> Response:
        if not _is_own_form(request):
            return self._foreign(words)
        if password is None:
            return self._none_set(request, words)
        try:
            typed = await asyncio.wait_for(_typed(request), PATIENCE_SECONDS)
        except (TimeoutError, ValueError, ClientDisconnect):
            return self._form(request, words, words("unlock.unreadable"), 400)
        if typed is None:
            locked = RedirectResponse(self._here(request), 303)
            locked.delete_cookie(COOKIE, path=self._root or "/", httponly=True, samesite="lax")
            return locked
        guesser = _guesser(request, password)
        async with self._turn:
            if wait := self._attempts.wait_seconds(guesser):
                told = words("unlock.too_many", count=wait)
                later = self._form(request, words, told, 429)
                later.headers["retry-after"] = str(wait)
                return later
            if not await run_in_threadpool(password.matches, typed):
                self._attempts.failed(guesser)
                return self._form(request, words, words("unlock.wrong"), 403)
        answer = RedirectResponse(self._root + (_next(request) or "/"), 303)
        answer.headers["cache-control"] = "no-store"
        answer.set_cookie(
            COOKIE,
            ticket(password, self._now()),
            max_age=int(KNOWN_FOR.total_seconds()),
            path=self._root or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return answer

    def _form(self, request: Request, words: Words, wrong: str = "", status: int = 200) -> Response:
        return page(
            words,
            words("unlock.title"),
            "unlock_form.html",
            status,
            here=self._here(request),
            root=self._root,
            wrong=wrong,
        )

    def _none_set(self, request: Request, words: Words) -> Response:
        text = words("unlock.none_set")
        return self._text(words, words("unlock.none_set_title"), text, path=_next(request))

    def _is_open(self, request: Request, words: Words) -> Response:
        return page(
            words,
            words("unlock.is_open_title"),
            "unlock_open.html",
            here=self._here(request),
            root=self._root,
            path=_next(request),
        )

    def _foreign(self, words: Words) -> Response:
        return self._text(words, words("unlock.foreign_title"), words("unlock.foreign"), status=403)

    def _text(
        self, words: Words, title: str, text: str, *, path: str = "", status: int = 200
    ) -> Response:
        return page(words, title, "unlock_text.html", status, root=self._root, text=text, path=path)

    def _here(self, request: Request) -> str:
        """This page with what it was asked: the language, and where to go on."""
        asked = {"next": _next(request), "lang": request.query_params.get("lang", "")}
        query = urlencode({name: value for name, value in asked.items() if value})
        return self._root + UNLOCK + (f"?{query}" if query else "")


def _guesser(request: Request, password: OfficePassword) -> str:
    """By what wrong passwords are counted together.

    The ticket of a browser that had one, the machine itself, or else the address, which all who
    are behind an office's router share.
    """
    address = request.client.host if request.client else ""
    if (claim := _claim(password, request.cookies.get(COOKIE))) is not None:
        return claim
    return AT_THE_MACHINE if is_local(address, request.headers) else address


def _next(request: Request) -> str:
    """Where to go on: a page of this board, never another site's."""
    asked = request.query_params.get("next", "")
    return asked if _PATH.fullmatch(asked) else ""


def _is_own_form(request: Request) -> bool:
    """Whether a page of this server sent the form, or no browser at all."""
    site = request.headers.get("sec-fetch-site")
    return site in (None, "same-origin", "none") and is_own_page(request.headers)


async def _typed(request: Request) -> str | None:
    """The password in a form; None where the form locks. ValueError for any other."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise ValueError("The form is too long.")
    fields = parse_qs(body.decode("ascii"), max_num_fields=5, keep_blank_values=True)
    if "lock" in fields:
        return None
    return fields.get("password", [""])[0]
