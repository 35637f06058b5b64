"""What the API needs of the server it lives in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from kpi_core.facts.store import Store
from kpi_core.ingest.raw_archive import RawFiles


@dataclass(frozen=True)
class Host:
    """Each part is asked for at a request, never before one: the server starts meanwhile."""

    why_not_ready: Callable[[], str | None]
    store: Callable[[], Store]
    raw: Callable[[], RawFiles]
    limit_mb: Callable[[], int]
    now: Callable[[], datetime]


def host_of(request: Request) -> Host:
    """The server that a request has reached."""
    host = request.app.state.host
    assert isinstance(host, Host)
    return host


ThisHost = Annotated[Host, Depends(host_of)]
