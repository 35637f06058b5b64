"""Whether the server can show a board, for whoever watches over it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def health_route(why_not: Callable[[], str | None], path: str = "/healthz") -> Route:
    """`{"ready": true}`, or 503 with the reason `why_not` gives. It gives none when all is well."""

    async def endpoint(_request: Request) -> Response:
        reason = await run_in_threadpool(why_not)
        if reason is None:
            return JSONResponse({"ready": True}, headers={"cache-control": "no-store"})
        return JSONResponse(
            {"ready": False, "reason": reason},
            status_code=503,
            headers={"cache-control": "no-store"},
        )

    return Route(path, endpoint)
