"""The routes by which programs read the board: as numbers, and as a picture."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kpi_core.charts.picture import NoFont, picture
from kpi_core.domain.calendar import end_of
from kpi_core.domain.period import Month
from kpi_core.facts.store import Store
from kpi_core.i18n.catalog import Language
from kpi_core.records.displays import KEY
from kpi_core.reports.as_json import as_json
from kpi_core.reports.board import BoardReport, board_report
from kpi_core.reports.plans import UnreadablePlan, plans_in_use, readable_plan, wall_clock
from kpi_core.web.attempts import Attempts
from kpi_core.web.bearer import MISSING
from kpi_core.web.params import words_of
from kpi_core.web.refusal import Refusal
from kpi_core.web.wall.access import Access

if TYPE_CHECKING:
    from kpi_core.web.api import Host

READ = ("plan", "as_of", "lang")
DRAWN = (*READ, "theme", KEY)
FIRST_YEAR = 1900
THEMES = ("light", "dark")
CHECKED_EACH_TIME = {"cache-control": "private, no-cache"}
DRAWN_BY = secrets.token_hex(8)
"""A server that is started anew may draw the same report otherwise: other words, other fonts."""
LetIn = Callable[[Request], Awaitable[object]]
"""Raises a Refusal for whoever may not read."""


class Boards:
    """The board's report for programs. `let_in` knows tokens of the scope `read`."""

    def __init__(self, host: Host, let_in: LetIn) -> None:
        self._host = host
        self._let_in = let_in
        self._attempts = Attempts(monotonic)

    async def read(self, request: Request) -> Response:
        """The report that every screen draws, as JSON."""
        await self._let_in(request)
        _check(request.query_params, READ)
        report = await run_in_threadpool(self._report, request.query_params)
        content = json.dumps(document(report), ensure_ascii=False).encode()
        return _answer(request, content, "application/json", lambda: content)

    async def draw(self, request: Request) -> Response:
        """The same report as a picture, for a token or for a display's key."""
        noting = None
        if KEY in request.query_params:
            noting = await run_in_threadpool(self._let_display_in, request)
        else:
            await self._let_in(request)
        _check(request.query_params, DRAWN)
        answer = await run_in_threadpool(self._drawn, request)
        answer.background = noting
        return answer

    def _let_display_in(self, request: Request) -> BackgroundTask:
        """Refusal for whoever's key is not good; else what is to be noted of the display."""
        if self._host.why_not_ready() is not None:
            raise Refusal(503, "starting", headers={"retry-after": "2"})
        store = self._host.store()
        access = Access(
            store,
            lambda: wall_clock(store, self._host.now()),
            keys_needed=True,
            attempts=self._attempts,
        )
        visit = access.visit(request)
        if visit.wait_seconds:
            waiting = {"retry-after": str(visit.wait_seconds)}
            raise Refusal(429, "too_many_keys", headers=waiting)
        if visit.elsewhere:
            raise Refusal(403, "display_elsewhere", {"address": visit.address})
        if not visit.allowed:
            code = "display_off" if visit.off else "display_unknown"
            raise Refusal(401, code, headers=MISSING)
        return BackgroundTask(access.note, visit)

    def _drawn(self, request: Request) -> Response:
        """The picture, which is drawn for those alone who do not have it yet."""
        report, words = self._report(request.query_params), words_of(request)
        theme = request.query_params.get("theme", THEMES[0])
        today = report.kpi.moment.now.date().isoformat()
        told = json.dumps([document(report), today, words.language, theme, DRAWN_BY]).encode()
        try:
            return _answer(
                request, told, "image/png", lambda: picture(report, words, light=theme == THEMES[0])
            )
        except NoFont:
            raise Refusal(503, "no_font") from None

    def _report(self, query: Mapping[str, str]) -> BoardReport:
        store, now = self._host.store(), self._host.now()
        plans = plans_in_use(store)
        if not plans:
            raise Refusal(404, "no_plan")
        plan = query.get("plan") or plans[0]
        if plan not in plans:
            raise Refusal(404, "no_such_plan", {"plan": plan[:80], "choices": ", ".join(plans)})
        try:
            return board_report(store, plan, now=_as_of(store, plan, query.get("as_of", ""), now))
        except UnreadablePlan as unreadable:
            raise Refusal(503, "plan_unreadable", {"plan": plan}) from unreadable


def document(report: BoardReport) -> object:
    """The report as JSON, without the moment of asking: what has not changed stays the same."""
    told = as_json(report)
    for kpi in (told["kpi"], told["second_kpi"]):
        if kpi is not None:
            del kpi["moment"]["now"]
    return told


def _check(query: Mapping[str, str], known: tuple[str, ...]) -> None:
    for name in query:
        if name not in known:
            blanks = {"name": name[:80], "choices": ", ".join(known)}
            raise Refusal(422, "unknown_param", blanks)
    if query.get("lang") and query["lang"] not in list(Language):
        raise Refusal(422, "wrong_lang", {"value": query["lang"][:80]})
    if query.get("theme", THEMES[0]) not in THEMES:
        raise Refusal(422, "wrong_theme", {"value": query["theme"][:80]})


def _as_of(store: Store, plan_id: str, asked: str, now: datetime) -> datetime:
    """The moment asked for, where the plan is run: a day stands for its end. Never after now."""
    if not asked:
        return now
    plan = readable_plan(store.records.revisions(plan_id), Month.of(now.date()))
    try:
        moment = _moment(asked)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(plan.calendar.zone))
        return min(moment, now)
    except (ValueError, OverflowError):
        raise Refusal(422, "wrong_as_of", {"value": asked[:80]}) from None


def _moment(asked: str) -> datetime:
    """A day's end, or a moment; the plus of an offset may have arrived as a space."""
    if "T" in asked:
        moment = datetime.fromisoformat(asked.replace(" ", "+"))
    else:
        moment = end_of(date.fromisoformat(asked))
    if moment.year < FIRST_YEAR:
        raise ValueError(asked)
    return moment


def _answer(request: Request, told: bytes, kind: str, content: Callable[[], bytes]) -> Response:
    """The content, or 304 for whoever has it already: by `told`, everything that it tells."""
    tag = f'"{sha256(told).hexdigest()[:32]}"'
    headers = {"etag": tag, **CHECKED_EACH_TIME}
    known = [each.strip() for each in request.headers.get("if-none-match", "").split(",")]
    if "*" in known or tag in (each.removeprefix("W/") for each in known):
        return Response(status_code=304, headers=headers)
    return Response(content(), media_type=kind, headers=headers)
