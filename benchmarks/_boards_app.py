"""The board's server as it is, with one route more that commits a lead of today."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import count

import pandas as pd
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kpi_core.demo.season import CALENDAR
from kpi_core.facts.batch import Batch, Grain
from kpi_core.web.health import health_route
from kpi_core.web.static import CompressedStatic
from pages import _runtime, _wall

NUMBERS = count(1)
WANTED = {"role": "director", "employees": "200", "industry": "it"}
"""What makes a lead count for the demo's KPI."""


def commit_one_lead() -> int:
    """One marketing-qualified lead more, as an import of its own. Gives the new data version."""
    number, now = next(NUMBERS), CALENDAR.local(datetime.now(UTC))
    lead = {"line": 2, "lead": f"bench-{number}"}
    events = pd.DataFrame([lead | {"stage": "marketing_qualified", "occurred_at": now}])
    said = pd.DataFrame([lead | {f"attr_{name}": value for name, value in WANTED.items()}])
    batch = Batch(
        "bench",
        "bench.csv",
        f"bench-{number}",
        "bench",
        "",
        Grain.PUSH,
        rows=1,
        events=events.astype({"occurred_at": "datetime64[us]"}),
        leads=said,
        demo=True,
    )
    _runtime.store().commit(batch, who="bench", now=now)
    return _runtime.store().data_version()


async def commit(_request: Request) -> Response:
    version = await asyncio.to_thread(commit_one_lead)
    return JSONResponse({"version": version, "at": time.time()})


app = st.App(
    _runtime.SHELL,
    lifespan=_runtime.lifespan,
    routes=[
        health_route(_runtime.health),
        Route("/bench/commit", commit, methods=["POST"]),
        *_wall.walls().routes(),
    ],
    middleware=[Middleware(CompressedStatic, copies=_runtime.STATIC_COPIES)],
)
