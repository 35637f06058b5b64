"""The routes by which programs send files and events in, and read what became of them."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Words
from kpi_core.ingest.raw_archive import RawFiles
from kpi_core.records.errors import StoreError, of_system
from kpi_core.records.tokens import TokenScope
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import wall_clock
from kpi_core.web.bearer import Door, bearer_of
from kpi_core.web.board_api import Boards
from kpi_core.web.lingering import Body, Lingering
from kpi_core.web.openapi import description
from kpi_core.web.params import Params, check_params, params_of, words_of
from kpi_core.web.paths import BOARD, BOARD_PICTURE, IMPORT, IMPORTS, OPENAPI
from kpi_core.web.refusal import NOT_KEPT, Refusal, for_visitors
from kpi_core.web.taking_in import Taking, receipt_document
from kpi_core.web.turns import Turns
from kpi_core.web.upload import Upload, received

LOGGER = logging.getLogger(__name__)
SCOPE_MISSING = 'Bearer realm="kpi-board", error="insufficient_scope", scope="{scope}"'
WRONG_SCOPE = {TokenScope.IMPORTS: "scope_wrong", TokenScope.READ: "scope_not_read"}
START_SECONDS = 2
LONGEST_ID = 9
"""Digits; DuckDB's integers have one more."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANYTHING = "/api/{rest:path}"

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Host:
    """What the API needs of the server it lives in. Asked at each request, never before one."""

    why_not_ready: Callable[[], str | None]
    store: Callable[[], Store]
    raw: Callable[[], RawFiles]
    limit_mb: Callable[[], int]
    now: Callable[[], datetime]


@dataclass
class Api:
    """The endpoints, with who is let in and whose turn it is."""

    host: Host
    base_path: str = ""
    turns: Turns = field(default_factory=Turns)
    doors: dict[TokenScope, Door] = field(init=False)
    boards: Boards = field(init=False)

    def __post_init__(self) -> None:
        self.doors = {scope: Door(partial(self._name_of, scope), monotonic) for scope in TokenScope}
        self.boards = Boards(self.host, partial(self._let_in, scope=TokenScope.READ))

    def endpoints(self) -> dict[str, dict[str, Endpoint]]:
        """Everything that can be asked, by path and method."""
        return {
            IMPORTS: {"POST": self.send, "GET": self.ledger},
            IMPORT: {"GET": self.receipt},
            BOARD: {"GET": self.boards.read},
            BOARD_PICTURE: {"GET": self.boards.draw},
            OPENAPI: {"GET": self.openapi},
        }

    def routes(self) -> list[Route]:
        """The routes. The last one takes what is left under /api, where no page is ever shown."""
        base = self.base_path.strip("/")
        base = f"/{base}" if base else ""
        found = {**self.endpoints(), ANYTHING: {}}
        return [
            Route(base + path, _told(_by_method(endpoints, base + OPENAPI)), methods=METHODS)
            for path, endpoints in found.items()
        ]

    async def send(self, request: Request) -> Response:
        """Take a file or events in, and answer with the receipt."""
        caller = await self._let_in(request)
        params = params_of(request)
        async with (
            self.turns.place(),
            received(request, self.host.limit_mb()) as upload,
            self.turns.turn(is_preview=params.dry_run),
        ):
            return await run_in_threadpool(self._take_in, request, caller, params, upload)

    async def ledger(self, request: Request) -> Response:
        """Every import, newest first."""
        await self._let_in(request)
        check_params(request.query_params)
        records = await run_in_threadpool(lambda: self.host.store().imports())
        return JSONResponse({"imports": as_json(records)}, headers=NOT_KEPT)

    async def receipt(self, request: Request) -> Response:
        """What one import did."""
        await self._let_in(request)
        check_params(request.query_params)
        given = request.path_params["import_id"]
        if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_ID):
            raise Refusal(404, "no_such_import", {"import_id": given[:20]})
        try:
            receipt = await run_in_threadpool(lambda: self.host.store().receipt(int(given)))
        except StoreError as error:
            if error.code != "unknown_import":
                raise
            raise Refusal(404, "no_such_import", {"import_id": given}) from error
        return JSONResponse(receipt_document(receipt, words_of(request)), headers=NOT_KEPT)

    async def openapi(self, request: Request) -> Response:
        """The description of these routes, for whoever asks."""
        check_params(request.query_params)
        return JSONResponse(
            description(words_of(request), self.base_path, self.host.limit_mb()), headers=NOT_KEPT
        )

    async def _let_in(self, request: Request, scope: TokenScope = TokenScope.IMPORTS) -> str:
        """The name of who asks. Refusal for nobody we know, and while the server is starting."""
        token = bearer_of(request.headers.get("authorization"))
        if await run_in_threadpool(self.host.why_not_ready) is not None:
            raise Refusal(503, "starting", headers={"retry-after": str(START_SECONDS)})
        address = request.client.host if request.client else ""
        return await run_in_threadpool(self.doors[scope].let_in, token, address)

    def _name_of(self, scope: TokenScope, token: str) -> str | None:
        """The name of a token of the scope; Refusal for one that is for something else."""
        store = self.host.store()
        now = wall_clock(store, self.host.now())
        if found := store.records.find_token(token, scope, now):
            return found.name
        if any(store.records.find_token(token, each, now) for each in TokenScope):
            missing = {"www-authenticate": SCOPE_MISSING.format(scope=scope)}
            raise Refusal(403, WRONG_SCOPE[scope], headers=missing)
        return None

    def _take_in(self, request: Request, caller: str, params: Params, upload: Upload) -> Response:
        taking = Taking(self.host.store(), self.host.raw(), words_of(request), self.host.now())
        status, told = taking.take_in(upload, params, caller)
        headers = dict(NOT_KEPT)
        if told["import_id"] is not None:
            headers["location"] = f"{request.url.path}/{told['import_id']}"
        return JSONResponse(told, status, headers)


def _by_method(endpoints: Mapping[str, Endpoint], described: str) -> Endpoint:
    """The endpoint for the method that is asked for; Refusal where there is none.

    `described` is the path at which it is told what there is.
    """

    async def choose(request: Request) -> Response:
        if not endpoints:
            raise Refusal(404, "no_such_route", {"path": described})
        method = "GET" if request.method == "HEAD" else request.method
        if method not in endpoints:
            allowed = ", ".join([*endpoints, "HEAD"] if "GET" in endpoints else endpoints)
            blanks = {"method": method, "choices": allowed}
            raise Refusal(405, "no_such_method", blanks, headers={"allow": allowed})
        return await endpoints[method](request)

    return choose


def _told(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with whatever it refuses told as JSON. A path of the server's is never told."""

    async def answer(request: Request) -> Response:
        body = Body(request)
        try:
            return await endpoint(Request(request.scope, body.receive))
        except Exception as problem:
            response = _refused(problem, words_of(request))
        return response if body.is_read else Lingering(response, body)

    return answer


def _refused(problem: Exception, words: Words) -> Response:
    if isinstance(problem, Refusal):
        return problem.response(words)
    if isinstance(problem, OSError):
        found = of_system(problem, str(problem.filename or tempfile.gettempdir()))
        problem = found if found.code == "disk_full" else problem
    if isinstance(problem, StoreError):
        params = for_visitors(problem.params)
        return Refusal(503, problem.code, params, room="store").response(words)
    LOGGER.error("A request to the API failed", exc_info=problem)
    return Refusal(500, "failed").response(words)
