"""The routes by which programs read plans and save new revisions of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi import Path as PathParam
from fastapi.concurrency import run_in_threadpool

from kpi_core.facts.store import Store
from kpi_core.i18n.formats import Formats
from kpi_core.plans.document import Plan
from kpi_core.plans.editing.json_document import NotJson, plan_document, plan_text
from kpi_core.plans.errors import Problem
from kpi_core.plans.parse import MAX_CHARACTERS, read_plan
from kpi_core.plans.revisions import load_plan
from kpi_core.records.errors import StoreError
from kpi_core.records.planning.revisions import Revision
from kpi_core.reports.as_json import as_json
from kpi_core.reports.plans import plans_in_use
from kpi_core.web.api import models, plan_models
from kpi_core.web.api.api_error import LONGEST_VALUE, ApiError, Detail
from kpi_core.web.api.auth import plan_reader, planner
from kpi_core.web.api.host import Host, ThisHost
from kpi_core.web.api.imports_api import CREATED
from kpi_core.web.api.params import BaseQuery, PlanQuery, PlanSaveQuery
from kpi_core.web.api.plan_models import PlanState
from kpi_core.web.api.upload import small_body
from kpi_core.web.language import words_of

TOML, JSON = "application/toml", "application/json"
MOST_BYTES = 4 * MAX_CHARACTERS
"""As many as the longest plan has in UTF-8."""
CHECKED_EACH_TIME = {"cache-control": "private, no-cache", "vary": "accept"}
PLAN: dict[str, Any] = {
    TOML: {"schema": {"type": "string", "description": "The plan's text, with its comments"}},
    JSON: {"schema": {"type": "object", "description": "The plan's document; dates are texts"}},
}
ETAG = {
    "headers": {
        "ETag": {"description": "The revision's number, quoted", "schema": {"type": "string"}}
    }
}
NO_PLAN = {404: "There is no such plan, or no such revision of it"}

_SAVING = Lock()
"""Nothing is saved between the comparison with If-Match and the new revision."""

router = APIRouter(prefix="/plans")
ThisPlan = Annotated[str, PathParam(description="The plan's id")]


@router.get(
    "",
    operation_id="listPlans",
    summary="Every plan with its newest revision, in the order of the board",
    responses=models.problems(401, 403, 422, 429, 503),
    dependencies=[Depends(plan_reader)],
)
def list_plans(
    response: Response, _query: Annotated[BaseQuery, Query()], host: ThisHost
) -> plan_models.Plans:
    """Archived and deleted ones are in it, too."""
    response.headers["cache-control"] = "no-store"
    return plan_models.Plans(plans=list(_entries(host.store())))


@router.get(
    "/{plan_id}",
    operation_id="readPlan",
    summary="A plan as TOML, or as JSON for `Accept: application/json`",
    response_class=Response,
    responses={
        200: {"content": PLAN} | ETAG,
        304: {"description": "Nothing has changed"},
        **models.problems(401, 403, 422, 429, 503, special=NO_PLAN),
    },
    dependencies=[Depends(plan_reader)],
)
def read_plan_of(
    request: Request, plan_id: ThisPlan, query: Annotated[PlanQuery, Query()], host: ThisHost
) -> Response:
    """The newest revision, or the one asked for. Send its ETag back as If-Match with a change."""
    revision = _revision(host.store(), plan_id, query.revision)
    headers = {"etag": f'"{revision.revision}"', **CHECKED_EACH_TIME}
    if _names(request.headers.get("if-none-match", ""), revision):
        return Response(status_code=304, headers=headers)
    if not _wants_json(request.headers.get("accept", "")):
        return Response(revision.text, media_type=TOML, headers=headers)
    document = plan_document(revision.text)
    if document is None:
        raise ApiError(503, "plan_unreadable", {"plan": plan_id})
    content = json.dumps(as_json(document), ensure_ascii=False)
    return Response(content, media_type=JSON, headers=headers)


@router.put(
    "/{plan_id}",
    operation_id="savePlan",
    summary="Save a plan as a new revision",
    response_model=plan_models.SavedPlan,
    response_description="The newest revision says the same already: nothing was saved",
    responses={
        200: ETAG,
        CREATED: {
            "model": plan_models.SavedPlan,
            "description": "Saved as a new revision",
            "headers": ETAG["headers"] | {"Location": {"schema": {"type": "string"}}},
        },
        **models.problems(
            401, 403, 408, 411, 412, 413, 415, 429, 503,
            special={422: "The plan has mistakes (`details`), or a parameter cannot be read"},
        ),
    },
    openapi_extra={"requestBody": {"required": True, "content": PLAN}},
)  # fmt: skip
async def save_plan(
    request: Request,
    response: Response,
    plan_id: ThisPlan,
    actor: Annotated[str, Depends(planner)],
    query: Annotated[PlanSaveQuery, Query()],
    host: ThisHost,
    if_match: Annotated[
        str, Header(description="The ETag of the revision that was changed; another one since: 412")
    ] = "",
) -> plan_models.SavedPlan:
    """It is checked as `plan check` does, and all its mistakes are listed. A JSON document keeps
    the comments of the text before. Up to 100,000 characters."""
    too_large = ApiError(413, "plan_too_large", {"bound": f"{MAX_CHARACTERS:,}"})
    body = await small_body(request, MOST_BYTES, too_large)
    is_json = request.headers.get("content-type", "").split(";")[0].strip().lower() == JSON
    sent = SentPlan(host, request, plan_id, if_match)
    saved = await run_in_threadpool(sent.save, body, query, actor, is_json=is_json)
    response.headers["etag"] = f'"{saved.revision}"'
    response.headers["cache-control"] = "no-store"
    if saved.is_new:
        response.status_code = CREATED
        response.headers["location"] = f"{request.url.path}?revision={saved.revision}"
    return saved


class SentPlan:
    """One request's plan on its way into the store."""

    def __init__(self, host: Host, request: Request, plan_id: str, if_match: str) -> None:
        self._host, self._words = host, words_of(request)
        self._plan_id, self._if_match = plan_id, if_match

    def save(
        self, body: bytes, query: PlanSaveQuery, actor: str, *, is_json: bool
    ) -> plan_models.SavedPlan:
        """The newest revision after it; ApiError where the plan has mistakes, or is another's."""
        store = self._host.store()
        with _SAVING:
            before = store.records.revisions(self._plan_id)
            self._check_unchanged(before)
            text = self._text(body, before[-1].text if before else "", is_json=is_json)
            plan = _sound(read_plan(text))
            if plan.id != self._plan_id:
                raise _mistaken(
                    [Detail("id", "plan_id_differs", {"plan": self._plan_id[:LONGEST_VALUE]})]
                )
            now = plan.work_calendar.local(self._host.now())
            try:
                loaded = load_plan(
                    store,
                    text,
                    who=actor,
                    why=query.why,
                    effective_from=query.since,
                    now=now,
                    expected=before[-1].revision if self._if_match and before else None,
                )
            except StoreError as error:
                if error.code == "plan_saved_meanwhile":  # by another process
                    self._check_unchanged(store.records.revisions(self._plan_id))
                raise
            _sound(loaded)
            newest = store.records.revisions(plan.id)[-1]
        return plan_models.SavedPlan(
            id=plan.id,
            revision=newest.revision,
            effective_from=newest.effective_from,
            is_new=newest.revision != (before[-1].revision if before else 0),
        )

    def _check_unchanged(self, saved: tuple[Revision, ...]) -> None:
        """ApiError where If-Match names another revision than the newest."""
        if not self._if_match:
            return
        if not saved:
            raise ApiError(412, "plan_not_saved_yet", {"plan": self._plan_id[:LONGEST_VALUE]})
        newest = saved[-1]
        if not _names(self._if_match, newest):
            day = Formats(self._words.language).moment(newest.at)
            params = {"revision": newest.revision, "who": newest.who, "when": day}
            raise ApiError(412, "plan_changed", params, headers={"etag": f'"{newest.revision}"'})

    def _text(self, body: bytes, kept: str, *, is_json: bool) -> str:
        try:
            content = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _mistaken([Problem("", "not_unicode")]) from None
        if not is_json:
            return content
        try:
            text = plan_text(content, kept)
        except NotJson as mistake:
            if mistake.line is None:
                raise ApiError(422, "plan_not_object") from None
            params = {"line": mistake.line, "column": mistake.column}
            raise ApiError(422, "plan_not_json", params) from None
        if isinstance(text, str):
            return text
        raise _mistaken(text)


