"""Whether the server can show a board, and how its parts are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass(frozen=True)
class Health:
    """The state of a server. `reason`: why no board can be shown; None where one can.

    `rebuilding` is how far the cache is, in percent; None where it is ready. `readers` counts the
    processes that read files. What is unknown, as before the start is over, is None too. `problems`
    are the codes of what keeps the store from taking, counting or reading facts: the log has more.
    """

    reason: str | None
    rebuilding: int | None = None
    records_ok: bool | None = None
    disk_free_bytes: int | None = None
    readers: int | None = None
    problems: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The state as plain data."""
        cache: dict[str, Any] = {"state": "ready"}
        if self.rebuilding is not None:
            cache = {"state": "rebuilding", "percent": self.rebuilding}
        records = None if self.records_ok is None else "ok" if self.records_ok else "failed"
        return {
            "ready": self.reason is None,
            **({} if self.reason is None else {"reason": self.reason}),
            "cache": None if records is None else cache,
            "records": records,
            "disk_free_bytes": self.disk_free_bytes,
            "readers": None if self.readers is None else {"running": self.readers},
            **({"problems": list(self.problems)} if self.problems else {}),
        }


def free_bytes(folder: Path) -> int | None:
    """The free space where a folder is; None where it cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def health_route(health: Callable[[], Health], path: str = "/healthz") -> Route:
    """The state as JSON, with 503 while no board can be shown."""

    async def endpoint(_request: Request) -> Response:
        found = await run_in_threadpool(health)
        return JSONResponse(
            found.document(),
            status_code=200 if found.reason is None else 503,
            headers={"cache-control": "no-store"},
        )

    return Route(path, endpoint)
