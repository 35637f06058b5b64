"""The wall's addresses: the page, and the line by which it stays true."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_core.domain.status import Status
from kpi_core.i18n.catalog import Words
from kpi_core.reports.celebration import Celebration
from kpi_core.storage.displays import KEY, WALL
from kpi_core.web.live import Hub, Pulse
from kpi_core.web.wall.access import COOKIE, COOKIE_SECONDS, Access, Visit
from kpi_core.web.wall.document import build, document, notice
from kpi_core.web.wall.faces import Faces
from kpi_core.web.wall.party import Parties, party
from kpi_core.web.wall.screen import Screen

ONE_PLAN = "/wall/{plan}"
LIVE = "/wall/_live"
LIVE_OF_PLAN = "/wall/_live/{plan}"
MOST_SCREENS = 500
"""Kinds of screen whose messages are remembered."""
BEAT_SECONDS = 20.0
"""A word at least this often: proxies cut a line on which nothing is said for a minute."""


class Walls:
    """Everything the wall's routes share. What they ask for exists once the server has started."""

    def __init__(
        self,
        hub: Callable[[], Hub],
        faces: Callable[[], Faces],
        parties: Callable[[], Parties],
        access: Callable[[], Access],
        base: str = "",
    ) -> None:
        self._hub = hub
        self._faces = faces
        self._parties = parties
        self._access = access
        self._root = f"/{base.strip('/')}" if base.strip("/") else ""
        self._messages: dict[Screen, tuple[Pulse, asyncio.Task[_Message]]] = {}
        self._begun: dict[str, tuple[Pulse, asyncio.Task[Celebration | None]]] = {}

    def routes(self) -> list[BaseRoute]:
        """Page and line, for the first plan or several, and for one."""
        return [
            Route(self._root + WALL, self.page),
            Route(self._root + ONE_PLAN, self.page),
            WebSocketRoute(self._root + LIVE, self.line),
            WebSocketRoute(self._root + LIVE_OF_PLAN, self.line),
        ]

    async def page(self, request: Request) -> Response:
        """The document, complete as it is sent."""
        screen = _screen(request)
        words = Words(screen.language)
        visit = await run_in_threadpool(self._access().visit, request)
        if not visit.allowed:
            sentence = words("wall.off" if visit.off else "wall.no_key")
            return _answer(*notice(words, sentence, light=screen.light), status=403)
        if KEY in request.query_params:
            return _with_cookie(request, self._root, known=visit.display is not None)
        showing = await run_in_threadpool(self._faces().showing, screen, self._hub().pulse())
        if not showing.faces:
            return _answer(*notice(words, words("wall.no_plan"), light=screen.light))
        plan = request.path_params.get("plan")
        live = f"{self._root}{LIVE}/{plan}" if plan else f"{self._root}{LIVE}"
        page = document(
            screen, showing.faces, words,
            live=live, least=showing.least, asleep=showing.asleep,
        )  # fmt: skip
        return _answer(*page)

    async def line(self, socket: WebSocket) -> None:
        """Sends the faces at once, and again whenever anything they are made from changes."""
        if not is_own_page(socket):
            await socket.close(code=1008)
            return
        await socket.accept()
        visit = await run_in_threadpool(self._access().visit, socket)
        if not visit.allowed:
            await self._refuse(socket, visit)
            return
        telling = asyncio.create_task(self._tell(socket, _screen(socket)))
        try:
            # Waiting here, not in the teller, is what lets the server stop at Ctrl-C.
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling

    async def _refuse(self, socket: WebSocket, visit: Visit) -> None:
        words = Words(_screen(socket).language)
        sentence = words("wall.off" if visit.off else "wall.no_key")
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_text(json.dumps({"off": sentence}, ensure_ascii=False))
            await socket.close()

    async def _tell(self, socket: WebSocket, screen: Screen) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the screen left while we spoke
            pulse = self._hub().pulse()
            message = await self._message(screen, pulse)
            await socket.send_text(message.text)
            while True:
                pulse = await self._next(socket, pulse)
                visit = await run_in_threadpool(self._access().visit, socket)
                if not visit.allowed:
                    await self._refuse(socket, visit)
                    return
                message = await self._message(screen, pulse)
                await socket.send_text(message.text)
                # Not with the first message: a page that is loaded anew celebrates nothing.
                if not message.asleep:
                    await self._celebrate(socket, screen, message, pulse)

    async def _celebrate(
        self, socket: WebSocket, screen: Screen, message: "_Message", pulse: Pulse
    ) -> None:
        for plan_id in message.achieved:
            celebration = await self._party(plan_id, pulse)
            if celebration is not None:
                told = party(celebration, Words(screen.language))
                await socket.send_text(json.dumps({"party": told}, ensure_ascii=False))

    async def _party(self, plan_id: str, pulse: Pulse) -> Celebration | None:
        """Whether a celebration begins with this pulse: the same for all who hear of it."""
        begun = self._begun.get(plan_id)
        if begun is None or begun[0] != pulse:
            begun = pulse, asyncio.create_task(run_in_threadpool(self._parties().begin, plan_id))
            self._begun[plan_id] = begun
        return await asyncio.shield(begun[1])

    async def _next(self, socket: WebSocket, seen: Pulse) -> Pulse:
        """The next pulse; until it comes, a beat now and then."""
        while True:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._hub().beyond(seen), BEAT_SECONDS)
            await socket.send_text(json.dumps({"build": build()}))

    async def _message(self, screen: Screen, pulse: Pulse) -> "_Message":
        """What the screen is told, made once for all that show the same."""
        made = self._messages.get(screen)
        if made is None or made[0] != pulse:
            if len(self._messages) >= MOST_SCREENS:
                self._messages.clear()
            made = pulse, asyncio.create_task(run_in_threadpool(self._compose, screen, pulse))
            self._messages[screen] = made
        return await asyncio.shield(made[1])

    def _compose(self, screen: Screen, pulse: Pulse) -> "_Message":
        showing = self._faces().showing(screen, pulse)
        faces = [{"html": face.html, "title": face.title} for face in showing.faces]
        told = {"build": build(), "faces": faces, "asleep": showing.asleep}
        achieved = tuple(face.plan_id for face in showing.faces if face.status is Status.ACHIEVED)
        return _Message(json.dumps(told, ensure_ascii=False), showing.asleep, achieved)


