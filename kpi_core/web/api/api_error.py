"""What the API refuses, and why: a status and a sentence that the catalogs word (RFC 9457)."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpi_core.i18n.catalog import Words
from kpi_core.i18n.problem import Problem
from kpi_core.records.errors import StoreError, of_system
from kpi_core.web.language import words_of
from kpi_core.web.paths import DESCRIPTION

LOGGER = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
METHODS = ("POST", "GET", "PUT")
LONGEST_VALUE = 80


class Detail(Problem):
    """One part of an error. `code` names the sentence in the catalogs (`api.<code>`)."""

    namespace = "api"


class ApiError(Exception):
    """A request ends here. `code` names the sentence in a namespace of the catalogs.

    `extra` is given along with the sentence; `headers` tell a program what to do next.
    """

    def __init__(
        self,
        status: int,
        code: str,
        params: Mapping[str, object] | None = None,
        *,
        namespace: str = "api",
        details: Sequence[Problem] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.params = dict(params or {})
        self.namespace = namespace
        self.details = tuple(details)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def message(self, words: Words) -> str:
        """The sentence."""
        return words(f"{self.namespace}.{self.code}", **self.params)

    def response(self, words: Words) -> JSONResponse:
        """A problem document with `{"error": {"code", "message", …}}` in it."""
        message = self.message(words)
        error: dict[str, Any] = {"code": self.code, "message": message} | self.extra
        if self.details:
            error["details"] = [
                {"path": each.path, "code": each.code, "message": each.sentence(words)}
                for each in self.details
            ]
        title = HTTPStatus(self.status).phrase
        problem = {"type": "about:blank", "title": title, "status": self.status, "detail": message}
        headers = {"cache-control": "no-store"} | self.headers
        return JSONResponse(problem | {"error": error}, self.status, headers, MEDIA_TYPE)


def api_error_of(problem: Exception, request: Request) -> ApiError:
    """The error as callers learn of it: never a path on the server, nor a mistake of ours."""
    if isinstance(problem, OSError):
        found = of_system(problem, str(problem.filename or tempfile.gettempdir()))
        problem = found if found.code == "disk_full" else problem
    match problem:
        case ApiError():
            return problem
        case RequestValidationError():
            return _of_params(problem)
        case HTTPException(status_code=404):
            return ApiError(
                404, "no_such_route", {"path": request.scope["root_path"] + DESCRIPTION}
            )
        case HTTPException(status_code=405):
            choices = ", ".join(_methods(request))
            return ApiError(405, "no_such_method", {"choices": choices}, headers={"allow": choices})
        case StoreError():
            return ApiError(503, problem.code, problem.public_params, namespace="store")
    LOGGER.error("A request to the API failed", exc_info=problem)
    return ApiError(500, "failed")


def _of_params(problem: RequestValidationError) -> ApiError:
    """The first parameter that cannot be read."""
    first = problem.errors()[0]
    place, value = first["loc"], str(first["input"])[:LONGEST_VALUE]
    if place[0] == "path":
        return ApiError(404, "no_such_import", {"import_id": value[:20]})
    if first["type"] == "unknown_param":
        return ApiError(422, "unknown_param", first["ctx"])
    namespace = "deciding" if place[1] == "answer" else "api"
    return ApiError(422, f"wrong_{place[1]}", {"value": value}, namespace=namespace)


def _methods(request: Request) -> list[str]:
    """The methods that the path of a request has."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    found = [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]
    return [*found, "HEAD"] if "GET" in found else found


async def answer_problem(request: Request, problem: Exception) -> JSONResponse:
    """The answer to a request that raised."""
    return api_error_of(problem, request).response(words_of(request))


class Failures:
    """Answers for what no handler knows: the framework would raise it once more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as problem:
            if started or scope["type"] != "http":
                raise
            await (await answer_problem(Request(scope), problem))(scope, receive, send)