def _sound(found: Plan | tuple[Problem, ...]) -> Plan:
    if isinstance(found, Plan):
        return found
    raise _mistaken(found)


def _mistaken(problems: tuple[Problem, ...] | list[Any]) -> ApiError:
    return ApiError(422, "plan_wrong", {"count": len(problems)}, details=problems)


def _entries(store: Store) -> Iterator[plan_models.PlanEntry]:
    """Without the plan of a demo that is gone."""
    used = plans_in_use(store)
    for entry in store.records.plans.entries():
        if entry.is_in_use and entry.plan_id not in used:
            continue
        newest = store.records.revisions(entry.plan_id)[-1]
        plan = read_plan(newest.text)
        state = PlanState.ARCHIVED if entry.archived_at else PlanState.IN_USE
        yield plan_models.PlanEntry(
            id=entry.plan_id,
            name=plan.name if isinstance(plan, Plan) else entry.plan_id,
            kpi=plan.kpi[0].name if isinstance(plan, Plan) else None,
            revision=newest.revision,
            saved_at=newest.at,
            saved_by=newest.who,
            state=PlanState.DELETED if entry.deleted_at else state,
        )


def _revision(store: Store, plan_id: str, number: int | None) -> Revision:
    """A revision by its number, or the newest; ApiError where there is none."""
    revisions = store.records.revisions(plan_id)
    if not revisions:
        choices = ", ".join(store.records.plan_ids())
        raise ApiError(404, "no_such_plan", {"plan": plan_id[:LONGEST_VALUE], "choices": choices})
    if number is None:
        return revisions[-1]
    for each in revisions:
        if each.revision == number:
            return each
    raise ApiError(404, "no_such_revision", {"revision": number, "last": revisions[-1].revision})


def _names(header: str, revision: Revision) -> bool:
    """Whether If-Match or If-None-Match names a revision, quoted or not."""
    tags = [each.strip().removeprefix("W/").strip('"') for each in header.split(",")]
    return "*" in tags or str(revision.revision) in tags


def _wants_json(accept: str) -> bool:
    """Whether JSON is preferred to TOML."""
    weights = {}
    for part in accept.lower().split(","):
        kind, *params = (each.strip() for each in part.split(";"))
        weight = next((each[2:] for each in params if each.startswith("q=")), "1")
        weights[kind] = float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
    return weights.get(JSON, 0.0) > weights.get(TOML, 0.0)