@dataclass(frozen=True)
class _Message:
    """What screens are sent at a pulse; `achieved` are the plans whose target is reached."""

    text: str
    asleep: bool
    achieved: tuple[str, ...]


def is_own_page(connection: HTTPConnection) -> bool:
    """Whether a page of this server opened the line, or no browser at all.

    A browser always names the origin, and cannot be made to name a false one.
    """
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _screen(connection: HTTPConnection) -> Screen:
    plan = str(connection.path_params.get("plan", ""))
    accepted = connection.headers.get("accept-language", "")
    return Screen.asked(plan, connection.query_params, accepted)


def _with_cookie(request: Request, root: str, *, known: bool) -> Response:
    """The same address without its key, which the screen keeps as a cookie instead."""
    url = request.url.remove_query_params(KEY)
    answer = RedirectResponse(f"{url.path}?{url.query}" if url.query else url.path, 303)
    answer.headers["cache-control"] = "no-store"
    answer.headers["referrer-policy"] = "no-referrer"
    if known:
        answer.set_cookie(
            COOKIE,
            request.query_params[KEY],
            max_age=COOKIE_SECONDS,
            path=f"{root}{WALL}",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return answer


def _answer(page: str, policy: str, *, status: int = 200) -> Response:
    return HTMLResponse(
        page,
        status,
        headers={
            "content-security-policy": policy,
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        },
    )
