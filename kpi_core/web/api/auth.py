"""Who calls: the holder of a token, or a display by its key.

No cookie opens the API and no other site is allowed to read it (no CORS), so a page elsewhere
can do nothing in a visitor's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer

from kpi_core.records.displays import KEY
from kpi_core.records.tokens import TokenScope
from kpi_core.reports.plans import wall_clock
from kpi_core.web.api.api_error import ApiError
from kpi_core.web.api.host import Host, host_of
from kpi_core.web.attempts import Attempts
from kpi_core.web.wall.access import Access

REALM = 'Bearer realm="kpi-board"'
MISSING = {"www-authenticate": REALM}
WRONG = {"www-authenticate": f'{REALM}, error="invalid_token"'}
SCOPE_MISSING = f'{REALM}, error="insufficient_scope", scope="{{scope}}"'
WRONG_SCOPE = {
    TokenScope.IMPORTS: "scope_wrong",
    TokenScope.READ: "scope_not_read",
    TokenScope.PLANS: "scope_not_plans",
}
START_SECONDS = 2

Credentials = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(
        HTTPBearer(
            scheme_name="token",
            auto_error=False,
            description="A token, made on the settings page or by `python -m kpi_core token add "
            "NAME`: of scope imports, of scope read for board and plans, or of scope plans to save "
            "plans, too.",
        )
    ),
]
DISPLAY = APIKeyQuery(
    name=KEY,
    scheme_name="display",
    auto_error=False,
    description="The key of a display link, as made by `python -m kpi_core display add NAME`.",
)


class Guard:
    """Slows down who guesses: tokens of a scope each, and keys. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._tokens: Mapping[TokenScope, Attempts] = {
            scope: Attempts(clock) for scope in TokenScope
        }
        self.keys = Attempts(clock)

    def authenticate(
        self, find: Callable[[str], str | None], scope: TokenScope, token: str, address: str
    ) -> str:
        """The name of a token; ApiError for a wrong one, and after many for any unknown one."""
        attempts = self._tokens[scope]
        if wait := attempts.wait_seconds(address, token):
            raise ApiError(429, "too_many_attempts", headers={"retry-after": str(wait)})
        name = find(token)
        if name is None:
            attempts.failed(address, token)
            raise ApiError(401, "token_wrong", headers=WRONG)
        attempts.opened(token)
        return name


def _authenticate(
    request: Request, credentials: Credentials, scope: TokenScope, *others: TokenScope
) -> str:
    """The name of a token's holder: before anything of the request's body is read."""
    token = credentials.credentials.strip() if credentials else ""
    if not token:
        raise ApiError(401, "token_missing", headers=MISSING)
    host = _ready(request)
    guard = request.app.state.guard
    assert isinstance(guard, Guard)
    return guard.authenticate(
        lambda given: _name_of(host, (scope, *others), given), scope, token, _address(request)
    )


def _ready(request: Request) -> Host:
    host = host_of(request)
    if host.why_not_ready() is not None:
        raise ApiError(503, "starting", headers={"retry-after": str(START_SECONDS)})
    return host


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _name_of(host: Host, scopes: Sequence[TokenScope], token: str) -> str | None:
    """The name of a token of one of the scopes; ApiError for one of another scope."""
    store = host.store()
    now = wall_clock(store, host.now())
    for scope in scopes:
        if found := store.records.find_token(token, scope, now):
            return found.name
    if any(store.records.find_token(token, each, now) for each in TokenScope):
        missing = {"www-authenticate": SCOPE_MISSING.format(scope=scopes[0])}
        raise ApiError(403, WRONG_SCOPE[scopes[0]], headers=missing)
    return None


def sender(request: Request, credentials: Credentials) -> str:
    """The name of a program that may import."""
    return _authenticate(request, credentials, TokenScope.IMPORTS)


def reader(request: Request, credentials: Credentials) -> str:
    """The name of a program that may read the board."""
    return _authenticate(request, credentials, TokenScope.READ)


def plan_reader(request: Request, credentials: Credentials) -> str:
    """The name of a program that may read plans."""
    return _authenticate(request, credentials, TokenScope.READ, TokenScope.PLANS)


def planner(request: Request, credentials: Credentials) -> str:
    """The name of a program that may save plans."""
    return _authenticate(request, credentials, TokenScope.PLANS)


def viewer(
    request: Request,
    background: BackgroundTasks,
    credentials: Credentials,
    _key: Annotated[str | None, Depends(DISPLAY)],
) -> None:
    """A program that may read the board, or a display, whose visit is noted."""
    if KEY not in request.query_params:
        reader(request, credentials)
        return
    host = _ready(request)
    store = host.store()
    access = Access(
        store,
        lambda: wall_clock(store, host.now()),
        keys_needed=True,
        attempts=request.app.state.guard.keys,
    )
    visit = access.visit(request)
    if visit.wait_seconds:
        raise ApiError(429, "too_many_keys", headers={"retry-after": str(visit.wait_seconds)})
    if visit.elsewhere:
        raise ApiError(403, "display_elsewhere", {"address": visit.address})
    if not visit.allowed:
        raise ApiError(401, "display_off" if visit.off else "display_unknown", headers=MISSING)
    background.add_task(access.note, visit)
