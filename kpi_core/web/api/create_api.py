"""The API's application, which the server mounts beside the pages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from kpi_core.web.api import board_api, imports_api, models, plans_api
from kpi_core.web.api.api_error import Failures, answer_problem
from kpi_core.web.api.auth import Guard
from kpi_core.web.api.drain import Drain
from kpi_core.web.api.events import SentEvents
from kpi_core.web.api.host import Host
from kpi_core.web.api.import_queue import ImportQueue
from kpi_core.web.api.imports_api import not_cached
from kpi_core.web.api.params import BaseQuery
from kpi_core.web.paths import API, DESCRIPTION

ABOUT = """Send files or events, read what became of them, read the board, read and save plans.
Sending the same content again changes nothing; a corrected file corrects. Answers but the picture
and a plan's own text are JSON, errors `application/problem+json`; sentences are in the language
asked for. Callers need a token (or, for the picture, a display's key): cookies do not count, and
pages of other sites cannot read the answers (no CORS)."""


def create_api(host: Host, base_path: str = "") -> FastAPI:
    """The API under the path that the board is under."""
    api = FastAPI(
        title="KPI board",
        version="1",
        description=ABOUT,
        servers=[{"url": f"/{base_path.strip('/')}".rstrip("/") + API}],
        openapi_url=None,  # served below, so that it is described, too
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # nothing is sent anywhere
        middleware=[Middleware(Drain), Middleware(Failures)],
        exception_handlers={HTTPException: answer_problem, RequestValidationError: answer_problem},
    )
    api.state.host = host
    api.state.guard = Guard()
    api.state.queue = ImportQueue()
    api.include_router(imports_api.router)
    api.include_router(board_api.router)
    api.include_router(plans_api.router)

    @api.get(
        DESCRIPTION,
        operation_id="describe",
        summary="This description",
        responses=models.problems(422),
        dependencies=[Depends(not_cached)],
    )
    def describe(_query: Annotated[BaseQuery, Query()]) -> dict[str, Any]:
        return api.openapi() | _schemas(api.openapi())

    return api


def api_routes(api: FastAPI) -> list[BaseRoute]:
    """Everything under /api, where no page is shown."""
    path = str(api.servers[0]["url"])
    return [Route(path, lambda _: RedirectResponse(path + DESCRIPTION)), Mount(path, api)]


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The components, with the models that no route declares: it streams, or raises."""
    template = "#/components/schemas/{model}"
    _, more = models_json_schema(
        [(SentEvents, "validation"), (models.ProblemDocument, "serialization")],
        ref_template=template,
    )
    components = document["components"]
    return {"components": components | {"schemas": more["$defs"] | components["schemas"]}}
