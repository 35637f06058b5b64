"""The routes by which programs read the board: as numbers, and as a picture."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from kpi_core.charts.picture import picture
from kpi_core.charts.png import Busy, NoFont
from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.reports.board import BoardReport, board_report
from kpi_core.reports.plans import UnreadablePlan, plans_in_use, readable_plan
from kpi_core.web.api import models
from kpi_core.web.api.api_error import LONGEST_VALUE, ApiError
from kpi_core.web.api.auth import reader, viewer
from kpi_core.web.api.host import Host, ThisHost
from kpi_core.web.api.import_queue import COME_AGAIN_SECONDS
from kpi_core.web.api.params import BoardQuery, PictureQuery
from kpi_core.web.language import words_of

CHECKED_EACH_TIME = {"cache-control": "private, no-cache"}
DRAWN_BY = secrets.token_hex(8)
"""A restarted server may draw the same report otherwise: other words, other fonts."""
ANSWERS = {
    304: {"description": "Nothing has changed"},
    **models.problems(
        401, 403, 422, 429,
        special={
            404: "There is no such plan, or none at all",
            503: "The server is starting, or cannot read the plan or draw Japanese",
        },
    ),
}  # fmt: skip
ETAG = {
    "headers": {"ETag": {"description": "Stands for this content", "schema": {"type": "string"}}}
}

router = APIRouter()


@router.get(
    "/board",
    operation_id="readBoard",
    summary="The board of a plan: the report that every screen draws",
    response_model=models.Board,
    responses={200: ETAG, **ANSWERS},
    dependencies=[Depends(reader)],
)
def read_board(request: Request, query: Annotated[BoardQuery, Query()], host: ThisHost) -> Response:
    """It changes with the data and the calendar only: send its ETag back as If-None-Match."""
    content = _document(_report(host, query))
    return _answer(request, content, "application/json", lambda: content)


@router.get(
    "/board.png",
    operation_id="drawBoard",
    summary="The board as a picture of 1200 by 630, for chat and mail",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}} | ETAG,
        **ANSWERS,
    },
    dependencies=[Depends(viewer)],
)
def draw_board(
    request: Request,
    query: Annotated[PictureQuery, Query()],
    host: ThisHost,
) -> Response:
    """It is drawn for clients that do not have it yet: send its ETag back as If-None-Match."""
    report, words = _report(host, query), words_of(request)
    today = report.kpi.moment.now.date().isoformat()
    drawn_from = [_document(report).decode(), today, words.language, query.theme, DRAWN_BY]
    try:
        return _answer(
            request,
            json.dumps(drawn_from).encode(),
            "image/png",
            lambda: picture(report, words, query.theme),
        )
    except NoFont:
        raise ApiError(503, "no_font") from None
    except Busy:
        headers = {"retry-after": str(COME_AGAIN_SECONDS)}
        raise ApiError(429, "pictures_busy", headers=headers) from None


def _report(host: Host, query: BoardQuery) -> BoardReport:
    store, now = host.store(), host.now()
    plans = plans_in_use(store)
    if not plans:
        raise ApiError(404, "no_plan")
    plan = query.plan or plans[0]
    if plan not in plans:
        choices = ", ".join(plans)
        raise ApiError(404, "no_such_plan", {"plan": plan[:LONGEST_VALUE], "choices": choices})
    try:
        return board_report(store, plan, now=_as_of(store, plan, query.as_of, now))
    except UnreadablePlan as unreadable:
        raise ApiError(503, "plan_unreadable", {"plan": plan}) from unreadable


def _as_of(store: Store, plan_id: str, moment: datetime | None, now: datetime) -> datetime:
    """The moment asked for, where the plan is run. Never after now."""
    if moment is None:
        return now
    if moment.tzinfo is None:
        plan = readable_plan(store.records.revisions(plan_id), Month.of(now.date()))
        moment = moment.replace(tzinfo=ZoneInfo(plan.calendar.zone))
    return min(moment, now)


def _document(report: BoardReport) -> bytes:
    return models.Board.model_validate(report).model_dump_json().encode()


def _answer(
    request: Request, made_from: bytes, kind: str, content: Callable[[], bytes]
) -> Response:
    """The content, or 304 for a client that has it: by all that it is made from."""
    tag = f'"{sha256(made_from).hexdigest()[:32]}"'
    headers = {"etag": tag, **CHECKED_EACH_TIME}
    known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if "*" in known or tag in (each.removeprefix("W/") for each in known):
        return Response(status_code=304, headers=headers)
    return Response(content(), media_type=kind, headers=headers)
