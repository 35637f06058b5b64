"""The board's server as it is, with routes that commit a lead of today and save a plan."""

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
from kpi_core.plans.document import Plan
from kpi_core.plans.revisions import load_plan
from kpi_core.web.health import health_route
from kpi_core.web.static import CompressedStatic
from pages import _lifespan, _runtime, _wall

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
        covers=frozenset({("stage", "marketing_qualified")}),
        demo=True,
    )
    _runtime.store().commit(batch, who="bench", now=now)
    return _runtime.store().data_version()


async def commit(_request: Request) -> Response:
    version = await asyncio.to_thread(commit_one_lead)
    return JSONResponse({"version": version, "at": time.time()})


async def save_plan(request: Request) -> Response:
    text, now = (await request.body()).decode(), CALENDAR.local(datetime.now(UTC))
    saved = await asyncio.to_thread(
        load_plan, _runtime.store(), text, who="bench", why="", effective_from=None, now=now
    )
    assert isinstance(saved, Plan), saved
    return JSONResponse({"plan": saved.id})


app = st.App(
    _runtime.SHELL,
    lifespan=_lifespan.lifespan,
    routes=[
        health_route(_runtime.health),
        Route("/bench/commit", commit, methods=["POST"]),
        Route("/bench/plan", save_plan, methods=["POST"]),
        *_wall.walls().routes(),
    ],
    middleware=[Middleware(CompressedStatic, copies=_lifespan.STATIC_COPIES)],
)
