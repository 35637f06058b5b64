"""The wall's addresses: the page, and the connection by which it stays true."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_core.i18n.catalog import Words
from kpi_core.records.displays import KEY, WALL
from kpi_core.web.live import Hub
from kpi_core.web.peer import is_own_page
from kpi_core.web.wall.access import COOKIE, COOKIE_SECONDS, Access, Presence, Visit, key_of
from kpi_core.web.wall.celebration_feed import CelebrationFeed
from kpi_core.web.wall.celebrations import Celebrations
from kpi_core.web.wall.connection import Connection, refuse
from kpi_core.web.wall.document import document, notice
from kpi_core.web.wall.messages import Messages
from kpi_core.web.wall.screen import Screen
from kpi_core.web.wall.views import Views

LOGGER = logging.getLogger(__name__)
ONE_PLAN = "/wall/{plan}"
LIVE = "/wall/_live"
FAILED = 1011
"""The close code after a failure: the screen connects again."""


class Walls:
    """Everything the wall's routes share. What they ask for exists once the server has started."""

    def __init__(
        self,
        hub: Callable[[], Hub],
        views: Callable[[], Views],
        celebrations: Callable[[], Celebrations],
        access: Callable[[], Access],
        base: str = "",
    ) -> None:
        self._hub = hub
        self._views = views
        self._access = access
        self._root = f"/{base.strip('/')}" if base.strip("/") else ""
        self._messages = Messages(hub, views, access)
        self._feed = CelebrationFeed(celebrations, lambda: hub().wake())
        self._presence = Presence(access)

    def routes(self) -> list[BaseRoute]:
        """Page and connection, for the first plan or several, and for one."""
        live = self._root + LIVE
        return [
            Route(self._root + WALL, self.page),
            Route(self._root + ONE_PLAN, self.page),
            WebSocketRoute(live, self.connection),
            WebSocketRoute(live + "/{plan}", self.connection),
            # By which page the connection was opened: it comes again where it was cut.
            WebSocketRoute(live + "-{page}", self.connection),
            WebSocketRoute(live + "-{page}/{plan}", self.connection),
        ]

    async def page(self, request: Request) -> Response:
        """The document, complete as it is sent; one that fails asks again by itself."""
        try:
            return await self._page(request)
        except Exception:
            LOGGER.exception("A wall's page cannot be shown")
            screen = _screen(request)
            words = Words(screen.language)
            return _answer(*notice(words, words("wall.failed"), light=screen.light), status=503)

    async def _page(self, request: Request) -> Response:
        screen = _screen(request)
        words = Words(screen.language)
        visit = await self._visit(request)
        if not visit.allowed:
            answer = _answer(
                *notice(words, visit.refusal(words), light=screen.light),
                status=429 if visit.wait_seconds else 403,
            )
            if visit.wait_seconds:
                answer.headers["retry-after"] = str(visit.wait_seconds)
            return answer
        noting = None if visit.display is None else BackgroundTask(self._access().note, visit)
        if KEY in request.query_params:
            key = request.query_params[KEY] if visit.display else None
            return self._keeping(key, _without_key(request), request, noting)
        showing = (await asyncio.shield(self._messages.of(screen))).showing
        if showing.failed:  # a reload tries again
            showing = await run_in_threadpool(self._views().showing, screen)
        if not showing.views:
            return _answer(*notice(words, words("wall.no_plan"), light=screen.light))
        plan, page = request.path_params.get("plan"), secrets.token_urlsafe(9)
        self._feed.mark_seen(page)
        live = f"{self._root}{LIVE}-{page}"
        answer = _answer(
            *document(
                screen, showing.views, words,
                live=f"{live}/{plan}" if plan else live,
                least=showing.least,
                asleep=showing.asleep(self._hub().now()),
                host=request.headers.get("host", ""),
            )
        )  # fmt: skip
        key = request.cookies.get(COOKIE) if visit.display else None
        return self._keeping(key, answer, request, noting)

    async def _visit(self, connection: HTTPConnection) -> Visit:
        """The visitor. A key is looked up in a thread; without one there is nothing to wait for."""
        access = self._access()
        if key_of(connection) is None:
            return access.visit(connection)
        return await run_in_threadpool(access.visit, connection)

    def _keeping(
        self, key: str | None, answer: Response, request: Request, noting: BackgroundTask | None
    ) -> Response:
        """The answer, with the key as a cookie that the screen keeps from now on."""
        answer.background = noting
        if key is not None:
            answer.set_cookie(
                COOKIE,
                key,
                max_age=COOKIE_SECONDS,
                path=f"{self._root}{WALL}",
                secure=request.url.scheme == "https",
                httponly=True,
                samesite="lax",
            )
        return answer

    async def connection(self, socket: WebSocket) -> None:
        """Keeps one screen true for as long as it listens."""
        if not is_own_page(socket.headers):
            await socket.close(code=1008)
            return
        await socket.accept()
        screen = _screen(socket)
        visit = await self._visit(socket)
        if not visit.allowed:
            with suppress(WebSocketDisconnect):
                await refuse(socket, visit.refusal(Words(screen.language)))
            return
        page = socket.path_params.get("page")
        if page is None:
            page = secrets.token_urlsafe(9)
            self._feed.mark_seen(page)
        connection = Connection(
            socket, screen, visit, page, self._hub(), self._messages, self._feed
        )
        with self._presence.of(visit):
            await _until_either_leaves(connection)


async def _until_either_leaves(connection: Connection) -> None:
    """Until the screen disconnects, or a push fails.

    Listening beside pushing is what lets the server stop at Ctrl-C.
    """
    both = [asyncio.create_task(_push(connection)), asyncio.create_task(_listen(connection.socket))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


async def _push(connection: Connection) -> None:
    """After a failure the connection is closed, and the screen connects again."""
    try:
        await connection.push()
    except WebSocketDisconnect:
        return
    except Exception as problem:
        LOGGER.error("A push to a wall failed: %r", problem)
        with suppress(WebSocketDisconnect, RuntimeError):
            await connection.socket.close(FAILED)


async def _listen(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _screen(connection: HTTPConnection) -> Screen:
    plan = str(connection.path_params.get("plan", ""))
    accepted = connection.headers.get("accept-language", "")
    return Screen.asked(plan, connection.query_params, accepted)


def _without_key(request: Request) -> Response:
    """The same address without its key."""
    url = request.url.remove_query_params(KEY)
    answer = RedirectResponse(f"{url.path}?{url.query}" if url.query else url.path, 303)
    answer.headers["cache-control"] = "no-store"
    answer.headers["referrer-policy"] = "no-referrer"
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
